// Which rows a table has, and in what order: pure.

/** What a cell says to a machine: it is sorted, compared and copied by this. `null` is nothing, which is not 0. */
export type Value = number | string | null;

/** Of `sorted`: the way up, or the way down. */
export type Direction = "ascending" | "descending";

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** As `Array.sort` wants it; nothing stands behind everything. */
export function compareValues(a: Value, b: Value): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return collator.compare(String(a), String(b));
}

/**
 * Rows in the order of a value of theirs, in an array of its own. Rows that are level keep their order, and those
 * without a value are last in both directions.
 */
export function sorted<Row>(rows: readonly Row[], value: (row: Row) => Value, direction: Direction): Row[] {
  const sign = direction === "ascending" ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: value(row) }));
  keyed.sort((a, b) => {
    const order = compareValues(a.key, b.key);
    return a.key === null || b.key === null ? order : sign * order;
  });
  return keyed.map((one) => one.row);
}

/** Rows whose text has every word of a search, in any case and order. */
export function found<Row>(rows: readonly Row[], text: (row: Row) => string, search: string): readonly Row[] {
  const words = search.toLowerCase().split(/\s+/u).filter((word) => word !== "");
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const have = text(row).toLowerCase();
    return words.every((word) => have.includes(word));
  });
}
