// Every number of a run: counters, gauges, rates and trends, whole or by a tag, and the tree of checks.

import { ComparedTable } from "../compare/table";
import type { Kind } from "../data/page_data";
import type { Tab } from "../shell/tabs";
import type { Column } from "../table/column";
import { treeColumns } from "./check_columns";
import { checkRows, type CheckRow } from "./check_rows";
import { Choices } from "./choices";
import { courseColumn, figureColumn } from "./figure_columns";
import { metricRows, type MetricRow } from "./metric_rows";
import { shown } from "../text/names";
import { Pace } from "./pace";

const FIGURES: Record<Kind, readonly (readonly [figure: string, title: string])[]> = {
  trend: [
    ["count", "Count"],
    ...["min", "avg", "med", "p(90)", "p(95)", "p(99)", "p(99.9)", "max"].map((name) => [name, name] as const),
  ],
  counter: [
    ["count", "Sum"],
    ["rate", "Per second"],
  ],
  rate: [
    ["rate", "Share"],
    ["passes", "True"],
    ["fails", "False"],
  ],
  gauge: [
    ["value", "Last"],
    ["min", "min"],
    ["max", "max"],
  ],
};

const TITLES: readonly (readonly [Kind, string])[] = [
  ["trend", "Trends"],
  ["counter", "Counters"],
  ["rate", "Rates"],
  ["gauge", "Gauges"],
];

const WHOLE: readonly Column<MetricRow>[] = [
  {
    id: "metric",
    title: "Metric",
    kind: "name",
    value: ({ metric, of }) => (of === "" ? metric : `${metric}{${of}}`),
    shown: (name, { of, isInner }) => shown(isInner === true ? `{${of}}` : String(name)),
    depth: ({ isInner }) => (isInner === true ? 1 : 0),
  },
];

const DIVIDED: readonly Column<MetricRow>[] = [
  { id: "metric", title: "Metric", kind: "name", value: (row) => row.metric },
  { id: "of", title: "Of", kind: "name", value: (row) => row.of },
];

function columnsOf(kind: Kind, names: readonly Column<MetricRow>[]): readonly Column<MetricRow>[] {
  const part = (row: MetricRow): MetricRow["part"] => row.part;
  return [
    ...names,
    courseColumn("course", "Course", part),
    ...FIGURES[kind].map(([figure, title]) => figureColumn<MetricRow>(figure, title, part, figure)),
  ];
}

export const tables: Tab = {
  id: "tables",
  title: "Tables",
  build(panel, page) {
    const choices = new Choices(page, () => update());
    const all = TITLES.map(([kind, title]) => {
      const table = new ComparedTable<MetricRow>({
        id: `table-${kind}`,
        title,
        empty: "The run has none, or none with the tags that are chosen.",
        key: (row) => JSON.stringify([row.metric, row.of]),
      });
      return { kind, table, whole: columnsOf(kind, WHOLE), divided: columnsOf(kind, DIVIDED) };
    });
    const checks = new ComparedTable<CheckRow>({ id: "table-checks", title: "Checks", empty: "The script has no checks.", key: (row) => row.path });
    const update = (): void => {
      const { division, filter } = choices;
      for (const { kind, table, whole, divided } of all) {
        table.update(page, division.by === "metric" ? whole : divided, (of) => metricRows(of, kind, division, filter));
      }
    };
    panel.append(choices.element, ...all.map((one) => one.table.element), checks.element);
    const pace = new Pace();
    return {
      update(changes) {
        pace.take(page, changes, () => {
          choices.update();
          update();
          checks.update(page, treeColumns, checkRows);
        });
      },
    };
  },
};
