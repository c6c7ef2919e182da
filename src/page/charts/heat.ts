// How many values of which size came when: the cells of a heat map, from the buckets of a trend.

import type { Series } from "../data/store";
import { boundsOf } from "../numbers/histogram";
import { sweep, type Bins } from "./bins";

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
  sweep(series, bins, (columns, row) => {
    // Keys rise within an interval, those of positive values last.
    const last = columns.ends.at(row) - 1;
    let first = columns.beginOf(row);
    while (first <= last && columns.keys.at(first) <= 0) first += 1;
    if (first > last) return;
    low = Math.min(low, columns.keys.at(first));
    high = Math.max(high, columns.keys.at(last));
  });
  if (low > high) return null;
  const size = Math.max(Math.ceil((high - low + 1) / mostRows), LEAST_BUCKETS);
  const bottom = Math.floor(low / size);
  const rows = Math.floor(high / size) - bottom + 1;
  const cells = new Float64Array(rows * bins.count);
  const top = bottom + rows - 1;
  sweep(series, bins, (columns, row, bin) => {
    const [keys, counts] = [columns.keys.memory, columns.counts.memory];
    for (let at = columns.beginOf(row), end = columns.ends.at(row); at < end; at += 1) {
      const key = keys[at] as number;
      if (key <= 0) continue;
      const place = (top - Math.floor(key / size)) * bins.count + bin;
      cells[place] = (cells[place] as number) + (counts[at] as number);
    }
  });
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

/** Buckets of a row at least: a row is 2^(1/32), some 2 %. */
const LEAST_BUCKETS = 8;
