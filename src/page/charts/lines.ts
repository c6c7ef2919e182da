// What a chart can draw over time: each line knows how to get its points from the page.

import type { Unit } from "../data/page_data";
import type { Tags } from "../data/store";
import type { Page } from "../shell/page";
import { sumsOf, type Bins } from "./bins";
import { figuresIn } from "./trend_points";

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
      const sums = sumsOf(page.report.store.of(metric, options.tags), bins, ({ kind }) => (kind === "counter" ? "sum" : kind === "rate" ? "total" : "samples"));
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
      const series = page.report.store.of(metric, options.tags);
      const [passes, totals] = [sumsOf(series, bins, () => "passes"), sumsOf(series, bins, () => "total")];
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
  const { tags = {} } = options;
  return names.map((name, at): Line => ({
    label: name,
    unit,
    ...options,
    points: ({ report: { store } }, bins) => figuresIn(store, metric, tags, names, bins).map((figures) => figures?.[at] ?? null),
  }));
}
