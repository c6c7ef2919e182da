// How many values of which size came when: the cells of a heat map, from the buckets of a trend.

import type { Spread } from "../data/columns";
import type { Series } from "../data/store";
import { boundsOf } from "../numbers/histogram";
import type { Bins } from "./bins";

export interface Heat {
  readonly bins: Bins;
  /** Rows from the largest values to the smallest; row 0 is on top. */
  readonly rows: number;
  /** How many values each cell has: row by row. */
  readonly cells: Float64Array;
  /** The most that a cell has. */
  readonly most: number;
  /** What lies in a row: above the first, up to the second. */
  boundsOf(row: number): [lower: number, upper: number];
}

/** The cells; null where there is no value above 0. Values that are 0 or negative have no place on a logarithmic axis. */
export function heatOf(series: readonly Series[], bins: Bins, mostRows = 36): Heat | null {
  let [low, high] = [Infinity, -Infinity];
  const all = rowsIn(series, bins);
  for (const { spread: { keys, ends }, first, end } of all) {
    let begin = first === 0 ? 0 : (ends[first - 1] as number);
    for (let row = first; row < end; row += 1) {
      // Keys rise within an interval, those of positive values last.
      const last = (ends[row] as number) - 1;
      let at = begin;
      while (at <= last && (keys[at] as number) <= 0) at += 1;
      if (at <= last) {
        low = Math.min(low, keys[at] as number);
        high = Math.max(high, keys[last] as number);
      }
      begin = last + 1;
    }
  }
  if (low > high) return null;
  const size = Math.max(Math.ceil((high - low + 1) / mostRows), LEAST_BUCKETS);
  const bottom = Math.floor(low / size);
  const rows = Math.floor(high / size) - bottom + 1;
  const cells = new Float64Array(rows * bins.count);
  const top = bottom + rows - 1;
  for (const { spread: { keys, counts, ends }, intervals, first, end } of all) {
    let at = first === 0 ? 0 : (ends[first - 1] as number);
    for (let row = first; row < end; row += 1) {
      const bin = Math.floor(((intervals[row] as number) - bins.from) / bins.size);
      for (; at < (ends[row] as number); at += 1) {
        const key = keys[at] as number;
        if (key <= 0) continue;
        const place = (top - Math.floor(key / size)) * bins.count + bin;
        cells[place] = (cells[place] as number) + (counts[at] as number);
      }
    }
  }
  return {
    bins,
    rows,
    cells,
    most: cells.reduce((most, count) => Math.max(most, count), 0),
    boundsOf(row) {
      const first = (top - row) * size;
      return [boundsOf(Math.max(first, 1))[0], boundsOf(first + size - 1)[1]];
    },
  };
}

/** The rows of these trends that lie in these points. */
function rowsIn(series: readonly Series[], { from, size, count }: Bins): { spread: Spread; intervals: Float64Array; first: number; end: number }[] {
  return series.map(({ columns }) => {
    const [first, end] = columns.rows(from, from + count * size);
    return { spread: columns.spread, intervals: columns.intervals.memory, first, end };
  });
}

/** Buckets of a row at least: a row is 2^(1/32), some 2 %. */
const LEAST_BUCKETS = 8;
