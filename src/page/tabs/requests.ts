// Requests by their name: how many, how many failed, and how long they took.

import { percentiles, perSecond, type Line } from "../charts/lines";
import { ComparedTable } from "../compare/table";
import type { Page } from "../shell/page";
import type { Tab } from "../shell/tabs";
import type { Column } from "../table/column";
import { shown } from "../text/names";
import { ChartSet, MOST_LINES, type ChartPlan, type NeedingLine } from "./chart_set";
import { countColumn, courseColumn, figureColumn } from "./figure_columns";
import { Pace } from "./pace";
import { mostMade, requestRows, type Named } from "./request_rows";
import { TrendTable, type NamedMetric } from "./trend_table";

const durations = ["med", "p(90)", "p(95)", "p(99)", "max"];

const NAME: Column<Named> = { id: "name", title: "Name", kind: "name", value: (row) => row.name };

const FIGURES: readonly Column<Named>[] = [
  courseColumn("course", "Course", (row) => row.made, "How many were made, over the window"),
  figureColumn("count", "Made", (row) => row.made, "count"),
  figureColumn("rate", "Per second", (row) => row.made, "rate"),
  figureColumn("failed", "Failed", (row) => row.failed, "rate", { better: "less", isTrouble: true }),
  // Where requests were counted, no timeout is 0 and not nothing.
  countColumn("timeouts", "Timeouts", timeouts, { better: "less", isTrouble: true }),
  ...durations.map((name) => figureColumn<Named>(name, name, (row) => row.duration, name, { better: "less" })),
  figureColumn("blocked", "Blocked", (row) => row.blocked, "p(95)", {
    better: "less",
    note: "p(95) of the time from the call to the write: what requests waited for on our side",
  }),
];

const ONE_PROTOCOL: readonly Column<Named>[] = [NAME, ...FIGURES];
const BOTH: readonly Column<Named>[] = [NAME, { id: "protocol", title: "Over", kind: "text", value: (row) => row.over }, ...FIGURES];

/** Over which protocol, only where that differs. */
function columnsOf({ report, other }: Page): readonly Column<Named>[] {
  const speaks = (prefix: string): boolean => [report, other].some((run) => run?.store.has(`${prefix}_reqs`));
  return speaks("ws") && speaks("tcp") ? BOTH : ONE_PROTOCOL;
}

const OTHERS: readonly NamedMetric[] = (["ws", "tcp"] as const).flatMap((over): NamedMetric[] => {
  const protocol = over === "ws" ? "WebSocket" : "TCP";
  return [
    [`${over}_req_first_duration`, `${protocol}: to the first of several`],
    [`${over}_req_gap`, `${protocol}: between two of several`],
    [`${over}_req_stall`, `${protocol}: the longest of these`],
    [`${over}_req_planned_duration`, `${protocol}: from the planned start`],
    [`${over}_delivery_duration`, `${protocol}: delivered after`],
  ];
});

const CHARTS: readonly ChartPlan[] = [
  { id: "chart-requests", title: "Requests a second", note: "Of the names that have the most", lines: (page) => linesByName(page, "reqs", perSecond) },
  {
    id: "chart-request-p95",
    title: "How long they took, p(95)",
    note: "Of the same names",
    lines: (page) => linesByName(page, "req_duration", (label, metric, _, options) => ({ ...(percentiles(metric, ["p(95)"], "time", options)[0] as Line), label })),
  },
];

/** A line for each of the names with the most requests of the whole run. */
function linesByName(page: Page, end: string, line: typeof perSecond): NeedingLine[] {
  return mostMade(page.report, MOST_LINES).map(({ prefix, name, title }) => {
    const metric = `${prefix}_${end}`;
    return [metric, line(shown(title), metric, "default", { tags: { name } })];
  });
}

function timeouts(row: Named): number | null {
  return row.failed?.figures ? (row.timeouts?.value("passes") ?? 0) : null;
}

export const requests: Tab = {
  id: "requests",
  title: "Requests",
  build(panel, page) {
    const charts = new ChartSet(page, CHARTS);
    const table = new ComparedTable<Named>({
      id: "requests-by-name",
      title: "Requests by name",
      note: "Times are those at the wire, of requests that were answered rightly.",
      empty: "No session made a request.",
      key: (row) => `${row.over} ${row.name}`,
    });
    const others = new TrendTable({ id: "request-times", title: "Other times of messages", empty: null }, OTHERS);
    panel.append(charts.element, table.element, others.element);
    const pace = new Pace();
    return {
      update(changes) {
        pace.take(page, changes, () => {
          charts.update();
          table.update(page, columnsOf(page), requestRows);
          others.update(page);
        });
      },
    };
  },
};
