// The points in time of a chart: neighbouring intervals together where there are more than a screen can show.

import type { Columns } from "../data/columns";
import type { Series } from "../data/store";
import { MergedTrend } from "../numbers/merged";
import type { Page } from "../shell/page";

/** Points of a chart; each is `size` intervals, the first begins at interval `from`. */
export interface Bins {
  readonly from: number;
  readonly size: number;
  readonly count: number;
  /** Where each begins, and its middle: in seconds since the run began. */
  readonly starts: Float64Array;
  readonly middles: Float64Array;
  /** How long each is, in seconds: the first and the last can be shorter. */
  readonly lengths: Float64Array;
}

/** The points of the window, at most so many. They begin at multiples of their size, so that they stay while more comes. */
export function binsOf(page: Page, most = 240): Bins {
  const { intervalMs, count: all } = page.report.store;
  const span = { from: page.span.from, to: Math.min(page.span.to, all) };
  const size = sizeOf(span.to - span.from, most);
  const from = Math.floor(span.from / size) * size;
  const count = Math.max(Math.ceil((span.to - from) / size), 0);
  const [starts, middles, lengths] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  const last = Math.max((page.report.until - page.report.began) / 1e3, 0);
  for (let at = 0; at < count; at += 1) {
    const begin = ((from + at * size) * intervalMs) / 1e3;
    const end = ((from + (at + 1) * size) * intervalMs) / 1e3;
    // Of an interval that is not over yet, what is over.
    const isCut = end > last && at === count - 1 && last > begin;
    lengths[at] = (isCut ? last : end) - begin;
    starts[at] = begin;
    middles[at] = (begin + end) / 2;
  }
  return { from, size, count, starts, middles, lengths };
}

function sizeOf(intervals: number, most: number): number {
  const least = Math.max(Math.ceil(intervals / most), 1);
  for (let power = 1; ; power *= 10) {
    for (const step of [1, 2, 5]) if (step * power >= least) return step * power;
  }
}

/** Calls `each` with every row of these series in these points, and the point that it falls into. */
export function sweep(series: readonly Series[], bins: Bins, each: (columns: Columns, row: number, bin: number) => void): void {
  for (const { columns } of series) {
    const [first, end] = columns.rows(bins.from, bins.from + bins.count * bins.size);
    for (let row = first; row < end; row += 1) {
      each(columns, row, Math.floor((columns.intervals.at(row) - bins.from) / bins.size));
    }
  }
}

/** What these series of a trend have in each point, one after the other: `each` must read it before the next. */
export function sweepTrend(series: readonly Series[], bins: Bins, each: (merged: MergedTrend, bin: number) => void): void {
  const merged = new MergedTrend();
  for (let bin = 0; bin < bins.count; bin += 1) {
    merged.clear();
    const from = bins.from + bin * bins.size;
    for (const { columns } of series) merged.add(columns, ...columns.rows(from, from + bins.size));
    if (merged.samples > 0) each(merged, bin);
  }
}
