import assert from "node:assert/strict";
import { test } from "node:test";

import { readReport, Unreadable } from "../data/report";
import { judged, marginText, standingOf, type Judged } from "../numbers/thresholds";
import { Page } from "../shell/page";
import { verdictOf } from "../shell/verdict";
import { syntheticRun } from "./synthetic";

const run = syntheticRun({ seconds: 60, intervalMs: 1000, isFailed: true });
const read = (changes: object = {}): ReturnType<typeof readReport> => readReport(JSON.stringify({ ...run, ...changes }));

test("what cannot be read is told in a sentence", async () => {
  const cases: [Promise<unknown>, RegExp][] = [
    [readReport('{"format": 1, "too'), /no valid JSON/],
    [readReport("null"), /no data of a run/],
    [readReport("[]"), /no data of a run/],
    [read({ format: 3 }), /format 3 \(written by k6ws 0.9.0\), which is newer than the 2/],
    [read({ format: 1 }), /older.*k6ws report/],
    [read({ history: { ...run.history, texts: run.history.texts.slice(1) } }), /cannot be read: its data has a tag of a text that is not listed/],
    [read({ history: { ...run.history, data: run.history.data.slice(0, 400) } }), /cannot be read: its data ends too early/],
    [read({ history: { ...run.history, data: "$$$" } }), /cannot be read/],
    [read({ history: undefined }), /cannot be read/],
  ];
  for (const [reading, text] of cases) {
    await assert.rejects(reading, (error) => error instanceof Unreadable && text.test(error.message));
  }
});

test("the figures of all of a run are those of the summary, those of a window are of its intervals", async () => {
  const page = new Page(await read());
  const told: string[] = [];
  page.listen((change) => told.push(change));
  assert.deepEqual(page.figures("ws_req_duration")?.get("p(95)"), { value: run.summary.metrics["ws_req_duration"]?.values["p(95)"], isExact: true });
  const near = page.figures("ws_req_duration", { name: "say" })?.get("med");
  assert.ok(near !== null && near !== undefined && !near.isExact && near.value > 0);
  const all = page.figures("ws_reqs")?.get("count")?.value ?? 0;
  page.select({ from: 0, to: 30 });
  const first = page.figures("ws_reqs")?.get("count")?.value ?? 0;
  page.select({ from: 30, to: 900 });
  const rest = page.figures("ws_reqs")?.get("count");
  assert.equal(first + (rest?.value ?? 0), all);
  assert.equal(rest?.isExact, true);
  assert.deepEqual(page.span, { from: 30, to: 60 });
  assert.equal(page.seconds, 30);
  page.select({ from: -5, to: 60 });
  assert.ok(page.isWhole);
  assert.deepEqual(told, ["span", "span", "span"]);
  assert.equal(page.figures("constructor"), null);
});

test("a window stays where it is when intervals become longer", async () => {
  const page = new Page(await read());
  page.select({ from: 20, to: 41 });
  page.become(await readReport(JSON.stringify(syntheticRun({ seconds: 60, intervalMs: 10_000 }))));
  assert.deepEqual(page.span, { from: 2, to: 5 });
});

test("thresholds have figure and limit, those that do not hold first", async () => {
  const [first, second] = judged((await read()).summary);
  assert.deepEqual([first?.threshold.figure, first?.threshold.operator, first?.valueText, first?.limitText], ["p(99)", "<", "61.2ms", "40ms"]);
  assert.ok(Math.abs((first?.margin ?? 0) + 0.53125) < 1e-12);
  assert.equal(second?.threshold.ok, true);
  assert.ok((second?.margin ?? 0) > 0);
});

const THRESHOLD = { metric: "a", expression: "", ok: true, value: 1, no_data: false, figure: "value", operator: "<", limit: 1, window: "", undecided: false };

test("a threshold with a window says it, and one of which nobody can say does not fail on the page", async () => {
  const summary = (await read()).summary;
  const thresholds = [{ ...THRESHOLD, ok: false, value: null, window: "10s", undecided: true }];
  const [one] = judged({ ...summary, thresholds });
  assert.deepEqual([one?.limitText, one?.margin, one?.times], ["1 over 10s", null, null]);
  assert.deepEqual(thresholds.map((threshold) => standingOf(threshold)[0]), ["?"]);
});

test("what is many times its limit is said in times, where there is such a number", async () => {
  const summary = (await read()).summary;
  const texts = (operator: string, limit: number, ...values: number[]): string[] =>
    values.map((value) => marginText(judged({ ...summary, thresholds: [{ ...THRESHOLD, operator, limit, value }] })[0] as Judged));
  assert.deepEqual(texts("<", 10, 5, 15, 100, 137, -200), ["+50.00%", "−50.00%", "×10", "×13.7", "+2100.00%"]);
  assert.deepEqual(texts(">", 10, 5, 15, 1220, -200), ["−50.00%", "+50.00%", "×122", "−2100.00%"]);
  assert.deepEqual(texts(">", -10, 90, -100), ["+1000.00%", "−900.00%"]);
});

test("the verdict is said in sentences", async () => {
  const failed = verdictOf(await read());
  assert.equal(failed.word, "FAILED");
  assert.match(failed.sentences[0] ?? "", /^1 of 4 thresholds does not hold: ws_req_duration\{name:say\} p\(99\) is 61\.2ms, 53\.1\d% above its limit of 40ms\.$/);
  assert.match(failed.sentences[1] ?? "", /^Up to 50 VUs made [\d,]+ iterations in 1m00s, with [\d,]+ WebSocket requests/);
  const passed = verdictOf(await readReport(JSON.stringify(syntheticRun({ seconds: 2, intervalMs: 100, isDoubted: true }))));
  assert.deepEqual([passed.word, passed.tone], ["PASSED", "good"]);
  assert.match(passed.sentences[0] ?? "", /^All 4 thresholds hold; the closest: checks rate is 99\.51%, 0\.515% above its limit of 99%\.$/);
  assert.equal(passed.sentences.length, 3);
  assert.match(passed.sentences[2] ?? "", /was a limit itself.*chat\.py:41/);
  const failure = { cause: "connect_refused", status: null, count: 1, message: "", hint: null, body: null };
  const troubled = { ...run.summary.run, exceptions: [{ count: 2 }, { count: 4 }], connection_failures: [failure], iterations_interrupted: 1 };
  const metrics = { ...run.summary.metrics, dropped_iterations: { type: "counter" as const, contains: "default" as const, values: { count: 1319, rate: 1 } } };
  const troubles = verdictOf(await read({ summary: { ...run.summary, metrics, run: troubled } })).sentences;
  assert.equal(troubles[2], "Not in order: 6 exceptions, 1 failed connection, 1 interrupted iteration, 1,319 dropped iterations.");
  const aborted = verdictOf(await read({ summary: { ...run.summary, thresholds: [], exit_code: 107 } }));
  assert.equal(aborted.word, "FAILED");
  assert.match(aborted.sentences[0] ?? "", /nothing was judged.*exit code 107/);
  assert.equal(verdictOf(await read({ state: "running", summary: { ...run.summary, thresholds: [], exit_code: 0 } })).word, "RUNNING");
});
