// What a trend has in each point of a chart, kept: points lie at multiples of their size, so most of a window's were in the one before.

import type { Store, Tags } from "../data/store";
import type { MergedTrend } from "../numbers/merged";
import { sweepTrend, type Bins } from "./bins";

/** The figures of a point, in the order of their names; null where nothing came. */
type Figures = readonly (number | null)[] | null;

interface Kept {
  readonly version: number;
  /** By what they are of, then by the number of the point. */
  readonly points: Map<string, Map<number, Figures>>;
}

const kept = new WeakMap<Store, Kept>();

/** These figures (`med`, `p(95)`, `avg`, `max` …) of a metric, or of its series that have these tags, point by point. */
export function figuresIn(store: Store, metric: string, tags: Tags, names: readonly string[], { from, size, count }: Bins): Figures[] {
  let known = kept.get(store);
  if (known?.version !== store.version) kept.set(store, (known = { version: store.version, points: new Map() }));
  const key = JSON.stringify([metric, tags, names, size]);
  const points = known.points.get(key) ?? new Map<number, Figures>();
  known.points.set(key, points);
  const first = from / size;
  for (let at = first; at < first + count; at += 1) {
    if (points.has(at)) continue;
    const begin = at;
    for (; at < first + count && !points.has(at); at += 1) points.set(at, null);
    sweepTrend(store.of(metric, tags), { from: begin * size, size, count: at - begin }, (merged, bin) => {
      points.set(begin + bin, names.map((name) => figureOf(merged, name)));
    });
  }
  return Array.from({ length: count }, (_, bin) => points.get(first + bin) ?? null);
}

function figureOf(merged: MergedTrend, name: string): number | null {
  if (name === "max" || name === "min" || name === "avg") return merged[name];
  return merged.percentile(name === "med" ? 50 : Number(name.slice(2, -1)));
}
