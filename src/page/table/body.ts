// The rows of a table that are in sight, and those around them: each is an element, and knows its number in the whole.

import { make, setText } from "../dom/make";
import { fullOf, shownOf, type Column } from "./column";
import { drawSparkline, sparkline } from "./sparkline";
import { visible, type Slice } from "./viewport";

/** Printed are no more rows than this: nobody reads 10,000 on paper. */
export const MOST_PRINTED = 50;

export class Body<Row> {
  readonly element = make("tbody");
  private readonly above = spacer();
  private readonly below = spacer();
  private readonly drawn = new Map<number, HTMLTableRowElement>();
  private rows: readonly Row[] = [];
  private columns: readonly Column<Row>[] = [];
  private rowHeight = 28;
  private isMeasured = false;
  private top = 0;
  private height = 0;
  private isPrinted = false;
  private isWhole = false;

  constructor(private readonly scroller: HTMLElement) {
    this.element.append(this.above, this.below);
  }

  /** How many rows are seen at once. */
  get page(): number {
    return Math.max(1, Math.floor(this.height / this.rowHeight) - 2);
  }

  get heightOfRow(): number {
    return this.rowHeight;
  }

  /** Whether rows have heights of their own. */
  get isWrapped(): boolean {
    return this.isWhole;
  }

  /** Has rows be as high as their texts need: then all of them are in the document. */
  wrap(isWrapped: boolean): void {
    if (isWrapped === this.isWhole) return;
    this.isWhole = isWrapped;
    this.isMeasured = false;
  }

  /** The cell at a place, if that row is in the document. */
  cell(row: number, column: number): HTMLElement | null {
    const found = this.drawn.get(row)?.cells[column];
    return found ?? null;
  }

  /** Shows these rows from now on. */
  show(rows: readonly Row[], columns: readonly Column<Row>[]): void {
    if (columns !== this.columns) this.forget();
    this.rows = rows;
    this.columns = columns;
    this.draw(true);
  }

  /** Brings into the document what is in sight. `all`: rows that are there already are filled anew. */
  draw(all = false): void {
    const { first, end } = this.slice();
    const spare: HTMLTableRowElement[] = [];
    for (const [index, row] of this.drawn) {
      if (index >= first && index < end) continue;
      spare.push(row);
      this.drawn.delete(index);
    }
    let before: Element = this.above;
    for (let index = first; index < end; index += 1) {
      let row = this.drawn.get(index);
      const isNew = row === undefined;
      row ??= this.rowFor(index, spare.pop());
      if (isNew || all) this.fill(row, this.rows[index] as Row);
      if (before.nextElementSibling !== row) before.after(row);
      before = row;
    }
    for (const row of spare) row.remove();
    this.measure();
    setHeight(this.above, this.isPrinted ? 0 : first * this.rowHeight);
    setHeight(this.below, this.isPrinted ? 0 : (this.rows.length - end) * this.rowHeight);
  }

  /** Looks where it is scrolled to, and draws that. To ask this at each drawing would have the whole page laid out. */
  scrolled(): void {
    this.top = this.scroller.scrollTop;
    this.height = this.scroller.clientHeight;
    this.draw();
  }

  /** Has become larger or smaller, or came into sight. */
  resized(): void {
    this.isMeasured = false;
    this.scrolled();
  }

  /** Has the document the first rows, for paper, or again what is in sight. */
  print(isPrinted: boolean): void {
    this.isPrinted = isPrinted;
    this.draw();
  }

  private slice(): Slice {
    const count = this.rows.length;
    if (this.isPrinted) return { first: 0, end: Math.min(count, MOST_PRINTED) };
    if (this.isWhole) return { first: 0, end: count };
    return visible(this.top, this.height, this.rowHeight, count);
  }

  /** An element for a row: one that is out of sight by now, or a new one. */
  private rowFor(index: number, spare: HTMLTableRowElement | undefined): HTMLTableRowElement {
    const row = spare ?? this.newRow();
    row.setAttribute("aria-rowindex", String(index + 2));
    this.drawn.set(index, row);
    return row;
  }

  private newRow(): HTMLTableRowElement {
    const row = make("tr");
    this.columns.forEach((column, at) => {
      // The first cell names the row.
      const looks = { class: column.kind, attributes: { tabindex: "-1", "aria-colindex": String(at + 1) } };
      const cell = at === 0 ? make("th", looks) : make("td", looks);
      if (at === 0) cell.setAttribute("scope", "row");
      if (column.course !== undefined) cell.append(sparkline());
      row.append(cell);
    });
    return row;
  }

  private fill(element: HTMLTableRowElement, row: Row): void {
    this.columns.forEach((column, at) => {
      const cell = element.cells[at] as HTMLTableCellElement;
      if (column.course !== undefined) {
        drawSparkline(cell.firstElementChild as SVGSVGElement, column.course(row));
        return;
      }
      const text = shownOf(column, row);
      setText(cell, text);
      const full = fullOf(column, row);
      const title = full === text ? "" : full;
      if (cell.title !== title) cell.title = title;
      const value = column.tone === undefined ? null : column.value(row);
      const tone = value === null ? null : (column.tone?.(value, row) ?? null);
      const looks = tone === null ? column.kind : `${column.kind} ${tone}`;
      if (cell.className !== looks) cell.className = looks;
      if (column.depth !== undefined) cell.style.setProperty("--depth", String(column.depth(row)));
    });
  }

  /** How high a row is, once: to ask costs more than to draw. */
  private measure(): void {
    if (this.isMeasured || this.isPrinted) return;
    const [row] = this.drawn.values();
    const height = row?.getBoundingClientRect().height ?? 0;
    if (height === 0) return;
    this.rowHeight = height;
    this.isMeasured = true;
  }

  private forget(): void {
    for (const row of this.drawn.values()) row.remove();
    this.drawn.clear();
  }
}

/** Stands for the rows that are not in the document; who counts rows does not count it. */
function spacer(): HTMLTableRowElement {
  return make("tr", { class: "spacer", attributes: { "aria-hidden": "true" } });
}

function setHeight(row: HTMLElement, height: number): void {
  row.hidden = height <= 0;
  row.style.height = `${height}px`;
}
