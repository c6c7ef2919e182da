// A table that has the other run beside this one, where there is one.

import type { Page } from "../shell/page";
import type { Column } from "../table/column";
import { Table, type TableOptions } from "../table/table";
import { beside, reaches } from "./beside";
import { paired, pairColumns, type Pair } from "./paired";

export interface ComparedOptions<Row> extends TableOptions {
  /** Which rows are the same in two runs. */
  readonly key: (row: Row) => string;
}

export class ComparedTable<Row> {
  private readonly table: Table<Pair<Row>>;
  private given: readonly Column<Row>[] = [];
  private columns: readonly Column<Pair<Row>>[] = [];
  private wasCompared = false;

  constructor(private readonly options: ComparedOptions<Row>) {
    this.table = new Table(options);
  }

  get element(): HTMLElement {
    return this.table.element;
  }

  /** Shows what `rows` makes of a page: of this run, and of the other one. */
  update(page: Page, columns: readonly Column<Row>[], rows: (page: Page) => readonly Row[]): void {
    const other = beside(page);
    const isCompared = other !== null;
    if (columns !== this.given || isCompared !== this.wasCompared) {
      this.columns = pairColumns(columns, isCompared);
      this.given = columns;
      this.wasCompared = isCompared;
    }
    const theirs = other === null || !reaches(page) ? null : rows(other);
    this.table.show(paired(rows(page), theirs, this.options.key), this.columns);
  }
}
