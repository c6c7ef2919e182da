// What one series has in each interval, column by column.

import type { Reader } from "./bytes";
import { Growable } from "./growable";
import type { Kind } from "./page_data";

const NAMES = {
  counter: ["sum", "samples"],
  gauge: ["value", "min", "max", "samples"],
  rate: ["passes", "total"],
  trend: ["samples", "sum", "min", "max"],
} as const satisfies Record<Kind, readonly string[]>;

export type ColumnName = (typeof NAMES)[Kind][number];

/** What a trend has in each row: `ends` says where the buckets of a row end, which are in `keys` and `counts`. */
export interface Spread {
  readonly samples: Float64Array;
  readonly sums: Float64Array;
  readonly lows: Float64Array;
  readonly highs: Float64Array;
  readonly keys: Float64Array;
  readonly counts: Float64Array;
  readonly ends: Float64Array;
}

/**
 * The intervals of a series in which something came, in ascending order, and what came.
 *
 * Buckets of trends have a key each, which rises with the values in it: `bucket + 1` for positive ones, 0 for zeros,
 * `-(bucket + 1)` for negative ones. Those of interval `row` lie from `ends[row - 1]` to `ends[row]`, ascending.
 */
export class Columns {
  readonly intervals = new Growable();
  readonly keys = new Growable(0);
  readonly counts = new Growable(0);
  readonly ends = new Growable(0);
  private readonly columns = new Map<string, Growable>();

  constructor(readonly kind: Kind) {
    for (const name of NAMES[kind]) this.columns.set(name, new Growable());
  }

  get length(): number {
    return this.intervals.length;
  }

  /** A column of this kind of metric. */
  column(name: ColumnName): Growable {
    const column = this.columns.get(name);
    if (column === undefined) throw new Error(`a ${this.kind} has no column ${name}`);
    return column;
  }

  /** The columns of a trend in their memory, valid until more is put in: to look one up takes as long as to read some rows. */
  get spread(): Spread {
    const [samples, sums] = [this.column("samples").memory, this.column("sum").memory];
    const [lows, highs] = [this.column("min").memory, this.column("max").memory];
    return { samples, sums, lows, highs, keys: this.keys.memory, counts: this.counts.memory, ends: this.ends.memory };
  }

  /** Where the buckets of a row begin. */
  beginOf(row: number): number {
    return row === 0 ? 0 : this.ends.at(row - 1);
  }

  /** The rows of the intervals from `from` up to, not including, `to`. */
  rows(from: number, to: number): [first: number, end: number] {
    return [this.intervals.placeOf(from), this.intervals.placeOf(to)];
  }

  /** Puts in what was told later: an interval that is told again replaces the one before. */
  put(newer: Columns): void {
    if (newer.length === 0) return;
    const place = this.intervals.placeOf(newer.intervals.at(0));
    const tail = new Columns(this.kind);
    for (let row = place; row < this.length; row += 1) tail.take(this, row);
    this.cut(place);
    let old = 0;
    for (let row = 0; row < newer.length; row += 1) {
      const interval = newer.intervals.at(row);
      for (; old < tail.length && tail.intervals.at(old) < interval; old += 1) this.take(tail, old);
      if (old < tail.length && tail.intervals.at(old) === interval) old += 1;
      this.take(newer, row);
    }
    for (; old < tail.length; old += 1) this.take(tail, old);
  }

  private take(other: Columns, row: number): void {
    this.intervals.push(other.intervals.at(row));
    for (const [name, column] of this.columns) column.push(other.column(name as ColumnName).at(row));
    if (this.kind !== "trend") return;
    for (let at = other.beginOf(row); at < other.ends.at(row); at += 1) {
      this.keys.push(other.keys.at(at));
      this.counts.push(other.counts.at(at));
    }
    this.ends.push(this.keys.length);
  }

  private cut(length: number): void {
    const buckets = this.kind === "trend" && length > 0 ? this.ends.at(length - 1) : 0;
    this.intervals.cut(length);
    for (const column of this.columns.values()) column.cut(length);
    for (const of of [this.keys, this.counts]) of.cut(buckets);
    this.ends.cut(length);
  }
}

/** Reads what a block says of one series. */
export function readColumns(reader: Reader, kind: Kind, count: number): Columns {
  const columns = new Columns(kind);
  const n = reader.varint();
  if (n > count) throw new RangeError("its data has more intervals than there are");
  for (let row = 0, interval = 0; row < n; row += 1) {
    const gap = reader.varint();
    if (row > 0 && gap === 0) throw new RangeError("its data has an interval twice");
    interval += gap;
    if (interval >= count) throw new RangeError("its data has an interval after the last");
    columns.intervals.push(interval);
  }
  // Where nothing came nothing is written, not even how.
  if (n > 0) READ[kind](reader, columns, n);
  return columns;
}

const READ: Record<Kind, (reader: Reader, columns: Columns, n: number) => void> = {
  counter(reader, columns, n) {
    reader.column(n, columns.column("sum"));
    varints(reader, columns.column("samples"), n);
  },
  gauge(reader, columns, n) {
    for (const name of ["value", "min", "max"] as const) reader.column(n, columns.column(name));
    varints(reader, columns.column("samples"), n);
  },
  rate(reader, columns, n) {
    varints(reader, columns.column("passes"), n);
    varints(reader, columns.column("total"), n);
  },
  trend(reader, columns, n) {
    varints(reader, columns.column("samples"), n);
    for (const name of ["sum", "min", "max"] as const) reader.column(n, columns.column(name));
    const zeros = new Growable(n);
    varints(reader, zeros, n);
    for (let row = 0; row < n; row += 1) readBuckets(reader, columns, zeros.at(row));
  },
};

function varints(reader: Reader, into: Growable, n: number): void {
  for (let row = 0; row < n; row += 1) into.push(reader.varint());
}

function readBuckets(reader: Reader, columns: Columns, zeros: number): void {
  const negative = bucketsOf(reader);
  for (const [bucket, count] of negative.reverse()) push(columns, -(bucket + 1), count);
  if (zeros > 0) push(columns, 0, zeros);
  for (const [bucket, count] of bucketsOf(reader)) push(columns, bucket + 1, count);
  columns.ends.push(columns.keys.length);
}

function bucketsOf(reader: Reader): [bucket: number, count: number][] {
  const found: [number, number][] = [];
  let bucket = 0;
  for (let left = reader.varint(); left > 0; left -= 1) {
    bucket += reader.varint();
    if (bucket >= BUCKETS) throw new RangeError("its data has a bucket that no number falls into");
    found.push([bucket, reader.varint()]);
  }
  return found;
}

function push(columns: Columns, key: number, count: number): void {
  columns.keys.push(key);
  columns.counts.push(count);
}

/** All buckets of finite numbers: 256 for each power of two. */
const BUCKETS = 2047 * 256;
