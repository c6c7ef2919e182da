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
  const each = (visit: (key: number, count: number, bin: number) => void): void =>
    sweep(series, bins, (columns, row, bin) => {
      for (let at = columns.beginOf(row); at < columns.ends.at(row); at += 1) {
        const key = columns.keys.at(at);
        if (key > 0) visit(key, columns.counts.at(at), bin);
      }
    });
  each((key) => {
    low = Math.min(low, key);
    high = Math.max(high, key);
  });
  if (low > high) return null;
  const size = Math.max(Math.ceil((high - low + 1) / mostRows), LEAST_BUCKETS);
  const bottom = Math.floor(low / size);
  const rows = Math.floor(high / size) - bottom + 1;
  const cells = new Float64Array(rows * bins.count);
  each((key, count, bin) => {
    const place = (rows - 1 - (Math.floor(key / size) - bottom)) * bins.count + bin;
    cells[place] = (cells[place] as number) + count;
  });
  return {
    bins,
    rows,
    cells,
    most: cells.reduce((most, count) => Math.max(most, count), 0),
    boundsOf(row) {
      const first = (bottom + rows - 1 - row) * size;
      return [boundsOf(Math.max(first, 1))[0], boundsOf(first + size - 1)[1]];
    },
  };
}

/** Buckets of a row at least: a row is 2^(1/32), some 2 %. */
const LEAST_BUCKETS = 8;
