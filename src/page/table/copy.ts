// A table as text for other programs. Pure.

import type { Value } from "./rows";

/** A column as the text has it. */
export interface Field<Row> {
  name: string;
  value: (row: Row) => Value;
}

/**
 * As CSV (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe before it: names come from
 * whoever was tested. Numbers are written in full.
 */
export function toCsv<Row>(fields: readonly Field<Row>[], rows: readonly Row[]): string {
  const lines = [fields.map((field) => quoted(field.name)).join(",")];
  for (const row of rows) lines.push(fields.map((field) => quoted(field.value(row))).join(","));
  return lines.map((line) => `${line}\r\n`).join("");
}

/** As a JSON array of objects, which says everything exactly. */
export function toJson<Row>(fields: readonly Field<Row>[], rows: readonly Row[]): string {
  const plain = rows.map((row) => Object.fromEntries(fields.map((field) => [field.name, field.value(row)])));
  return `${JSON.stringify(plain, null, 2)}\n`;
}

function quoted(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
