// A table of some metrics, whole: a row each, with the figures that all of them have.

import { ComparedTable } from "../compare/table";
import type { Page } from "../shell/page";
import type { Column } from "../table/column";
import type { TableOptions } from "../table/table";
import { courseColumn, figureColumn } from "./figure_columns";
import { Part } from "./parts";

/** A metric with what it is called in this table. */
export type NamedMetric = readonly [metric: string, title: string];

interface Row {
  readonly title: string;
  readonly part: Part;
}

const part = (row: Row): Part => row.part;

const COLUMNS: readonly Column<Row>[] = [
  { id: "what", title: "What", kind: "name", value: (row) => row.title },
  { id: "metric", title: "Metric", kind: "name", value: (row) => row.part.metric.name },
  courseColumn("course", "Course", part),
  figureColumn("count", "Count", part, "count"),
  ...["min", "avg", "med", "p(90)", "p(95)", "p(99)", "max"].map((name) => figureColumn<Row>(name, name, part, name, { better: "less" })),
];

/** Trends of a run that are times, of which less is better. */
export class TrendTable {
  private readonly table: ComparedTable<Row>;

  constructor(
    options: TableOptions,
    private readonly metrics: readonly NamedMetric[],
  ) {
    this.table = new ComparedTable({ ...options, isWrapped: true, key: (row) => row.part.metric.name });
  }

  get element(): HTMLElement {
    return this.table.element;
  }

  update(page: Page): void {
    this.table.update(page, COLUMNS, (of) => this.rows(of));
  }

  private rows(page: Page): Row[] {
    const { store, summary } = page.report;
    return this.metrics.flatMap(([name, title]) => {
      const metric = store.metric(name);
      return metric === undefined || !store.has(name) ? [] : [{ title, part: new Part(page, metric, store.of(name), summary.metrics[name]) }];
    });
  }
}
