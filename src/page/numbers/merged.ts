// What a window has: the merge of its intervals, of one series or of several of one metric.

import type { Columns, Spread } from "../data/columns";
import type { Kind } from "../data/page_data";
import type { Series } from "../data/store";
import { Buckets } from "./histogram";

/** Interval numbers: from the first, up to and not including the second. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface MergedCounter {
  readonly kind: "counter";
  readonly samples: number;
  readonly sum: number;
}

export interface MergedGauge {
  readonly kind: "gauge";
  readonly samples: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

export interface MergedRate {
  readonly kind: "rate";
  /** Of all values, which are `samples`. */
  readonly passes: number;
  readonly samples: number;
}

export type Merged = MergedCounter | MergedGauge | MergedRate | MergedTrend;

/** Values of a trend: exact in number, sum and extremes, to within 0.2 % in its percentiles. */
export class MergedTrend {
  readonly kind = "trend";
  samples = 0;
  sum = 0;
  min = Infinity;
  max = -Infinity;
  readonly buckets = new Buckets();

  /** Forgets all values. */
  clear(): void {
    this.samples = this.sum = 0;
    this.min = Infinity;
    this.max = -Infinity;
    this.buckets.clear();
  }

  /** The mean; null without values. */
  get avg(): number | null {
    return this.samples === 0 ? null : this.sum / this.samples;
  }

  /**
   * The value below which `p` percent of the values lie; null without values.
   *
   * The rule is that of `metrics/trend.rs`, to the last bit: place `p · (n − 1)`, between its two neighbours.
   */
  percentile(p: number): number | null {
    if (this.samples === 0) return null;
    const last = this.samples - 1;
    const position = (Math.min(Math.max(p, 0), 100) / 100) * last;
    const rank = Math.floor(position);
    const share = position - rank;
    if (rank === 0 && share === 0) return this.min;
    if (rank >= last) return this.max;
    const [lower, upper] = this.buckets.valuesAt(rank);
    return Math.min(Math.max(lower + (upper - lower) * share, this.min), this.max);
  }

  /** Adds rows of a series. */
  add(spread: Spread, first: number, end: number): void {
    if (first >= end) return;
    const { samples, sums, lows, highs } = spread;
    let { samples: counted, min, max } = this;
    let added = 0;
    for (let row = first; row < end; row += 1) {
      counted += samples[row] as number;
      added += sums[row] as number;
      min = Math.min(min, lows[row] as number);
      max = Math.max(max, highs[row] as number);
    }
    this.samples = counted;
    this.sum += added;
    this.min = min;
    this.max = max;
    this.buckets.add(spread, first, end);
  }
}

/**
 * All of these series in a window, whose metric has this kind.
 *
 * The sums of a series are added up in the order of its intervals, those of several in the order of the series: floating
 * sums depend on it, and the core does the same.
 */
export function merge(kind: Kind, series: readonly Series[], span: Span): Merged {
  const all = series.map((one): Rows => [one.columns, ...one.columns.rows(span.from, span.to)]);
  return MERGE[kind](all.filter(([, first, end]) => first < end));
}

type Rows = [columns: Columns, first: number, end: number];

const MERGE: Record<Kind, (all: readonly Rows[]) => Merged> = {
  counter: (all) => ({ kind: "counter", samples: total(all, "samples"), sum: total(all, "sum") }),
  rate: (all) => ({ kind: "rate", samples: total(all, "total"), passes: total(all, "passes") }),
  gauge(all) {
    let [value, min, max, latest] = [0, Infinity, -Infinity, -1];
    for (const [columns, first, end] of all) {
      const [lows, highs] = [columns.column("min").memory, columns.column("max").memory];
      for (let row = first; row < end; row += 1) {
        min = Math.min(min, lows[row] as number);
        max = Math.max(max, highs[row] as number);
      }
      // The latest of all series; of those that were told in one interval the last one, as the core has it.
      const last = columns.intervals.at(end - 1);
      if (last >= latest) [value, latest] = [columns.column("value").at(end - 1), last];
    }
    return { kind: "gauge", samples: total(all, "samples"), value, min, max };
  },
  trend(all) {
    const merged = new MergedTrend();
    for (const [columns, first, end] of all) merged.add(columns.spread, first, end);
    return merged;
  },
};

function total(all: readonly Rows[], name: "sum" | "samples" | "passes" | "total"): number {
  let sum = 0;
  for (const [columns, first, end] of all) {
    const column = columns.column(name).memory;
    let own = 0;
    for (let row = first; row < end; row += 1) own += column[row] as number;
    sum += own;
  }
  return sum;
}
