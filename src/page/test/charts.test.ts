import assert from "node:assert/strict";
import { test } from "node:test";

import { roundBetween } from "../charts/axes";
import { binsOf } from "../charts/bins";
import { heatOf } from "../charts/heat";
import { level, percentiles, perSecond, share } from "../charts/lines";
import type { Kind } from "../data/page_data";
import { readReport } from "../data/report";
import { Page } from "../shell/page";
import { Block, Sink } from "./block";
import { syntheticRun } from "./synthetic";

interface Made {
  readonly name: string;
  readonly kind: Kind;
  readonly rows: Record<number, number[]>;
}

/** A run of so many seconds that has these series. */
async function pageOf(seconds: number, ...made: readonly Made[]): Promise<Page> {
  const run = syntheticRun({ seconds, intervalMs: 1000 });
  const block = new Block();
  for (const { kind, rows } of made) {
    const sinks = Object.entries(rows).map(([interval, values]): [number, Sink] => {
      const sink = new Sink();
      values.forEach((value) => sink.add(value));
      return [Number(interval), sink];
    });
    block.series(kind, new Map(sinks));
  }
  const metrics = made.map(({ name, kind }) => ({ name, kind, unit: "default" as const }));
  const history = { ...run.history, count: seconds, metrics, texts: [], series: made.map((_, at) => [at]), data: block.base64 };
  return new Page(await readReport(JSON.stringify({ ...run, history })));
}

test("points are neighbours together where there are more than a screen can show, and stay where they are", async () => {
  const page = await pageOf(1000, { name: "a", kind: "counter", rows: {} });
  const { size, count, starts } = binsOf(page, 240);
  assert.deepEqual([size, count, starts[1]], [5, 200, 5]);
  page.select({ from: 3, to: 777 });
  const window = binsOf(page, 240);
  assert.deepEqual([window.from, window.size, window.count], [0, 5, 156]);
  page.select({ from: 10, to: 20 });
  assert.deepEqual([binsOf(page).size, binsOf(page).count], [1, 10]);
});

test("a rate over time counts what came, also where nothing did, and an interval that is not over by its own length", async () => {
  const page = await pageOf(4, { name: "a", kind: "counter", rows: { 0: [2, 4], 3: [5] } });
  const at = (until: number): (number | null)[] => {
    page.become({ ...page.report, until: page.report.began + until });
    return perSecond("a", "a").points(page, binsOf(page));
  };
  assert.deepEqual(at(4000), [6, 0, 0, 5]);
  assert.deepEqual(at(3500), [6, 0, 0, 10]);
});

test("a level stays until the next one, also from before the window; a share is of what came", async () => {
  const page = await pageOf(6, { name: "g", kind: "gauge", rows: { 1: [5, 7], 4: [2] } }, { name: "r", kind: "rate", rows: { 1: [1, 0], 2: [1] } });
  assert.deepEqual(level("g", "g").points(page, binsOf(page)), [null, 7, 7, 7, 2, 2]);
  assert.deepEqual(share("r", "r").points(page, binsOf(page)), [null, 0.5, 1, null, null, null]);
  page.select({ from: 2, to: 5 });
  assert.deepEqual(level("g", "g").points(page, binsOf(page)), [7, 7, 2]);
});

test("percentiles over time are those of each point alone", async () => {
  const page = await pageOf(3, { name: "t", kind: "trend", rows: { 0: [1, 2, 3], 2: [10] } });
  const [med, max, avg] = percentiles("t", ["med", "max", "avg"]).map((line) => line.points(page, binsOf(page)));
  assert.ok(Math.abs((med?.[0] ?? 0) - 2) < 0.01);
  assert.deepEqual([med?.[1], med?.[2], max, avg], [null, 10, [3, null, 10], [2, null, 10]]);
});

test("a logarithmic axis has round values, as many as have room", () => {
  assert.deepEqual(roundBetween(12.5, 206, 7), [20, 50, 100, 200]);
  assert.deepEqual(roundBetween(0.0009, 0.3, 5), [0.001, 0.005, 0.01, 0.05, 0.1]);
  assert.deepEqual(roundBetween(210, 480, 7), [300, 400]);
  for (const low of [1.01, 1.51, 3.01, 9.01]) assert.ok(roundBetween(low, low * 1.69, 7).length > 0, String(low));
  assert.deepEqual(roundBetween(0.5, 2e6, 7), [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]);
});

test("points of a window are those of the whole run, whichever was asked for first, until more of the run comes", async () => {
  const rows = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [at, [at + 1, 2 * at + 1, 7]]));
  const made = { name: "t", kind: "trend" as const, rows };
  const [line] = percentiles("t", ["p(95)"]);
  const at = (page: Page, from: number, to: number): (number | null)[] => {
    page.select({ from, to });
    return line?.points(page, binsOf(page)) ?? [];
  };
  const all = at(await pageOf(41, made), 0, 41);
  const page = await pageOf(41, made);
  for (const [from, to] of [[10, 20], [5, 12], [30, 41], [0, 41], [15, 25]] as const) assert.deepEqual(at(page, from, to), all.slice(from, to), `${from} to ${to}`);
  const sink = new Sink();
  sink.add(1e6);
  page.report.store.take({ count: 41, metrics: [], texts: [], series: [] }, new Block().series("trend", new Map([[12, sink]])).all);
  assert.deepEqual(at(page, 11, 14), [all[11], 1e6, all[13]]);
});

test("a heat map has every positive value in a cell that says its size", async () => {
  const rows = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [at, [0, -3, 0.2 * (at + 1), 5, 900]]));
  const page = await pageOf(60, { name: "t", kind: "trend", rows });
  const heat = heatOf(page.report.store.of("t"), binsOf(page), 30);
  assert.ok(heat !== null && heat.rows <= 31);
  assert.equal(heat.cells.reduce((sum, count) => sum + count, 0), 180);
  const rowOf = (value: number): number => Array.from({ length: heat.rows }, (_, row) => row).findIndex((row) => value > heat.boundsOf(row)[0] && value <= heat.boundsOf(row)[1]);
  for (const [bin, value] of [[0, 0.2], [10, 5], [59, 900]] as const) assert.ok((heat.cells[rowOf(value) * heat.bins.count + bin] ?? 0) >= 1, String(value));
  assert.equal(heatOf((await pageOf(2, { name: "t", kind: "trend", rows: { 0: [0, -1] } })).report.store.of("t"), binsOf(page)), null);
});
