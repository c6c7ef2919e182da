// Rows of two runs side by side: what is one thing in both stands in one row. Pure.

import type { Column } from "../table/column";
import type { Value } from "../table/rows";
import { difference } from "./difference";

/** A row of this run, of the other one, or of both. */
export interface Pair<Row> {
  readonly ours: Row | null;
  readonly theirs: Row | null;
}

/** Rows of this run in their order, then those that only the other one has. `key` says which are the same. */
export function paired<Row>(ours: readonly Row[], theirs: readonly Row[] | null, key: (row: Row) => string): Pair<Row>[] {
  const left = new Map((theirs ?? []).map((row) => [key(row), row]));
  const pairs = ours.map((row): Pair<Row> => {
    const name = key(row);
    const other = left.get(name) ?? null;
    left.delete(name);
    return { ours: row, theirs: other };
  });
  for (const row of left.values()) pairs.push({ ours: null, theirs: row });
  return pairs;
}

/** Columns of pairs. With `isCompared` there are two more behind each number: the other's, and how much ours is more. */
export function pairColumns<Row>(columns: readonly Column<Row>[], isCompared: boolean): Column<Pair<Row>>[] {
  return columns.flatMap((column) => {
    const mine = ofOurs(column);
    return isCompared && column.kind === "number" ? [mine, ofTheirs(column), ofDifference(column)] : [mine];
  });
}

function ofOurs<Row>(column: Column<Row>): Column<Pair<Row>> {
  // A name stands for both; a figure is this run's.
  const isShared = column.kind !== "number" && column.kind !== "course";
  return lifted(column, isShared ? (pair) => pair.ours ?? pair.theirs : (pair) => pair.ours);
}

function ofTheirs<Row>(column: Column<Row>): Column<Pair<Row>> {
  const id = `${column.id} other`;
  return { ...lifted(column, (pair) => pair.theirs), id, before: `${column.title}, `, title: "other", note: `${column.title} of the other run` };
}

function lifted<Row>(column: Column<Row>, side: (pair: Pair<Row>) => Row | null): Column<Pair<Row>> {
  const { value, shown, full, course, depth, tone, difference: _difference, better: _better, ...rest } = column;
  const of = <T>(pair: Pair<Row>, say: (row: Row) => T, otherwise: T): T => {
    const row = side(pair);
    return row === null ? otherwise : say(row);
  };
  return {
    ...rest,
    value: (pair) => of(pair, value, null),
    ...(shown && { shown: (said: Value, pair: Pair<Row>) => of(pair, (row) => shown(said, row), "") }),
    ...(full && { full: (said: Value, pair: Pair<Row>) => of(pair, (row) => full(said, row), "") }),
    ...(course && { course: (pair: Pair<Row>) => of(pair, course, []) }),
    ...(depth && { depth: (pair: Pair<Row>) => of(pair, depth, 0) }),
    ...(tone && { tone: (said: Value, pair: Pair<Row>) => of<"good" | "bad" | null>(pair, (row) => tone(said, row), null) }),
  };
}

function ofDifference<Row>(column: Column<Row>): Column<Pair<Row>> {
  const between = (pair: Pair<Row>): ReturnType<typeof difference> => {
    const [ours, theirs] = [valueOf(column, pair.ours), valueOf(column, pair.theirs)];
    return difference(ours, theirs);
  };
  const text = (pair: Pair<Row>, say: (absolute: number, row: Row) => string): string => {
    const found = between(pair);
    const row = pair.ours ?? pair.theirs;
    if (found === null || row === null) return "";
    if (found.absolute === 0) return "=";
    const percent = found.percent === null ? "" : ` (${signed(found.percent, percentText(found.percent))})`;
    return `${signed(found.absolute, say(found.absolute, row))}${percent}`;
  };
  const { better } = column;
  return {
    id: `${column.id} difference`,
    before: `${column.title}, `,
    title: "difference",
    note: `${column.title} of this run minus that of the other one, and in percent of the other's`,
    kind: "difference",
    value: (pair) => between(pair)?.absolute ?? null,
    shown: (_, pair) => text(pair, column.difference ?? String),
    full: (_, pair) => text(pair, String),
    tone(value, pair) {
      const row = pair.ours ?? pair.theirs;
      const wanted = typeof better === "function" && row !== null ? better(row) : better;
      if (typeof value !== "number" || value === 0 || typeof wanted !== "string") return null;
      return value < 0 === (wanted === "less") ? "good" : "bad";
    },
  };
}

function valueOf<Row>(column: Column<Row>, row: Row | null): number | null {
  const value = row === null ? null : column.value(row);
  return typeof value === "number" ? value : null;
}

/** With its sign, also of what is more. */
function signed(value: number, text: string): string {
  return value > 0 ? `+${text}` : text.replace(/^-/u, "−");
}

/** With three digits, which is enough to compare. */
function percentText(percent: number): string {
  const size = Math.abs(percent);
  return `${percent.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)}%`;
}
