import assert from "node:assert/strict";
import { test } from "node:test";

import { formatBytes, formatClock, formatDuration, formatNumber, formatPercent, short } from "../text/format";
import { pictures, shown } from "../text/names";

test("a time has three significant digits, cut and never rounded up", () => {
  const cases: [number, string][] = [
    [0, "0s"],
    [0.00032, "320ns"],
    [0.9473205, "947µs"],
    [0.0349999, "34.9µs"],
    [12.5, "12.5ms"],
    [99.999, "99.9ms"],
    [999.99, "999ms"],
    [1200, "1.20s"],
    [59_999, "59.9s"],
    [60_000, "1m00s"],
    [65_400, "1m05.4s"],
    [3_723_000, "1h02m"],
    [-12.5, "-12.5ms"],
    [Infinity, "Inf"],
  ];
  for (const [ms, text] of cases) assert.equal(formatDuration(ms), text);
});

test("an instant of a run is told in the units that it needs", () => {
  assert.deepEqual([0, 400, 1050, 12_300, 65_000, 3_725_000].map(formatClock), ["0s", "0.4s", "1.05s", "12.3s", "1m05s", "1h02m05s"]);
});

test("bytes have two digits", () => {
  assert.deepEqual([0, 845, 999.6, 1234, 12_345_678, 9.96e9].map(formatBytes), ["0 B", "845 B", "1.0 kB", "1.2 kB", "12 MB", "10 GB"]);
});

test("whole numbers are told in full, others with three digits", () => {
  assert.deepEqual([0, 126, 1_234_567, 40.7613, 0.0123456, 1234.5, -3].map(formatNumber), ["0", "126", "1,234,567", "40.7", "0.0123", "1,234", "-3"]);
});

test("a share is never rounded up to all of it", () => {
  assert.deepEqual([0, 1, 0.99999, 0.995, 0.00491, 0.1234].map(formatPercent), ["0%", "100%", "99.99%", "99.50%", "0.491%", "12.34%"]);
});

test("limits lose the zeros at their end, and no others", () => {
  assert.deepEqual(["40.0ms", "1.00%", "100ms", "1.20s", "1,000", "0.490%"].map(short), ["40ms", "1%", "100ms", "1.2s", "1,000", "0.49%"]);
});

test("a name is shown with pictures for what cannot be seen, and no longer than 200 characters", () => {
  assert.equal(shown("a\u0001b\u202ec\u007f\ud800"), "a␁b\\u202ec␡\\ud800");
  assert.equal(shown("é".repeat(200)), "é".repeat(200));
  assert.equal([...shown("🙂".repeat(100_000))].length, 201);
  assert.equal(pictures("<b>&amp;"), "<b>&amp;");
});
