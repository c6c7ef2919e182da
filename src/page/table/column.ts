// What a column is: shared by whoever fills a table and by what draws it.

import { NO_FIGURE } from "../text/format";
import { pictures, shown } from "../text/names";
import type { Value } from "./rows";

/** Which of two values is better news. */
export type Better = "less" | "more";

/** One column of a table of rows. */
export interface Column<Row> {
  /** Its name in what is copied. */
  readonly id: string;
  /** What its head says. */
  readonly title: string;
  /** What goes before the title where the columns beside it are not seen. */
  readonly before?: string;
  /** How wide it is, and to which side it is set. */
  readonly kind: "name" | "text" | "long" | "time" | "number" | "difference" | "course";
  /** What it is sorted, compared and copied by. Asked for only where that is needed, since it may cost something. */
  readonly value: (row: Row) => Value;
  /** What is seen of a value; without it the value as it is. */
  readonly shown?: (value: Value, row: Row) => string;
  /** All digits of a value, or all of a text; without it the value as it is. */
  readonly full?: (value: Value, row: Row) => string;
  /** A course in time instead of text, by equal stretches. Such a column is neither sorted nor copied. */
  readonly course?: (row: Row) => readonly (number | null)[];
  /** What its title has no room for. */
  readonly note?: string;
  /** How far a name is set in, of a tree. */
  readonly depth?: (row: Row) => number;
  /** Whether a value is good news or bad. */
  readonly tone?: (value: Value, row: Row) => "good" | "bad" | null;
  /** The text of a difference of two values, of columns that are compared. */
  readonly difference?: (absolute: number, row: Row) => string;
  /** Which way is better, of rows where one is. */
  readonly better?: Better | ((row: Row) => Better | null);
}

/** What a cell shows. */
export function shownOf<Row>(column: Column<Row>, row: Row): string {
  const value = column.value(row);
  if (value === null || value === "") return NO_FIGURE;
  return column.shown?.(value, row) ?? (typeof value === "number" ? String(value) : shown(value));
}

/** What a cell would show if it had all the room there is. */
export function fullOf<Row>(column: Column<Row>, row: Row): string {
  const value = column.value(row);
  if (value === null) return NO_FIGURE;
  return pictures(column.full?.(value, row) ?? String(value));
}

/** What a column is called where it stands alone. */
export function nameOfColumn<Row>(column: Column<Row>): string {
  return `${column.before ?? ""}${column.title}`;
}
