// Tables of connections that failed: how often, when for the first and the last time, and what to do.

import { ComparedTable } from "../compare/table";
import { make } from "../dom/make";
import type { Page } from "../shell/page";
import type { Column } from "../table/column";
import type { TableOptions } from "../table/table";
import { formatClock } from "../text/format";
import { sentence, shown } from "../text/names";
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
  { id: "hint", title: "What to do", kind: "long", value: (row) => row.said?.hint ?? null, shown: (hint) => sentence(String(hint)) },
];

/** More of them nobody reads on a small screen. */
const MOST_HINTS = 10;

/** Connections that failed, by cause and status. */
export class FailureTable {
  readonly element: HTMLElement;
  private readonly table: ComparedTable<FailureRow>;
  // On a narrow screen the last column is out of sight, which says what to do.
  private readonly hints = make("ul", { class: "hints" });

  constructor(options: TableOptions) {
    this.table = new ComparedTable({ ...options, isWrapped: true, key: (row) => `${row.kind} ${row.cause} ${row.status ?? ""}` });
    this.element = make("div", { class: "stack" }, this.table.element, this.hints);
  }

  update(page: Page, rows: (page: Page) => FailureRow[]): void {
    this.table.update(page, COLUMNS, rows);
    const hints = rows(page).flatMap(({ cause, status, said }) => (said?.hint ? [`${shown(cause)}${status === null ? "" : ` ${status}`}: ${sentence(said.hint)}`] : []));
    this.hints.hidden = hints.length === 0;
    this.hints.replaceChildren(...hints.slice(0, MOST_HINTS).map((text) => make("li", { text })));
  }
}
