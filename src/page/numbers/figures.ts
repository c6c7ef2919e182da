// The figures of a metric by their names, exact where the summary has them.

import type { SummaryMetric, Unit } from "../data/page_data";
import type { Merged } from "./merged";

/** A figure with how sure it is: percentiles of a window come from buckets, which are right to within 0.2 %. */
export interface Figure {
  readonly value: number;
  readonly isExact: boolean;
}

/** The figures of one metric, or of some of its series, in a window. */
export interface Figures {
  readonly kind: Merged["kind"];
  readonly unit: Unit;
  /**
   * A figure by its name; null where there is none.
   *
   * Counters have `count` and `rate`; gauges `value`, `min`, `max`; rates `rate`, `passes`, `fails`; trends `count`, `sum`,
   * `avg`, `min`, `med`, `max` and any `p(N)`. All have `samples`.
   */
  get(name: string): Figure | null;
}

/** Puts them together: what the summary has of the whole run first, then what the window's merge gives. */
export function figuresOf(
  merged: Merged | null,
  unit: Unit,
  summary: SummaryMetric | undefined,
  seconds: number,
): Figures | null {
  const kind = merged?.kind ?? summary?.type;
  if (kind === undefined) return null;
  return {
    kind,
    unit,
    get(name) {
      const told = summary !== undefined && Object.hasOwn(summary.values, name) ? summary.values[name] : undefined;
      if (typeof told === "number") return { value: told, isExact: true };
      const found = merged === null ? null : figureOf(merged, name, seconds);
      return found === null ? null : { value: found, isExact: !isPercentile(name) };
    },
  };
}

function figureOf(merged: Merged, name: string, seconds: number): number | null {
  if (name === "samples") return merged.samples;
  switch (merged.kind) {
    case "counter":
      if (name === "count") return merged.sum;
      return name === "rate" && seconds > 0 ? merged.sum / seconds : null;
    case "gauge":
      return name === "value" ? merged.value : name === "min" ? merged.min : name === "max" ? merged.max : null;
    case "rate":
      if (name === "passes") return merged.passes;
      if (name === "fails") return merged.samples - merged.passes;
      return name === "rate" ? merged.passes / merged.samples : null;
    case "trend": {
      const percentile = name === "med" ? 50 : Number(/^p\(([\d.]+)\)$/.exec(name)?.[1] ?? NaN);
      if (!Number.isNaN(percentile)) return merged.percentile(percentile);
      const plain = { count: merged.samples, sum: merged.sum, avg: merged.avg, min: merged.min, max: merged.max };
      return Object.hasOwn(plain, name) ? plain[name as keyof typeof plain] : null;
    }
  }
}

function isPercentile(name: string): boolean {
  return name === "med" || name.startsWith("p(");
}
