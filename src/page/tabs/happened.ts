// What failed and what ended, in a window: how often, and when for the first and the last time. Pure.

import type { Happened } from "../data/page_data";
import type { Span } from "../numbers/merged";

/** One way to fail or to end, in a window. */
export interface Told {
  readonly what: Happened;
  readonly count: number;
  /** When, in milliseconds since the run began, to within an interval. */
  readonly first: number;
  readonly last: number;
  /** How often it came in equal stretches of the window. */
  readonly course: number[];
}

const STRETCHES = 60;

/** What happened in a window; what did not is not told. */
export function within(happened: readonly Happened[], span: Span, intervalMs: number): Told[] {
  const stretches = Math.max(0, Math.min(STRETCHES, span.to - span.from));
  return happened.flatMap((what): Told[] => {
    const course = new Array<number>(stretches).fill(0);
    let [count, first, last] = [0, Infinity, -1];
    for (const [interval, often] of what.counts) {
      if (interval < span.from || interval >= span.to) continue;
      count += often;
      first = Math.min(first, interval);
      last = Math.max(last, interval);
      const at = Math.floor(((interval - span.from) * stretches) / (span.to - span.from));
      course[at] = (course[at] ?? 0) + often;
    }
    return count > 0 ? [{ what, count, first: first * intervalMs, last: last * intervalMs, course }] : [];
  });
}

/** A line for a chart: a key's counts by interval. */
export interface Counted {
  readonly label: string;
  readonly counts: ReadonlyMap<number, number>;
  readonly total: number;
}

/** Added up by what `label` says, the most frequent first; those past `most` are one, called `rest`. */
export function ranked(happened: readonly Happened[], label: (one: Happened) => string, most: number, rest: string): Counted[] {
  const sums = new Map<string, Map<number, number>>();
  const add = (key: string, counts: Iterable<readonly [number, number]>): void => {
    const sum = sums.get(key) ?? new Map<number, number>();
    sums.set(key, sum);
    for (const [interval, often] of counts) sum.set(interval, (sum.get(interval) ?? 0) + often);
  };
  for (const one of happened) add(label(one), one.counts);
  const all = [...sums].map(([of, counts]): Counted => {
    const total = [...counts.values()].reduce((sum, often) => sum + often, 0);
    return { label: of, counts, total };
  });
  all.sort((a, b) => b.total - a.total);
  if (all.length <= most) return all;
  const kept = all.slice(0, most - 1);
  const counts = new Map<number, number>();
  let total = 0;
  for (const one of all.slice(most - 1)) {
    total += one.total;
    for (const [interval, often] of one.counts) counts.set(interval, (counts.get(interval) ?? 0) + often);
  }
  return [...kept, { label: rest, counts, total }];
}
