import assert from "node:assert/strict";
import { test } from "node:test";

import type { Happened } from "../data/page_data";
import { readReport } from "../data/report";
import { selectorOf } from "../numbers/selector";
import { Page } from "../shell/page";
import { checkRows } from "../tabs/check_rows";
import { excerptOf } from "../tabs/excerpt";
import { ranked, within } from "../tabs/happened";
import { metricRows, tagKeys } from "../tabs/metric_rows";
import { mostMade, requestRows } from "../tabs/request_rows";
import { syntheticRun } from "./synthetic";

const end = (code: number, counts: [number, number][]): Happened => ({ kind: "end", cause: "", status: null, code, by: "server", reason: "", counts });

test("what happened is counted within the window, with its first and last time", () => {
  const happened = [end(1000, [[0, 2], [5, 1], [9, 4]]), end(1011, [[9, 1]])];
  const told = within(happened, { from: 1, to: 9 }, 100);
  assert.deepEqual(told.map(({ count, first, last }) => [count, first, last]), [[1, 500, 500]]);
  assert.deepEqual(told[0]?.course, [0, 0, 0, 0, 1, 0, 0, 0]);
  const all = within(happened, { from: 0, to: 10 }, 100);
  assert.deepEqual(all.map(({ count }) => count), [7, 1]);
  assert.equal(all[0]?.course.reduce((sum, often) => sum + often), 7);
});

test("the most frequent kinds have a line each, all others share one, and none is lost", () => {
  const happened = [end(1000, [[0, 1]]), end(1001, [[0, 5]]), end(1002, [[1, 3]]), end(1000, [[2, 1]]), end(1003, [[2, 1]])];
  const lines = ranked(happened, (one) => String(one.code), 3, "all others");
  assert.deepEqual(lines.map(({ label, total }) => [label, total]), [["1001", 5], ["1002", 3], ["all others", 3]]);
  assert.deepEqual([...(lines[2]?.counts ?? [])], [[0, 1], [2, 2]]);
});

test("selectors are read as the core reads them", () => {
  const holds = (name: string, tags: Record<string, string>): boolean | null => selectorOf(name)?.matches(new Map(Object.entries(tags))) ?? null;
  assert.equal(holds("m{name:say}", { name: "say" }), true);
  assert.equal(holds("m{ name : say , code:101}", { name: "say" }), false);
  assert.equal(holds("m{group:::outer::inner}", { group: "::outer::inner" }), true);
  assert.equal(holds("m{code!=101}", {}), true);
  assert.equal(holds("m{code!=101}", { code: "101" }), false);
  assert.equal(holds("m{name:cha*m}", { name: "charm" }), true);
  assert.equal(holds("m{name:a*b*a}", { name: "aba" }), true);
  assert.equal(holds("m{name:aa*aa}", { name: "aaa" }), false);
  assert.equal(holds('m{name:"a,b*}"}', { name: "a,b*}" }), true);
  assert.equal(holds("m{name:*}", {}), false);
  for (const wrong of ["m{", "m{}", "{a:b}", "m{a}", 'm{a:"b}', "m{a:b,}"]) assert.equal(selectorOf(wrong), null, wrong);
  assert.equal(selectorOf("m")?.text, "");
});

test("the lines around a place are those of the script, and of no other file", () => {
  const source = "a\nb\nc\nd\n";
  assert.equal(excerptOf("/x/chat.py", source, "chat.py:2"), "  1  a\n> 2  b\n  3  c\n  4  d");
  assert.equal(excerptOf("chat.py", source, "other.py:2"), null);
  assert.equal(excerptOf("chat.py", source, "chat.py:99"), null);
  assert.equal(excerptOf("chat.py", source, "chat.py"), null);
  assert.equal(excerptOf("chat.py", null, "chat.py:1"), null);
});

const pageOf = async (shape: Parameters<typeof syntheticRun>[0]): Promise<Page> => new Page(await readReport(JSON.stringify(syntheticRun(shape))));

test("requests by name add up to all requests, in the whole and in a window", async () => {
  const page = await pageOf({ seconds: 10, intervalMs: 100, names: 12 });
  for (const span of [null, { from: 20, to: 61 }]) {
    page.select(span);
    const rows = requestRows(page);
    assert.equal(rows.length, 12);
    const made = rows.reduce((sum, row) => sum + (row.made?.value("count") ?? 0), 0);
    const all = page.merged("ws_reqs");
    assert.ok(all?.kind === "counter" && all.sum > 0);
    assert.equal(made, all.sum);
    const course = rows.flatMap((row) => row.made?.course ?? []).reduce<number>((sum, value) => sum + (value ?? 0), 0);
    assert.equal(course, all.sum);
  }
});

test("the names with the most requests have a line, those with the most first", async () => {
  const page = await pageOf({ seconds: 5, intervalMs: 100, names: 12 });
  const most = mostMade(page.report, 3).map(({ name }) => name);
  const made = requestRows(page).map((row): [number, string] => [row.made?.value("count") ?? 0, row.name]);
  const least = Math.min(...made.filter(([, name]) => most.includes(name)).map(([count]) => count));
  assert.equal(most.length, 3);
  assert.ok(made.every(([count, name]) => most.includes(name) || count <= least));
});

test("metrics divided by a tag add up to the metric, and a demanded tag leaves its part alone", async () => {
  const page = await pageOf({ seconds: 5, intervalMs: 100, names: 6 });
  assert.ok(tagKeys(page).includes("name"));
  const count = (rows: ReturnType<typeof metricRows>): number =>
    rows.filter((row) => row.metric === "ws_reqs").reduce((sum, row) => sum + (row.part.value("count") ?? 0), 0);
  const whole = count(metricRows(page, "counter", { by: "metric" }, new Map()));
  assert.ok(whole > 0);
  const named = metricRows(page, "counter", { by: "tag", key: "name" }, new Map());
  assert.equal(count(named), whole);
  assert.equal(count(metricRows(page, "counter", { by: "series" }, new Map())), whole);
  const [first] = named.filter((row) => row.metric === "ws_reqs");
  assert.ok(first);
  const only = metricRows(page, "counter", { by: "metric" }, new Map([["name", first.of]]));
  assert.deepEqual(only.filter((row) => row.metric === "ws_reqs").map((row) => row.part.value("count")), [first.part.value("count")]);
});

test("of the whole run figures are the summary's, of a window they are the merge's", async () => {
  const page = await pageOf({ seconds: 5, intervalMs: 100 });
  const told = page.report.summary.metrics["ws_req_duration"];
  assert.ok(told);
  told.values["p(95)"] = 12345.678;
  const p95 = (): ReturnType<NonNullable<(typeof rows)[0]["part"]["figures"]>["get"]> => {
    const row = metricRows(page, "trend", { by: "metric" }, new Map()).find((one) => one.metric === "ws_req_duration" && one.of === "");
    return row?.part.figures?.get("p(95)") ?? null;
  };
  const rows = metricRows(page, "trend", { by: "metric" }, new Map());
  assert.deepEqual(p95(), { value: 12345.678, isExact: true });
  page.select({ from: 10, to: 40 });
  assert.equal(p95()?.isExact, false);
  assert.notEqual(p95()?.value, 12345.678);
});

test("checks stand in the tree of their groups", async () => {
  const page = await pageOf({ seconds: 2, intervalMs: 100 });
  const check = (name: string, path: string) => ({ name, path, passes: 3, fails: 1 });
  page.report.summary.root_group = {
    name: "",
    path: "",
    checks: [check("outer", "::outer")],
    groups: [{ name: "shop", path: "::shop", checks: [check("inner", "::shop::inner")], groups: [] }],
  };
  assert.deepEqual(checkRows(page).map(({ name, depth, isGroup }) => [name, depth, isGroup]), [["outer", 0, false], ["shop", 0, true], ["inner", 1, false]]);
});
