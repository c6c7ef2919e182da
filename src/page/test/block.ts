// Writes blocks as the core does: for tests, which need runs of any shape.

import type { Kind } from "../data/page_data";

/** What one series has in one interval. */
export class Sink {
  sum = 0;
  samples = 0;
  min = Infinity;
  max = -Infinity;
  value = 0;
  passes = 0;
  zeros = 0;
  readonly negative = new Map<number, number>();
  readonly positive = new Map<number, number>();

  add(value: number): void {
    this.sum += value;
    this.samples += 1;
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
    this.value = value;
    if (value !== 0) this.passes += 1;
    if (Math.abs(value) < 2 ** -1022) {
      this.zeros += 1;
      return;
    }
    const buckets = value > 0 ? this.positive : this.negative;
    const bucket = bucketOf(Math.abs(value));
    buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
  }
}

/** The bucket of a magnitude: that of `metrics/histogram.rs`. */
export function bucketOf(magnitude: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, magnitude);
  const high = bits.getUint32(0);
  const octave = high >>> 20;
  if ((high & 0xfffff) === 0 && bits.getUint32(4) === 0) return octave * 256 - 1;
  const significand = magnitude / 2 ** (octave - 1023);
  return octave * 256 + Math.min(Math.trunc(Math.log2(significand) * 256), 255);
}

export class Block {
  private readonly bytes: number[] = [];

  /** Adds a series: what it has in which interval. */
  series(kind: Kind, rows: ReadonlyMap<number, Sink>): this {
    const sorted = [...rows].sort(([one], [other]) => one - other);
    const sinks = sorted.map(([, sink]) => sink);
    this.varint(sorted.length);
    if (sorted.length === 0) return this;
    sorted.forEach(([interval], at) => this.varint(interval - (sorted[at - 1]?.[0] ?? 0)));
    const column = (of: (sink: Sink) => number): void => this.column(sinks.map(of));
    const varints = (of: (sink: Sink) => number): void => sinks.forEach((sink) => this.varint(of(sink)));
    if (kind === "counter") {
      column((sink) => sink.sum);
      varints((sink) => sink.samples);
    } else if (kind === "gauge") {
      column((sink) => sink.value);
      column((sink) => sink.min);
      column((sink) => sink.max);
      varints((sink) => sink.samples);
    } else if (kind === "rate") {
      varints((sink) => sink.passes);
      varints((sink) => sink.samples);
    } else {
      varints((sink) => sink.samples);
      column((sink) => sink.sum);
      column((sink) => sink.min);
      column((sink) => sink.max);
      varints((sink) => sink.zeros);
      for (const sink of sinks) {
        this.buckets(sink.negative);
        this.buckets(sink.positive);
      }
    }
    return this;
  }

  get all(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.bytes);
  }

  get base64(): string {
    return Buffer.from(this.bytes).toString("base64");
  }

  varint(value: number): void {
    let left = BigInt(value);
    for (; left >= 128n; left >>= 7n) this.bytes.push(Number(left & 127n) | 128);
    this.bytes.push(Number(left));
  }

  column(values: readonly number[]): void {
    const isWhole = (value: number): boolean => Number.isSafeInteger(value) && !Object.is(value, -0);
    const isMicro = (value: number): boolean => isWhole(Math.round(value * 1e6)) && Math.round(value * 1e6) / 1e6 === value;
    const mode = values.every(isWhole) ? 0 : values.every(isMicro) ? 1 : 2;
    this.bytes.push(mode);
    for (const value of values) {
      if (mode === 2) this.float(value);
      else this.signed(mode === 1 ? Math.round(value * 1e6) : value);
    }
  }

  private signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  private float(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    this.bytes.push(...new Uint8Array(view.buffer));
  }

  private buckets(of: ReadonlyMap<number, number>): void {
    const sorted = [...of].sort(([one], [other]) => one - other);
    this.varint(sorted.length);
    sorted.forEach(([bucket, count], at) => {
      this.varint(bucket - (sorted[at - 1]?.[0] ?? 0));
      this.varint(count);
    });
  }
}
