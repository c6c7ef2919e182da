// A table that stays quick and a table: 10,000 rows scroll, all can be sorted, searched, copied and walked by keyboard.

import { make, setText } from "../dom/make";
import { formatNumber } from "../text/format";
import { sentence, shown } from "../text/names";
import { Bar } from "./bar";
import { Body, MOST_PRINTED } from "./body";
import { fullOf, nameOfColumn, type Column } from "./column";
import { toCsv, toJson } from "./copy";
import { Head, nextOrder, type Order } from "./head";
import { next, type Place } from "./keys";
import { found, sorted, type Value } from "./rows";
import { scrolledTo } from "./viewport";

export interface TableOptions {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** What is said where there are no rows; null: it is out of sight then. */
  readonly empty: string | null;
  /** One sentence below the title. */
  readonly note?: string;
  /** Long texts have as many lines as they need, as long as there are few rows. */
  readonly isWrapped?: boolean;
}

/** Rows of different heights are all in the document, so they must be few. */
const MOST_WRAPPED = 50;

/** Below so many rows a search is of no use. */
const FEW = 8;

/** What a column has at least, in rem: of a name what it has on a narrow screen, and of a course nothing, which is left out there. */
const WIDTHS: Record<Column<never>["kind"], number> = { name: 9, text: 6, long: 15.5, time: 5, number: 5.9, difference: 10.25, course: 0 };

export class Table<Row> {
  readonly element: HTMLElement;
  private readonly scroller = make("div", { class: "table-scroll" });
  private readonly table: HTMLTableElement;
  private readonly widths = make("colgroup");
  private readonly whole = make("p", { class: "cell-in-full", attributes: { "aria-hidden": "true" } });
  private readonly empty: HTMLElement;
  private readonly printed = make("p", { class: "table-note only-print" });
  private readonly bar: Bar;
  private readonly head: Head<Row>;
  private readonly body: Body<Row>;
  private columns: readonly Column<Row>[] = [];
  private all: readonly Row[] = [];
  private rows: readonly Row[] = [];
  private order: Order | null = null;
  private search = "";
  private active: Place = { row: -1, column: 0 };

  constructor(private readonly options: TableOptions) {
    const { id, title } = options;
    this.bar = new Bar(id, title, {
      search: (text) => this.find(text),
      csv: () => toCsv(this.fields(), this.rows),
      json: () => toJson(this.fields(), this.rows),
    });
    this.head = new Head((column) => this.sort(nextOrder(this.order, column)));
    this.body = new Body(this.scroller);
    this.table = make("table", { role: "grid", attributes: { "aria-labelledby": `${id}-title` } });
    this.table.append(this.widths, this.head.element, this.body.element);
    this.scroller.append(this.table);
    this.empty = make("p", { class: "table-note is-said-when-empty", text: options.empty ?? "" });
    const heading = make("div", { class: "table-head" }, make("h2", { id: `${id}-title`, text: title }), this.bar.element);
    const note = options.note === undefined ? [] : [make("p", { class: "table-note", text: options.note })];
    this.element = make("section", { id, class: "table-block" }, heading, ...note, this.empty, this.scroller, this.whole, this.printed);
    this.listen();
  }

  /** Shows these rows from now on, in the order and with the search that were chosen. */
  show(rows: readonly Row[], columns: readonly Column<Row>[]): void {
    if (columns !== this.columns) this.setColumns(columns);
    this.all = rows;
    this.arrange();
  }

  private setColumns(columns: readonly Column<Row>[]): void {
    this.columns = columns;
    this.widths.replaceChildren(...columns.map((column) => make("col", { class: column.kind })));
    this.table.style.minWidth = `${columns.reduce((sum, column) => sum + WIDTHS[column.kind], 0)}rem`;
    this.table.setAttribute("aria-colcount", String(columns.length));
    if (!columns.some((column) => column.id === this.order?.id)) this.order = null;
    this.active = { row: -1, column: 0 };
  }

  private fields(): { name: string; value: (row: Row) => Value }[] {
    const plain = this.columns.filter((column) => column.course === undefined);
    return plain.map((column) => ({ name: column.id, value: column.value }));
  }

  private find(text: string): void {
    this.search = text;
    this.scroller.scrollTop = 0;
    this.body.scrolled();
    this.arrange();
  }

  private sort(order: Order | null): void {
    this.order = order;
    this.arrange();
  }

  private arrange(): void {
    const texts = this.columns.filter((column) => isText(column));
    const by = this.columns.find((column) => column.id === this.order?.id);
    const left = found(this.all, (row) => texts.map((column) => column.value(row) ?? "").join("\n"), this.search);
    this.rows = by === undefined || this.order === null ? left : sorted(left, by.value, this.order.direction);
    this.element.hidden = this.options.empty === null && this.all.length === 0;
    this.element.classList.toggle("is-empty", this.all.length === 0);
    this.element.classList.toggle("is-short", this.all.length < FEW && this.search === "");
    this.table.setAttribute("aria-rowcount", String(this.rows.length + 1));
    this.bar.say(this.rows.length, this.all.length);
    const most = formatNumber(MOST_PRINTED);
    setText(this.printed, this.rows.length > MOST_PRINTED ? `Printed are the first ${most} of ${formatNumber(this.rows.length)} rows.` : "");
    this.head.show(this.columns, this.order);
    const isWrapped = this.options.isWrapped === true && this.all.length <= MOST_WRAPPED;
    this.element.classList.toggle("is-wrapped", isWrapped);
    this.body.wrap(isWrapped);
    this.body.show(this.rows, this.columns);
    this.mark();
  }

  /** The one cell that takes part in the order of Tab; the scroller itself, where that cell is far away. */
  private mark(): void {
    if (this.active.row >= this.rows.length) this.active = { row: this.rows.length - 1, column: this.active.column };
    for (const one of this.table.querySelectorAll("[tabindex='0']")) (one as HTMLElement).tabIndex = -1;
    const target = this.target();
    this.scroller.tabIndex = target === null ? 0 : -1;
    if (target !== null) target.tabIndex = 0;
  }

  private target(): HTMLElement | null {
    const { row, column } = this.active;
    return row < 0 ? this.head.target(column) : this.body.cell(row, column);
  }

  private go(to: Place): void {
    this.active = to;
    if (to.row >= 0 && !this.body.isWrapped) {
      const { scrollTop, clientHeight } = this.scroller;
      const header = this.head.element.offsetHeight;
      this.scroller.scrollTop = scrolledTo(to.row, scrollTop, clientHeight, this.body.heightOfRow, header);
    }
    this.body.scrolled();
    this.mark();
    const target = this.target();
    target?.focus({ preventScroll: true });
    target?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  private focused(target: Element): void {
    const cell = target.closest<HTMLTableCellElement>("td, th");
    const row = cell?.closest("tr");
    if (!cell || !row) return;
    const index = Number(row.getAttribute("aria-rowindex")) - 2;
    this.active = { row: index, column: cell.cellIndex };
    this.mark();
    const column = this.columns[cell.cellIndex];
    const of = this.rows[index];
    const first = this.columns[0];
    const isPlain = column !== undefined && of !== undefined && first !== undefined && column.course === undefined;
    const whose = isPlain && column !== first ? `${shown(fullOf(first, of))} · ` : "";
    setText(this.whole, isPlain ? `${whose}${nameOfColumn(column)}: ${sentence(fullOf(column, of))}` : "");
  }

  private listen(): void {
    let isAsked = false;
    this.scroller.addEventListener("scroll", () => {
      if (isAsked) return;
      isAsked = true;
      requestAnimationFrame(() => {
        isAsked = false;
        const hadFocus = this.body.element.contains(document.activeElement);
        this.body.scrolled();
        this.mark();
        // The cell that had the focus is gone; the next key goes on from its place.
        if (hadFocus && !this.body.element.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
      });
    });
    this.scroller.addEventListener("keydown", (event) => {
      const extent = { rows: this.rows.length, columns: this.columns.length, page: this.body.page };
      const to = event.altKey || event.metaKey ? null : next(this.active, event, extent);
      if (to === null) return;
      event.preventDefault();
      this.go(to);
    });
    this.scroller.addEventListener("focusin", (event) => this.focused(event.target as Element));
    new ResizeObserver(() => {
      this.body.resized();
      this.mark();
    }).observe(this.scroller);
    addEventListener("beforeprint", () => this.body.print(true));
    addEventListener("afterprint", () => this.body.print(false));
  }
}

/** Whether a search looks into it. */
function isText<Row>(column: Column<Row>): boolean {
  return column.kind === "name" || column.kind === "text" || column.kind === "long";
}
