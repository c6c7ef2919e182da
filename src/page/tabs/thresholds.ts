// The table of thresholds: what was asked for, what came, and how far apart these are.

import { make } from "../dom/make";
import { marginText, standingOf, type Judged } from "../numbers/thresholds";
import { figure } from "../text/format";
import { nameOf } from "../text/names";

/** A table of them; a sentence where there are none. They are of the whole run, whatever the window. */
export function thresholdTable(all: readonly Judged[]): HTMLElement {
  if (all.length === 0) return make("p", { class: "soft", text: "No threshold was set. With one, this run would have a verdict of its own." });
  const heads = ["Holds", "Metric", ...FIGURES].map((text, at) =>
    make("th", { class: at > 1 ? "number" : "", role: "columnheader", attributes: { scope: "col" } }, make("span", { class: at === 0 ? "unseen" : "", text })),
  );
  // On a narrow screen a row has two lines, and is no row of a table to the browser any more: so it is said.
  const table = make(
    "table",
    { class: "thresholds", id: "thresholds", role: "table" },
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...heads)),
    make("tbody", { role: "rowgroup" }, ...all.map(row)),
  );
  return make("div", { class: "scroll", role: "region", attributes: { tabindex: "0", "aria-label": "Thresholds" } }, table);
}

const FIGURES = ["Value", "Limit", "Room"] as const;

function row(judged: Judged): HTMLTableRowElement {
  const { threshold, valueText, limitText, margin } = judged;
  const { figure: name, operator } = threshold;
  const [mark, text, tone] = standingOf(threshold);
  const metric = make("th", { role: "rowheader", attributes: { scope: "row" } }, nameOf(threshold.metric), " ", make("span", { class: "soft" }, nameOf(name)));
  return make(
    "tr",
    { role: "row" },
    make("td", { role: "cell" }, make("span", { class: `mark-${tone}`, text: mark, title: text, attributes: { role: "img", "aria-label": text } })),
    metric,
    cell("Value", "", figure(valueText, threshold.no_data ? null : threshold.value)),
    cell("Limit", "", make("span", { text: `${operator} ${limitText}`.trim(), title: threshold.expression })),
    cell("Room", margin !== null && margin < 0 ? "mark-bad" : "", marginText(judged)),
  );
}

/** A cell that knows what it is called where no head stands above it. */
function cell(head: (typeof FIGURES)[number], tone: string, content: Node | string): HTMLTableCellElement {
  return make("td", { class: `number ${tone}`.trim(), role: "cell", attributes: { "data-head": head } }, content);
}
