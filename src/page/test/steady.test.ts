import assert from "node:assert/strict";
import { test } from "node:test";

import { steadyState } from "../brush/steady";
import { generator } from "./made";

/** Work with chance in it: as many as come when each of `at` comes on its own. */
function noisy(length: number, at: (share: number) => number): Float64Array {
  const random = generator(3);
  return Float64Array.from({ length }, (_, interval) => {
    const mean = at((interval + 0.5) / length);
    const normal = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    return Math.max(Math.round(mean + Math.sqrt(mean) * normal), 0);
  });
}

const ramp = (most: number) => (share: number): number => most * Math.min(share / 0.3, 1, (1 - share) / 0.1);

test("the plateau of a ramp is its steady state", () => {
  for (const most of [20, 400]) {
    const span = steadyState(noisy(600, ramp(most)));
    assert.ok(span !== null);
    assert.ok(span.from >= 150 && span.from <= 200 && span.to >= 530 && span.to <= 570, JSON.stringify({ most, ...span }));
  }
});

test("a run without a ramp is steady to its ends", () => {
  assert.deepEqual(steadyState(new Float64Array(250).fill(40)), { from: 0, to: 250 });
  assert.deepEqual(steadyState(new Float64Array(20).fill(3)), { from: 0, to: 20 });
});

test("of two plateaus the longer one counts, but not if it is a lull", () => {
  const steps = noisy(500, (share) => (share < 0.3 ? 900 : share < 0.9 ? 1500 : 100));
  const span = steadyState(steps);
  assert.ok(span !== null && span.from >= 145 && span.from <= 165 && span.to >= 435 && span.to <= 455, JSON.stringify(span));
  const lull = steadyState(noisy(500, (share) => (share < 0.3 ? 1500 : 100)));
  assert.ok(lull !== null && lull.to <= 155, JSON.stringify(lull));
});

test("what never settles has no steady state", () => {
  assert.equal(steadyState(Float64Array.from({ length: 400 }, (_, at) => 1000 * 1.02 ** at)), null);
  assert.equal(steadyState(new Float64Array(300)), null);
  assert.equal(steadyState(new Float64Array(3).fill(5)), null);
});
