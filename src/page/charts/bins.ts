// The points in time of a chart: neighbouring intervals together where there are more than a screen can show.

import type { ColumnName, Columns } from "../data/columns";
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

/** What a column of these series adds up to in each point; `of` says which column, by the kind of a series. */
export function sumsOf(series: readonly Series[], bins: Bins, of: (columns: Columns) => ColumnName): Float64Array {
  const sums = new Float64Array(bins.count);
  const { from, size } = bins;
  for (const { columns } of series) {
    const [first, end] = columns.rows(from, from + bins.count * size);
    const [intervals, values] = [columns.intervals.memory, columns.column(of(columns)).memory];
    for (let row = first; row < end; row += 1) {
      const bin = Math.floor(((intervals[row] as number) - from) / size);
      sums[bin] = (sums[bin] as number) + (values[row] as number);
    }
  }
  return sums;
}

/** What these series of a trend have in each point, one after the other: `each` must read it before the next. */
export function sweepTrend(series: readonly Series[], bins: Pick<Bins, "from" | "size" | "count">, each: (merged: MergedTrend, bin: number) => void): void {
  const merged = new MergedTrend();
  const all = series.map(({ columns }) => ({ columns, spread: columns.spread, next: columns.intervals.placeOf(bins.from) }));
  for (let bin = 0; bin < bins.count; bin += 1) {
    merged.clear();
    const until = bins.from + (bin + 1) * bins.size;
    for (const one of all) {
      const { length, intervals } = one.columns;
      let end = one.next;
      while (end < length && intervals.at(end) < until) end += 1;
      merged.add(one.spread, one.next, end);
      one.next = end;
    }
    if (merged.samples > 0) each(merged, bin);
  }
}
