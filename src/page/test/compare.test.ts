import assert from "node:assert/strict";
import { test } from "node:test";

import { sameStretch } from "../compare/beside";
import { difference } from "../compare/difference";
import { paired, pairColumns } from "../compare/paired";
import { fullOf, shownOf, type Column } from "../table/column";
import { laid } from "../tabs/facts";
import { formatDuration } from "../text/format";

test("a difference is absolute and in percent of the other's, and of nothing there is none", () => {
  assert.deepEqual(difference(12, 10), { absolute: 2, percent: 20 });
  assert.deepEqual(difference(-12, -10), { absolute: -2, percent: -20 });
  assert.deepEqual(difference(3, 0), { absolute: 3, percent: null });
  assert.deepEqual(difference(0, 0), { absolute: 0, percent: 0 });
  assert.equal(difference(null, 1), null);
  assert.equal(difference(1, null), null);
  assert.equal(difference(Infinity, 1), null);
});

interface Row {
  readonly name: string;
  readonly ms: number | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { id: "name", title: "Name", kind: "name", value: (row) => row.name },
  { id: "med", title: "med", kind: "number", value: (row) => row.ms, shown: (value) => formatDuration(value as number), difference: formatDuration, better: "less" },
];

test("rows of two runs stand together by what they are, and what one run lacks is nothing there", () => {
  const ours = [
    { name: "say", ms: 12 },
    { name: "ask", ms: 5 },
  ];
  const theirs = [
    { name: "gone", ms: 1 },
    { name: "say", ms: 10 },
  ];
  const pairs = paired(ours, theirs, (row) => row.name);
  const columns = pairColumns(COLUMNS, true);
  assert.deepEqual(columns.map((column) => column.id), ["name", "med", "med other", "med difference"]);
  const shown = pairs.map((pair) => columns.map((column) => shownOf(column, pair)));
  assert.deepEqual(shown, [
    ["say", "12.0ms", "10.0ms", "+2.00ms (+20.0%)"],
    ["ask", "5.00ms", "–", "–"],
    ["gone", "–", "1.00ms", "–"],
  ]);
  const last = columns[3];
  assert.ok(last);
  assert.deepEqual(pairs.map((pair) => last.tone?.(last.value(pair), pair) ?? null), ["bad", null, null]);
});

test("without another run columns are as they are", () => {
  const pairs = paired([{ name: "say", ms: null }], null, (row: Row) => row.name);
  const columns = pairColumns(COLUMNS, false);
  assert.deepEqual(columns.map((column) => column.id), ["name", "med"]);
  assert.deepEqual(columns.map((column) => shownOf(column, pairs[0] as (typeof pairs)[0])), ["say", "–"]);
});

test("the same window of a run with longer intervals is widened to whole ones", () => {
  assert.deepEqual(sameStretch({ from: 15, to: 31 }, 100, 1000), { from: 1, to: 4 });
  assert.deepEqual(sameStretch({ from: 2, to: 5 }, 1000, 100), { from: 20, to: 50 });
  assert.deepEqual(sameStretch({ from: 2, to: 5 }, 1000, 1000), { from: 2, to: 5 });
});

test("facts stand side by side, and what one run does not have is nothing there", () => {
  const facts = laid({ vus: 5, tags: { a: "b" } }, { vus: 6, seed: null });
  assert.deepEqual(facts, [
    { name: "vus", ours: "5", theirs: "6" },
    { name: "tags", ours: '{\n  "a": "b"\n}', theirs: null },
    { name: "seed", ours: null, theirs: "null" },
  ]);
  assert.equal(laid({ a: 1 }, { constructor: "x" }).find((fact) => fact.name === "constructor")?.ours, null);
});

test("a name that cannot be seen is shown all the same", () => {
  const column = COLUMNS[0] as Column<Row>;
  assert.equal(shownOf(column, { name: "  ", ms: null }), "␠␠");
  assert.equal(shownOf(column, { name: "", ms: null }), "–");
});

test("names are cut in a cell and whole behind it, control characters are pictures", () => {
  const column = COLUMNS[0] as Column<Row>;
  const row = { name: `\u0001${"x".repeat(1_000)}`, ms: null };
  assert.equal([...shownOf(column, row)].length, 201);
  assert.ok(shownOf(column, row).startsWith("␁x"));
  assert.equal(fullOf(column, row).length, 1_001);
});
