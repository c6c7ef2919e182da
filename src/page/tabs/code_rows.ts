// All ends of WebSocket sessions by their close code, those in order included.

import { perSecond } from "../charts/lines";
import type { Page } from "../shell/page";
import type { Column } from "../table/column";
import { shown } from "../text/names";
import { MOST_LINES, type NeedingLine } from "./chart_set";
import { courseColumn, figureColumn } from "./figure_columns";
import { byTag, Part } from "./parts";

const METRIC = "ws_closes";

export interface CodeRow {
  /** "" where the run keeps no codes. */
  readonly code: string;
  readonly part: Part;
}

/** The most frequent code first. */
export function codeRows(page: Page): CodeRow[] {
  const { store } = page.report;
  const metric = store.metric(METRIC);
  if (metric === undefined) return [];
  const rows = [...byTag(store, METRIC, "code")].map(([code, series]): CodeRow => ({ code, part: new Part(page, metric, series) }));
  return rows.filter(({ part }) => part.figures !== null).sort((a, b) => (b.part.value("count") ?? 0) - (a.part.value("count") ?? 0));
}

export const codeColumns: readonly Column<CodeRow>[] = [
  { id: "code", title: "Code", kind: "name", value: (row) => (row.code === "" ? "not kept" : row.code) },
  courseColumn("course", "Course", (row) => row.part),
  figureColumn("count", "Count", (row) => row.part, "count"),
  figureColumn("rate", "Per second", (row) => row.part, "rate"),
];

/** A line for each of the codes that came most often in the window. */
export function codeLines(page: Page): NeedingLine[] {
  const most = codeRows(page).slice(0, MOST_LINES);
  return most.map(({ code }) => [METRIC, perSecond(shown(code), METRIC, "default", { tags: { code } })]);
}
