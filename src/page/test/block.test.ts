import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";

import { unpacked } from "../data/bytes";
import type { Kind } from "../data/page_data";
import { Store } from "../data/store";
import { merge, MergedTrend } from "../numbers/merged";
import { Block, Sink } from "./block";

const METRICS = (["counter", "gauge", "rate", "trend"] as const).map((kind) => ({ name: `a_${kind}`, kind, unit: "default" as const }));

function sinkOf(...values: number[]): Sink {
  const sink = new Sink();
  values.forEach((value) => sink.add(value));
  return sink;
}

/** A series of each kind with these values in these intervals. */
function blockOf(rows: Record<number, number[]>): Block {
  const block = new Block();
  const sinks = new Map(Object.entries(rows).map(([interval, values]) => [Number(interval), sinkOf(...values)]));
  for (const { kind } of METRICS) block.series(kind, sinks);
  return block;
}

function storeOf(rows: Record<number, number[]>, count = 10): Store {
  const store = new Store(1000);
  store.take({ count, metrics: METRICS, texts: [], series: METRICS.map((_, at) => [at]) }, blockOf(rows).all);
  return store;
}

function told(store: Store, kind: Kind, from = 0, to = 10): unknown {
  const merged = merge(kind, store.of(`a_${kind}`), { from, to });
  if (!(merged instanceof MergedTrend)) return merged;
  const { samples, sum, min, max, buckets } = merged;
  return { samples, sum, min, max, buckets: [...buckets].map(([, count]) => count) };
}

test("each kind comes out of a block as it went in, window by window", () => {
  const store = storeOf({ 0: [1, 2.5], 3: [-4, 0, 1e-320], 9: [1 / 3] });
  assert.deepEqual(told(store, "counter"), { kind: "counter", samples: 6, sum: 1 + 2.5 + -4 + 1e-320 + 1 / 3 });
  assert.deepEqual(told(store, "gauge", 0, 4), { kind: "gauge", samples: 5, value: 1e-320, min: -4, max: 2.5 });
  assert.deepEqual(told(store, "rate", 3), { kind: "rate", samples: 4, passes: 3 });
  assert.deepEqual(told(store, "trend", 0, 9), { samples: 5, sum: -0.5, min: -4, max: 2.5, buckets: [1, 2, 1, 1] });
  assert.deepEqual(told(store, "trend", 4, 9), { samples: 0, sum: 0, min: Infinity, max: -Infinity, buckets: [] });
});

test("an interval that is told again replaces the one before, wherever it lies", () => {
  const store = storeOf({ 1: [1], 4: [4], 6: [6] });
  store.take({ count: 12, metrics: [], texts: [], series: [] }, blockOf({ 0: [10], 4: [40, 41], 11: [7] }).all);
  const whole = storeOf({ 0: [10], 1: [1], 4: [40, 41], 6: [6], 11: [7] }, 12);
  for (const { kind } of METRICS) assert.deepEqual(told(store, kind, 0, 12), told(whole, kind, 0, 12));
  assert.equal(store.count, 12);
});

test("new series come behind those that are known", () => {
  const store = storeOf({ 1: [1] });
  const block = blockOf({ 2: [2] }).series("counter", new Map([[2, sinkOf(5)]]));
  store.take({ count: 3, metrics: [], texts: ["name", "new"], series: [[0, 0, 1]] }, block.all);
  assert.deepEqual(merge("counter", store.of("a_counter", { name: "new" }), { from: 0, to: 3 }), { kind: "counter", samples: 1, sum: 5 });
  assert.deepEqual(store.valuesOf("a_counter", "name"), ["new"]);
  assert.deepEqual(told(store, "counter"), { kind: "counter", samples: 3, sum: 8 });
});

test("a block that is cut anywhere, or goes on, is refused and changes nothing", () => {
  const { all } = blockOf({ 0: [1, -2], 3: [0.1, 1e300] });
  const store = storeOf({ 5: [1] });
  const before = JSON.stringify(METRICS.map(({ kind }) => told(store, kind)));
  const take = (bytes: Uint8Array): void => store.take({ count: 10, metrics: [], texts: [], series: [] }, bytes);
  for (let length = 0; length < all.length; length += 1) assert.throws(() => take(all.subarray(0, length)), RangeError);
  assert.throws(() => take(Uint8Array.from([...all, 0])), /goes on/);
  assert.equal(JSON.stringify(METRICS.map(({ kind }) => told(store, kind))), before);
});

test("a block with intervals or buckets that cannot be is refused", () => {
  const only = (bytes: number[]): (() => void) => () => new Store(1).take({ count: 3, metrics: METRICS, texts: [], series: [[0]] }, Uint8Array.from(bytes));
  assert.throws(only([2, 1, 0]), /twice/);
  assert.throws(only([1, 3]), /after the last/);
  assert.throws(only([4]), /more intervals/);
  assert.throws(only([1, 0, 3]), /unknown mode/);
  assert.throws(only(Array.from({ length: 11 }, () => 255)), /without an end/);
});

test("of a series in which nothing came a block says nothing else", () => {
  const store = new Store(1);
  const block = new Block().series("trend", new Map()).series("counter", new Map([[1, sinkOf(3)]]));
  store.take({ count: 2, metrics: METRICS, texts: [], series: [[3], [0]] }, block.all);
  assert.deepEqual(merge("counter", store.of("a_counter"), { from: 0, to: 2 }), { kind: "counter", samples: 1, sum: 3 });
});

test("the value of a gauge of several series is the latest of all, and of those in one interval that of the last series", () => {
  const store = new Store(1);
  const gauge = { name: "depth", kind: "gauge" as const, unit: "default" as const };
  const [early, late, again] = [new Map([[0, sinkOf(1)], [4, sinkOf(9, 3)]]), new Map([[2, sinkOf(7)]]), new Map([[1, sinkOf(5)], [4, sinkOf(6)]])];
  const block = new Block().series("gauge", early).series("gauge", late);
  store.take({ count: 6, metrics: [gauge], texts: ["of", "a", "b"], series: [[0, 0, 1], [0, 0, 2]] }, block.all);
  const value = (from: number, to: number): unknown => {
    const merged = merge("gauge", store.of("depth"), { from, to });
    return merged.kind === "gauge" ? merged.value : null;
  };
  assert.deepEqual([value(0, 6), value(0, 3), value(0, 2), value(3, 6)], [3, 7, 1, 3]);
  const more = new Block().series("gauge", new Map()).series("gauge", new Map()).series("gauge", again);
  store.take({ count: 6, metrics: [], texts: ["c"], series: [[0, 0, 3]] }, more.all);
  assert.deepEqual([value(0, 6), value(0, 4), value(0, 2)], [6, 7, 5]);
});

test("names that objects have of themselves are names like any other", () => {
  const store = new Store(1);
  const metrics = ["__proto__", "constructor", "toString"].map((name) => ({ name, kind: "counter" as const, unit: "default" as const }));
  const block = new Block();
  metrics.forEach((_, at) => block.series("counter", new Map([[0, sinkOf(at + 1)]])));
  store.take({ count: 1, metrics, texts: ["__proto__", "x"], series: metrics.map((_, at) => [at, 0, 1]) }, block.all);
  for (const [at, { name }] of metrics.entries()) {
    assert.deepEqual(merge("counter", store.of(name), { from: 0, to: 1 }), { kind: "counter", samples: 1, sum: at + 1 });
    assert.deepEqual(store.valuesOf(name, "__proto__"), ["x"]);
  }
});

test("base64 is read, and inflated where it was deflated", async () => {
  const { all } = blockOf({ 0: [1], 7: [2] });
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  assert.deepEqual(await unpacked(base64(all), "none"), all);
  assert.deepEqual(await unpacked(base64(deflateSync(all)), "deflate"), all);
  await assert.rejects(unpacked(base64(deflateSync(all).subarray(0, 8)), "deflate"));
  await assert.rejects(unpacked(base64(all), "brotli"), /does not know/);
});
