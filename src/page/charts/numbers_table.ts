// The numbers of a chart as a table, 25 rows at a time: made only when it is opened.

import { make } from "../dom/make";

/** The rows of a chart: what they are of, and their values as text. */
export interface Rows {
  readonly heads: readonly string[];
  readonly count: number;
  row(at: number): readonly string[];
}

/** A part that opens and shows the numbers; call `refresh` when they change. */
export function numbersTable(id: string, title: string, rows: () => Rows): { element: HTMLDetailsElement; refresh(): void } {
  let page = 0;
  const body = make("div", { class: "numbers" });
  const element = make("details", { id, class: "numbers-of" }, make("summary", { text: "Numbers" }), body);
  const draw = (): void => {
    if (!element.open) return;
    const { heads, count, row } = rows();
    const pages = Math.max(Math.ceil(count / ROWS), 1);
    page = Math.min(page, pages - 1);
    const shown = Array.from({ length: Math.min(ROWS, count - page * ROWS) }, (_, at) => row(page * ROWS + at));
    const table = make(
      "table",
      {},
      make("caption", { class: "unseen", text: title }),
      make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { text: head, attributes: { scope: "col" } })))),
      make("tbody", {}, ...shown.map((cells) => make("tr", {}, ...cells.map(cell)))),
    );
    const place = make("span", { class: "soft", text: `page ${page + 1} of ${pages}` });
    body.replaceChildren(make("div", { class: "scroll", attributes: { tabindex: "0", role: "region", "aria-label": `Numbers of ${title}` } }, table));
    if (pages > 1) body.append(make("div", { class: "row" }, turn("Earlier", page > 0, -1), turn("Later", page < pages - 1, 1), place));
  };
  const turn = (text: string, isThere: boolean, step: number): HTMLButtonElement => {
    const button = make("button", { text, attributes: { type: "button" } });
    button.disabled = !isThere;
    button.addEventListener("click", () => {
      page += step;
      draw();
      const buttons = [...body.querySelectorAll("button")];
      (buttons.find((one) => one.textContent === text && !one.disabled) ?? buttons.find((one) => !one.disabled))?.focus();
    });
    return button;
  };
  element.addEventListener("toggle", draw);
  return { element, refresh: draw };
}

function cell(text: string, at: number): HTMLTableCellElement {
  return at === 0 ? make("th", { text, attributes: { scope: "row" } }) : make("td", { class: "number", text });
}

const ROWS = 25;
