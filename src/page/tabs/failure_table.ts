// Tables of connections that failed: how often, when for the first and the last time, and what to do.

import { ComparedTable } from "../compare/table";
import type { Page } from "../shell/page";
import type { Column } from "../table/column";
import type { TableOptions } from "../table/table";
import { formatClock } from "../text/format";
import type { FailureRow } from "./failures";
import { countColumn } from "./figure_columns";

/** When something happened for the first and the last time, in milliseconds since the run began, and how often in between. */
interface When {
  readonly first: number | null;
  readonly last: number | null;
  readonly course: readonly number[];
}

/** When something happened. */
export function whenColumns<Row>(told: (row: Row) => When | null): readonly Column<Row>[] {
  const when = (id: "first" | "last", title: string): Column<Row> => ({
    id,
    title,
    kind: "time",
    note: "Since the run began, to within an interval",
    value: (row) => told(row)?.[id] ?? null,
    shown: (value) => formatClock(value as number),
  });
  return [
    { id: "course", title: "Course", kind: "course", value: () => null, course: (row) => told(row)?.course ?? [] },
    when("first", "First"),
    when("last", "Last"),
  ];
}

const COLUMNS: readonly Column<FailureRow>[] = [
  { id: "cause", title: "Cause", kind: "name", value: (row) => row.cause },
  { id: "what", title: "What", kind: "text", value: (row) => row.kind },
  { id: "status", title: "Status", kind: "text", value: (row) => row.status },
  countColumn("count", "Count", (row) => row.count, { better: "less", isTrouble: true }),
  ...whenColumns<FailureRow>((row) => row),
  { id: "message", title: "What the first one said", kind: "long", value: (row) => row.said?.message ?? null },
  { id: "hint", title: "What to do", kind: "long", value: (row) => row.said?.hint ?? null },
];

/** Connections that failed, by cause and status. */
export class FailureTable {
  private readonly table: ComparedTable<FailureRow>;

  constructor(options: TableOptions) {
    this.table = new ComparedTable({ ...options, key: (row) => `${row.kind} ${row.cause} ${row.status ?? ""}` });
  }

  get element(): HTMLElement {
    return this.table.element;
  }

  update(page: Page, rows: (page: Page) => FailureRow[]): void {
    this.table.update(page, COLUMNS, rows);
  }
}
