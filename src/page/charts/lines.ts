// What a chart can draw over time: each line knows how to get its points from the page.

import type { Unit } from "../data/page_data";
import type { Tags } from "../data/store";
import type { Page } from "../shell/page";
import { sweep, sweepTrend, type Bins } from "./bins";

/** A value for each point; null where there is none. */
export type Points = (number | null)[];

export interface Line {
  readonly label: string;
  readonly unit: Unit;
  /** Shown behind values: `/s`. */
  readonly suffix?: string;
  /** Its values are shares from 0 to 1. */
  readonly isShare?: boolean;
  /** Fill below the line. */
  readonly isFilled?: boolean;
  /** Drawn against the axis on the right. */
  readonly isRight?: boolean;
  points(page: Page, bins: Bins): Points;
}

type Options = Pick<Line, "isFilled" | "isRight"> & { readonly tags?: Tags };

/** How much of a counter came a second, or how many values of any other metric. */
export function perSecond(label: string, metric: string, unit: Unit = "default", options: Options = {}): Line {
  return {
    label,
    unit,
    suffix: "/s",
    ...options,
    points(page, bins) {
      const sums = new Float64Array(bins.count);
      sweep(page.report.store.of(metric, options.tags), bins, (columns, row, bin) => {
        const name = columns.kind === "counter" ? "sum" : columns.kind === "rate" ? "total" : "samples";
        sums[bin] = (sums[bin] as number) + columns.column(name).at(row);
      });
      return Array.from(sums, (sum, bin) => sum / (bins.lengths[bin] as number));
    },
  };
}

/** The share of a rate. */
export function share(label: string, metric: string, options: Options = {}): Line {
  return {
    label,
    unit: "default",
    isShare: true,
    ...options,
    points(page, bins) {
      const [passes, totals] = [new Float64Array(bins.count), new Float64Array(bins.count)];
      sweep(page.report.store.of(metric, options.tags), bins, (columns, row, bin) => {
        passes[bin] = (passes[bin] as number) + columns.column("passes").at(row);
        totals[bin] = (totals[bin] as number) + columns.column("total").at(row);
      });
      return Array.from(totals, (total, bin) => (total > 0 ? (passes[bin] as number) / total : null));
    },
  };
}

/** The last value of a gauge, which stays until the next one; of several series their sum. */
export function level(label: string, metric: string, unit: Unit = "default", options: Options = {}): Line {
  return {
    label,
    unit,
    ...options,
    points(page, bins) {
      const sums: Points = Array.from({ length: bins.count }, () => null);
      for (const { columns } of page.report.store.of(metric, options.tags)) {
        let next = columns.intervals.placeOf(bins.from);
        let value = next > 0 ? columns.column("value").at(next - 1) : null;
        for (let bin = 0; bin < bins.count; bin += 1) {
          const end = bins.from + (bin + 1) * bins.size;
          for (; next < columns.length && columns.intervals.at(next) < end; next += 1) value = columns.column("value").at(next);
          if (value !== null) sums[bin] = (sums[bin] ?? 0) + value;
        }
      }
      return sums;
    },
  };
}

/** Percentiles of a trend over time, a line each: `med`, `p(95)`, `max` and so on. */
export function percentiles(metric: string, names: readonly string[], unit: Unit = "time", options: Options = {}): Line[] {
  let known: { key: string; all: Points[] } | null = null;
  const all = (page: Page, bins: Bins): Points[] => {
    const { store } = page.report;
    const key = [store.intervalMs, store.version, bins.from, bins.size, bins.count].join();
    if (known?.key === key) return known.all;
    const points = names.map((): Points => Array.from({ length: bins.count }, () => null));
    sweepTrend(store.of(metric, options.tags), bins, (merged, bin) => {
      names.forEach((name, at) => {
        (points[at] as Points)[bin] =
          name === "max" ? merged.max : name === "min" ? merged.min : name === "avg" ? merged.avg : merged.percentile(placeOf(name));
      });
    });
    known = { key, all: points };
    return points;
  };
  return names.map((name, at): Line => ({ label: name, unit, ...options, points: (page, bins) => all(page, bins)[at] as Points }));
}

function placeOf(name: string): number {
  return name === "med" ? 50 : Number(name.slice(2, -1));
}
