import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../data/store";
import { boundsOf, valueOf } from "../numbers/histogram";
import { merge, MergedTrend } from "../numbers/merged";
import vectors from "../../metrics/trend/vectors.json";
import { Block, bucketOf, Sink } from "./block";

/** These values as a store has them: cut into so many intervals. */
function mergedOf(values: readonly number[], intervals: number): MergedTrend {
  const rows = new Map<number, Sink>();
  values.forEach((value, at) => {
    const sink = rows.get(at % intervals) ?? new Sink();
    sink.add(value);
    rows.set(at % intervals, sink);
  });
  const store = new Store(1);
  const metrics = [{ name: "a", kind: "trend" as const, unit: "time" as const }];
  store.take({ count: intervals, metrics, texts: [], series: [[0]] }, new Block().series("trend", rows).all);
  const merged = merge("trend", store.of("a"), { from: 0, to: intervals });
  assert.ok(merged instanceof MergedTrend);
  return merged;
}

for (const { name, values, sum, min, max, negative, zeros, positive, percentiles } of vectors) {
  test(`what the core says of ${name} is what the page says, to the last bit`, () => {
    const keys = [...negative.map(([bucket, count]) => [-((bucket as number) + 1), count]).reverse(), ...(zeros > 0 ? [[0, zeros]] : []), ...positive.map(([bucket, count]) => [(bucket as number) + 1, count])];
    for (const intervals of [1, 7]) {
      const merged = mergedOf(values, intervals);
      assert.deepEqual([...merged.buckets], keys);
      assert.deepEqual([merged.samples, merged.min, merged.max], [values.length, min, max]);
      if (intervals === 1) assert.equal(merged.sum, sum);
      for (const [p, expected] of percentiles as [number, number][]) assert.equal(merged.percentile(p), expected, `p(${p})`);
    }
  });
}

test("a bucket says its values to within 0.14 %, and lies within its bounds", () => {
  for (const value of [2 ** -1022, 1e-300, 0.1, 1, 1.5, 3, 1e300, Number.MAX_VALUE]) {
    const key = bucketOf(value) + 1;
    assert.ok(Math.abs(valueOf(key) / value - 1) < 0.0014, `${value}: ${valueOf(key)}`);
    assert.equal(valueOf(-key), -valueOf(key));
    const [lower, upper] = boundsOf(key);
    assert.ok(lower < value * (1 + 1e-12) && value <= upper * (1 + 1e-12), `${lower} ${value} ${upper}`);
  }
});
