// How sessions ended, in the window: by code, by whom, and with which reason.

import type { Column } from "../table/column";
import type { Happened } from "../data/page_data";
import type { Page } from "../shell/page";
import { whenColumns } from "./failure_table";
import { countColumn } from "./figure_columns";
import { within, type Told } from "./happened";

export interface EndRow {
  readonly code: number | null;
  /** What the code is called; "" where it has no name. */
  readonly name: string;
  readonly by: string | null;
  readonly reason: string | null;
  readonly count: number;
  readonly told: Told | null;
}

/** The most frequent first. Ends that found no room in the list have no code. */
export function endRows(page: Page): EndRow[] {
  const { happened, store, summary } = page.report;
  const key = (one: Pick<EndRow, "code" | "by" | "reason">): string => JSON.stringify([one.code, one.by, one.reason]);
  const said = new Map(summary.run.session_ends.map((one) => [key(one), one]));
  const names = new Map(summary.run.session_ends.map((one) => [one.code, one.name]));
  const ends = within(
    happened.filter((one) => one.kind === "end"),
    page.span,
    store.intervalMs,
  );
  const rows = ends.map((told): EndRow => {
    const { code, by, reason } = told.what;
    const exact = page.isWhole ? said.get(key(told.what))?.count : undefined;
    said.delete(key(told.what));
    return { code, by, reason, name: names.get(code) ?? "", count: exact ?? told.count, told };
  });
  if (page.isWhole) rows.push(...[...said.values()].map((one): EndRow => ({ ...one, told: null })));
  return rows.sort((a, b) => b.count - a.count);
}

/** The same end in two runs. */
export function keyOfEnd(row: EndRow): string {
  return JSON.stringify([row.code, row.by, row.reason]);
}

export const endColumns: readonly Column<EndRow>[] = [
  { id: "code", title: "Code", kind: "name", value: (row) => (row.code === null ? "others" : `${row.code} ${row.name}`.trim()) },
  { id: "by", title: "By", kind: "text", value: (row) => row.by },
  countColumn("count", "Count", (row) => row.count),
  ...whenColumns<EndRow>((row) => row.told),
  { id: "reason", title: "Reason", kind: "long", value: (row) => row.reason },
];

/** What a line of a chart says of an end. */
export function labelOfEnd(one: Happened): string {
  return one.code === null ? "others" : `${one.code}${one.by === null ? "" : ` by ${one.by}`}`;
}

/** What a line of a chart says of a failure. */
export function labelOfFailure(one: Happened): string {
  return one.status === null ? one.cause : `${one.cause} ${one.status}`;
}
