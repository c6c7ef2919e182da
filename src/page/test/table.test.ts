import assert from "node:assert/strict";
import { test } from "node:test";

import { toCsv, toJson } from "../table/copy";
import { nextOrder } from "../table/head";
import { next, type Place } from "../table/keys";
import { found, sorted } from "../table/rows";
import { path, POINTS, thinned } from "../table/spark";
import { scrolledTo, visible } from "../table/viewport";

interface Row {
  readonly name: string;
  readonly value: number | null;
}

const ROWS: readonly Row[] = [
  { name: "b10", value: 2 },
  { name: "b9", value: null },
  { name: "A", value: 2 },
  { name: "c", value: -1 },
];
const names = (rows: readonly Row[]): string => rows.map((row) => row.name).join(" ");

test("rows are sorted by number or name, level ones keep their order, and nothing is last both ways", () => {
  assert.equal(names(sorted(ROWS, (row) => row.value, "ascending")), "c b10 A b9");
  assert.equal(names(sorted(ROWS, (row) => row.value, "descending")), "b10 A c b9");
  assert.equal(names(sorted(ROWS, (row) => row.name, "ascending")), "A b9 b10 c");
  assert.equal(names(ROWS), "b10 b9 A c", "what was given stays as it is");
});

test("infinities and no numbers do not keep others from being sorted", () => {
  const values = [3, Infinity, 1, -Infinity, 2].map((value) => ({ name: String(value), value }));
  assert.equal(names(sorted(values, (row) => row.value, "ascending")), "-Infinity 1 2 3 Infinity");
});

test("a search asks for every word, in any case and order", () => {
  const text = (row: Row): string => `${row.name} over TCP`;
  assert.equal(names(found(ROWS, text, "tcp B")), "b10 b9");
  assert.equal(names(found(ROWS, text, "  ")), "b10 b9 A c");
  assert.equal(names(found(ROWS, text, "udp")), "");
});

test("a click sorts numbers from the largest and names from the first, then the other way, then not at all", () => {
  const number = { id: "n", title: "", kind: "number", value: () => 0 } as const;
  const name = { id: "t", title: "", kind: "name", value: () => "" } as const;
  const down = nextOrder(null, number);
  assert.deepEqual(down, { id: "n", direction: "descending" });
  const up = nextOrder(down, number);
  assert.deepEqual(up, { id: "n", direction: "ascending" });
  assert.equal(nextOrder(up, number), null);
  assert.deepEqual(nextOrder(up, name), { id: "t", direction: "ascending" });
});

test("whatever the scroll, what is in sight is in the document, and little else", () => {
  const [height, row, count] = [300, 28, 10_000];
  for (let top = 0; top <= count * row - height; top += 997) {
    const { first, end } = visible(top, height, row, count);
    assert.ok(first * row <= top, `nothing is missing above ${top}`);
    assert.ok(end * row >= Math.min(top + height, count * row), `nothing is missing below ${top}`);
    assert.ok(end - first < 40, `few are there at ${top}`);
  }
  assert.deepEqual(visible(0, 300, 28, 0), { first: 0, end: 0 });
  assert.deepEqual(visible(0, 0, 28, 3), { first: 0, end: 3 });
  assert.equal(visible(1e9, 300, 28, 100).end, 100, "a table that became shorter");
});

test("a row that is walked to is scrolled into sight, below the head", () => {
  assert.equal(scrolledTo(5, 0, 300, 28, 32), 0, "it is in sight");
  assert.equal(scrolledTo(0, 100, 300, 28, 32), 0, "it was above");
  assert.equal(scrolledTo(20, 0, 300, 28, 32), 20 * 28 + 28 + 32 - 300, "it was below");
});

test("keys walk through all cells and never out of the table", () => {
  const extent = { rows: 100, columns: 4, page: 10 };
  const press = (from: Place, key: string, ctrlKey = false): Place | null => next(from, { key, ctrlKey }, extent);
  assert.deepEqual(press({ row: -1, column: 0 }, "ArrowDown"), { row: 0, column: 0 });
  assert.deepEqual(press({ row: 0, column: 0 }, "ArrowUp"), { row: -1, column: 0 });
  assert.deepEqual(press({ row: -1, column: 0 }, "ArrowUp"), { row: -1, column: 0 });
  assert.deepEqual(press({ row: 95, column: 2 }, "PageDown"), { row: 99, column: 2 });
  assert.deepEqual(press({ row: 3, column: 2 }, "End"), { row: 3, column: 3 });
  assert.deepEqual(press({ row: 3, column: 3 }, "ArrowRight"), { row: 3, column: 3 });
  assert.deepEqual(press({ row: 3, column: 3 }, "End", true), { row: 99, column: 3 });
  assert.deepEqual(press({ row: 3, column: 3 }, "Home", true), { row: 0, column: 0 });
  assert.equal(press({ row: 3, column: 3 }, "a"), null);
  assert.deepEqual(next({ row: -1, column: 1 }, { key: "End", ctrlKey: true }, { rows: 0, columns: 2, page: 1 }), { row: -1, column: 1 });
});

test("CSV quotes what needs it and disarms what a spreadsheet would compute; JSON says it as it is", () => {
  const fields = [
    { name: "name", value: (row: Row) => row.name },
    { name: "p(95)", value: (row: Row) => row.value },
  ];
  const rows: Row[] = [
    { name: 'say "hi",\nthen', value: 0.1 + 0.2 },
    { name: "=1+1", value: -5 },
    { name: "@x\r", value: null },
  ];
  assert.equal(toCsv(fields, rows), 'name,p(95)\r\n"say ""hi"",\nthen",0.30000000000000004\r\n\'=1+1,-5\r\n"\'@x\r",\r\n');
  assert.deepEqual(JSON.parse(toJson(fields, rows))[1], { name: "=1+1", "p(95)": -5 });
});

test("a course keeps its peaks when it is made shorter, and shows nothing where nothing was", () => {
  const values = Array.from({ length: 6_000 }, (_, at) => (at === 4_321 ? 99 : 1));
  const thin = thinned(values);
  assert.equal(thin.length, POINTS);
  assert.equal(thin[Math.floor((4_321 * POINTS) / 6_000)], 99);
  assert.equal(path([null, null], 10, 10), "");
  assert.equal(path([0, null, 1], 10, 10), "M0 10h1M10 0h1");
  assert.equal(path([5], 10, 10), "M5 0h1", "a point alone is seen");
  assert.ok(!path([1, NaN, Infinity, 2], 10, 10).includes("NaN"));
});
