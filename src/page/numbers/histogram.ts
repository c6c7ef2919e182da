// A base-2 exponential histogram of scale 8, the same to the last bit as that of the core (`metrics/histogram.rs`).

import type { Spread } from "../data/columns";

/**
 * The value that stands for a bucket, by its key (see `Columns`): off by the same share from both its bounds.
 *
 * The powers of two between 1 and 2 are computed in whole numbers and rounded once, so that every browser has the same. Only
 * the last digit of the one bucket below 2^-1022 is not the core's.
 */
export function valueOf(key: number): number {
  if (key === 0) return 0;
  const from1 = Math.abs(key) - 1 - ORIGIN;
  const octave = Math.floor(from1 / PER_OCTAVE);
  const size = (POWERS[from1 - octave * PER_OCTAVE] as number) * powerOf2(octave) * MIDDLE;
  return key > 0 ? size : -size;
}

/** The bounds of a bucket by its key: it has what is above the lower one, up to the upper one. */
export function boundsOf(key: number): [lower: number, upper: number] {
  const bound = (steps: number): number => 2 ** ((steps - ORIGIN) / PER_OCTAVE);
  if (key === 0) return [0, 0];
  return key > 0 ? [bound(key - 1), bound(key)] : [-bound(-key), -bound(-key - 1)];
}

/** How many values lie in each bucket: added up from any number of intervals and series. */
export class Buckets {
  private counts = new Float64Array(0);
  private first = 0;
  /** Where the last rank was found, and how many values lie before: ranks are mostly asked for in ascending order. */
  private found = 0;
  private before = 0;

  /** Adds those of some rows of a series. */
  add({ keys, counts, ends }: Spread, firstRow: number, endRow: number): void {
    const from = firstRow === 0 ? 0 : (ends[firstRow - 1] as number);
    let low = Infinity;
    let high = -Infinity;
    let to = from;
    // Keys rise within a row.
    for (let row = firstRow; row < endRow; row += 1) {
      const end = ends[row] as number;
      if (end > to) {
        low = Math.min(low, keys[to] as number);
        high = Math.max(high, keys[end - 1] as number);
      }
      to = end;
    }
    if (to === from) return;
    this.reach(low, high);
    this.found = this.before = 0;
    const { counts: mine, first } = this;
    for (let at = from; at < to; at += 1) {
      const place = (keys[at] as number) - first;
      mine[place] = (mine[place] as number) + (counts[at] as number);
    }
  }

  /** Adds all of another. */
  merge(other: Buckets): void {
    if (other.counts.length === 0) return;
    this.reach(other.first, other.first + other.counts.length - 1);
    this.found = this.before = 0;
    const shift = other.first - this.first;
    other.counts.forEach((count, at) => {
      this.counts[at + shift] = (this.counts[at + shift] as number) + count;
    });
  }

  /** Forgets all counts; the room for them is kept. */
  clear(): void {
    this.counts.fill(0);
    this.found = this.before = 0;
  }

  /** The buckets in use with their counts, from the smallest value to the largest. */
  *[Symbol.iterator](): Generator<[key: number, count: number]> {
    for (let at = 0; at < this.counts.length; at += 1) {
      const count = this.counts[at] as number;
      if (count > 0) yield [this.first + at, count];
    }
  }

  /** The values at `rank` and `rank + 1` (from 0, in ascending order), each to within 0.14 %. */
  valuesAt(rank: number): [lower: number, upper: number] {
    const { counts, first } = this;
    if (rank < this.before) this.found = this.before = 0;
    let [at, counted] = [this.found, this.before];
    while (at < counts.length && counted + (counts[at] as number) <= rank) {
      counted += counts[at] as number;
      at += 1;
    }
    [this.found, this.before] = [at, counted];
    let next = at;
    while (next < counts.length && counted + (counts[next] as number) <= rank + 1) {
      counted += counts[next] as number;
      next += 1;
    }
    const lower = valueOf(first + at);
    // Of the last value there is none behind it.
    return [lower, next === at || next === counts.length ? lower : valueOf(first + next)];
  }

  private reach(low: number, high: number): void {
    const end = this.first + this.counts.length;
    if (this.counts.length > 0 && low >= this.first && high < end) return;
    const isEmpty = this.counts.length === 0;
    const first = (isEmpty ? low : Math.min(low, this.first)) - SPARE;
    const length = (isEmpty ? high + 1 : Math.max(high + 1, end)) + SPARE - first;
    const larger = new Float64Array(length);
    larger.set(this.counts, isEmpty ? 0 : this.first - first);
    this.counts = larger;
    this.first = first;
  }
}

/** Buckets per doubling: two to the power of the scale. */
const PER_OCTAVE = 256;

/** The bucket that begins at 1.0. */
const ORIGIN = 1023 * PER_OCTAVE;

/** `2·b / (1 + b)` for `b = 2^(1/256)`: from the lower bound of a bucket to its middle. */
const MIDDLE = 1.001353802259956;

/** Buckets of room on either side, so that not each new extreme makes a new piece of memory. */
const SPARE = 64;

function powerOf2(exponent: number): number {
  return exponent >= -1022 ? 2 ** exponent : 2 ** -1022 * 2 ** (exponent + 1022);
}

/** 2^(n/256) for n from 0 to 255, each the number nearest to it. */
const POWERS: Float64Array = (() => {
  const bits = 200n;
  let step = 2n << bits;
  for (let halving = 0; halving < 8; halving += 1) step = squareRoot(step << bits);
  const powers = new Float64Array(PER_OCTAVE);
  let power = 1n << bits;
  for (let n = 0; n < PER_OCTAVE; n += 1) {
    powers[n] = Number(power) / 2 ** Number(bits);
    power = (power * step) >> bits;
  }
  return powers;
})();

function squareRoot(of: bigint): bigint {
  let root = 1n << BigInt(of.toString(2).length / 2 + 1 | 0);
  for (;;) {
    const next = (root + of / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
