// The head of a table: a button in each cell sorts by that column.

import { make, setText } from "../dom/make";
import type { Column } from "./column";
import type { Direction } from "./rows";

/** What a table is sorted by; null is the order in which its rows came. */
export interface Order {
  readonly id: string;
  readonly direction: Direction;
}

/** The order that a click on a column leads to: the way that is most asked for, the other one, none. */
export function nextOrder<Row>(order: Order | null, column: Column<Row>): Order | null {
  const first: Direction = column.kind === "number" || column.kind === "difference" ? "descending" : "ascending";
  if (order?.id !== column.id) return { id: column.id, direction: first };
  if (order.direction !== first) return null;
  return { id: column.id, direction: first === "ascending" ? "descending" : "ascending" };
}

const SIGNS: Record<Direction, string> = { ascending: "▲", descending: "▼" };

export class Head<Row> {
  readonly element = make("thead");
  private columns: readonly Column<Row>[] = [];
  private row = make("tr", { attributes: { "aria-rowindex": "1" } });

  constructor(private readonly clicked: (column: Column<Row>) => void) {
    this.element.append(this.row);
  }

  /** What takes the focus in a column: its button, or the cell where there is nothing to sort by. */
  target(column: number): HTMLElement | null {
    const cell = this.row.cells[column];
    return cell?.querySelector("button") ?? cell ?? null;
  }

  show(columns: readonly Column<Row>[], order: Order | null): void {
    if (columns !== this.columns) {
      this.columns = columns;
      this.row.replaceChildren(...columns.map((column, at) => this.cell(column, at)));
    }
    columns.forEach((column, at) => {
      const cell = this.row.cells[at];
      const direction = order?.id === column.id ? order.direction : null;
      if (direction === null) cell?.removeAttribute("aria-sort");
      else cell?.setAttribute("aria-sort", direction);
      const sign = cell?.querySelector(".sign");
      if (sign) setText(sign, direction === null ? "" : SIGNS[direction]);
    });
  }

  private cell(column: Column<Row>, at: number): HTMLTableCellElement {
    const looks = {
      class: column.kind,
      attributes: { scope: "col", "aria-colindex": String(at + 1) },
      ...(column.note === undefined ? {} : { title: column.note }),
    };
    if (column.course !== undefined) {
      const cell = make("th", looks, column.title);
      cell.tabIndex = -1;
      return cell;
    }
    const said = column.before === undefined ? [] : [make("span", { class: "unseen", text: column.before })];
    const sign = make("span", { class: "sign", attributes: { "aria-hidden": "true" } });
    const button = make("button", { attributes: { type: "button", tabindex: "-1" } }, ...said, column.title, sign);
    button.addEventListener("click", () => this.clicked(column));
    return make("th", looks, button);
  }
}
