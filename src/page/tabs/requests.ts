// Requests by their name: how many, how many failed, and how long they took.

import { ComparedTable } from "../compare/table";
import type { Tab } from "../shell/tabs";
import type { Column } from "../table/column";
import { countColumn, courseColumn, figureColumn } from "./figure_columns";
import { requestRows, type Named } from "./request_rows";

const durations = ["med", "p(90)", "p(95)", "p(99)", "max"];

const COLUMNS: readonly Column<Named>[] = [
  { id: "name", title: "Name", kind: "name", value: (row) => row.name },
  { id: "protocol", title: "Over", kind: "text", value: (row) => row.over },
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

function timeouts(row: Named): number | null {
  return row.failed?.figures ? (row.timeouts?.value("passes") ?? 0) : null;
}

export const requests: Tab = {
  id: "requests",
  title: "Requests",
  build(panel, page) {
    const table = new ComparedTable<Named>({
      id: "requests-by-name",
      title: "Requests by name",
      note: "Times are those at the wire, of requests that were answered rightly.",
      empty: "No session made a request.",
      key: (row) => `${row.over} ${row.name}`,
    });
    panel.append(table.element);
    return { update: () => table.update(page, COLUMNS, requestRows) };
  },
};
