// Where a key leads to in a table whose cells are walked with arrows, as WAI-ARIA says of grids. Pure.

/** A cell: row -1 is the head. */
export interface Place {
  row: number;
  column: number;
}

/** How large the table is, and how many rows a page of it has. */
export interface Extent {
  rows: number;
  columns: number;
  page: number;
}

/** What of a keyboard event is looked at. */
export interface Key {
  key: string;
  ctrlKey: boolean;
}

/** The cell that a key leads to from another one; `null` if the key is not of this table's. */
export function next(from: Place, pressed: Key, extent: Extent): Place | null {
  const { rows, columns, page } = extent;
  const { row, column } = from;
  const to = (r: number, c: number): Place => ({
    row: Math.max(-1, Math.min(rows - 1, r)),
    column: Math.max(0, Math.min(columns - 1, c)),
  });
  switch (pressed.key) {
    case "ArrowDown":
      return to(row + 1, column);
    case "ArrowUp":
      return to(row - 1, column);
    case "ArrowRight":
      return to(row, column + 1);
    case "ArrowLeft":
      return to(row, column - 1);
    case "PageDown":
      return to(row + Math.max(1, page), column);
    case "PageUp":
      return to(row - Math.max(1, page), column);
    case "Home":
      return pressed.ctrlKey ? to(0, 0) : to(row, 0);
    case "End":
      return pressed.ctrlKey ? to(rows - 1, columns - 1) : to(row, columns - 1);
    default:
      return null;
  }
}
