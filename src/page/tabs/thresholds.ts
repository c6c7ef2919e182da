// The table of thresholds: what was asked for, what came, and how far apart these are.

import { make } from "../dom/make";
import { marginText, type Judged } from "../numbers/thresholds";
import { figure } from "../text/format";
import { nameOf } from "../text/names";

/** A table of them; a sentence where there are none. They are of the whole run, whatever the window. */
export function thresholdTable(all: readonly Judged[]): HTMLElement {
  if (all.length === 0) return make("p", { class: "soft", text: "No threshold was set. With one, this run would have a verdict of its own." });
  const heads = ["Holds", "Metric", "Value", "Limit", "Room"].map((text, at) =>
    make("th", { class: at > 1 ? "number" : "", attributes: { scope: "col" } }, make("span", { class: at === 0 ? "unseen" : "", text })),
  );
  return make("div", { class: "scroll", role: "region", attributes: { tabindex: "0", "aria-label": "Thresholds" } }, make("table", { class: "thresholds", id: "thresholds" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...all.map(row))));
}

function row({ threshold, figure: name, operator, valueText, limitText, margin }: Judged): HTMLTableRowElement {
  const [mark, text, tone] = threshold.no_data ? (["–", "no data", "none"] as const) : threshold.ok ? (["✓", "holds", "good"] as const) : (["✗", "does not hold", "bad"] as const);
  const metric = make("th", { attributes: { scope: "row" } }, nameOf(threshold.metric), " ", make("span", { class: "soft" }, nameOf(name)));
  return make(
    "tr",
    {},
    make("td", {}, make("span", { class: `mark-${tone}`, text: mark, title: text, attributes: { role: "img", "aria-label": text } })),
    metric,
    make("td", { class: "number" }, figure(valueText, threshold.no_data ? null : threshold.value)),
    make("td", { class: "number", title: threshold.expression }, `${operator} ${limitText}`.trim()),
    make("td", { class: `number ${margin !== null && margin < 0 ? "mark-bad" : ""}`, text: marginText(margin) }),
  );
}
