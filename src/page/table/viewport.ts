// Which rows of a long table are in the document: those that are seen, and some around them. Pure.

/** Rows from `first` to below `end`. */
export interface Slice {
  first: number;
  end: number;
}

/** What is kept above and below, so that a short scroll shows no gap. */
const AROUND = 8;

/** The slice of `count` rows that is seen, of rows that are all `rowHeight` high. */
export function visible(scrollTop: number, height: number, rowHeight: number, count: number): Slice {
  if (count <= 0 || !(rowHeight > 0)) return { first: 0, end: 0 };
  const top = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const seen = Math.ceil(Math.max(0, height) / rowHeight) + 1;
  const end = Math.min(count, top + seen + AROUND);
  return { first: Math.max(0, Math.min(top - AROUND, end - seen)), end };
}

/** Where to scroll so that a row is seen whole: not at all, if it is. `header` covers the top of the height. */
export function scrolledTo(row: number, scrollTop: number, height: number, rowHeight: number, header: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  const bottom = top + rowHeight + header;
  return bottom > scrollTop + height ? Math.max(0, bottom - height) : scrollTop;
}
