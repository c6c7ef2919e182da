// Two runs at a glance: key figures and thresholds side by side. Out of sight where there is no other run.

import { beside } from "../compare/beside";
import { paired, pairColumns, type Pair } from "../compare/paired";
import { ComparedTable } from "../compare/table";
import type { Kind, Unit } from "../data/page_data";
import { make } from "../dom/make";
import { judged, textOf, type Judged } from "../numbers/thresholds";
import type { Page } from "../shell/page";
import type { Column } from "../table/column";
import { Table } from "../table/table";
import { formatPercent, formatValue, full } from "../text/format";
import { keysOf, type Key } from "./keys";

/** Its element, and what brings it up to date. */
export function overviewOfBoth(page: Page): { readonly element: HTMLElement; update(): void } {
  const keys = new ComparedTable<Key>({ id: "compare-keys", title: "Key figures of both", empty: "Neither run has figures.", key: (row) => row.label });
  const thresholds = new Table<Pair<Threshold>>({ id: "compare-thresholds", title: "Thresholds of both", empty: "Neither run has thresholds." });
  const element = make("section", { class: "stack", attributes: { "aria-label": "Both runs" } }, keys.element, thresholds.element);
  element.hidden = true;
  return {
    element,
    update() {
      const other = beside(page);
      element.hidden = other === null;
      if (other === null) return;
      keys.update(page, KEY_COLUMNS, keysOf);
      thresholds.show(paired(thresholdsOf(page), thresholdsOf(other), keyOf), THRESHOLD_COLUMNS);
    },
  };
}

const isShare = (key: Key): boolean => key.text.endsWith("%");
const keyText = (value: number, key: Key): string => (isShare(key) ? formatPercent(value) : formatValue(value, key.unit));

const KEY_COLUMNS: readonly Column<Key>[] = [
  { id: "figure", title: "Figure", kind: "name", value: (key) => key.label },
  {
    id: "value",
    title: "This run",
    kind: "number",
    value: (key) => key.figure?.value ?? null,
    shown: (value, key) => `${key.figure?.isExact === false ? "≈ " : ""}${keyText(value as number, key)}`,
    full: (value, key) => full(value as number, key.unit),
    difference: keyText,
    better: (key) => (key.unit === "time" || key.label === "failed" ? "less" : key.label.endsWith("a second") || isShare(key) ? "more" : null),
  },
];

/** A threshold with what its figure is measured in. */
interface Threshold extends Judged {
  readonly kind: Kind;
  readonly unit: Unit;
}

/** They are of the whole run, whatever the window. */
function thresholdsOf(page: Page): Threshold[] {
  const { summary, store } = page.report;
  return judged(summary).map((one): Threshold => {
    const name = one.threshold.metric;
    const told = Object.hasOwn(summary.metrics, name) ? summary.metrics[name] : undefined;
    const metric = store.metric(name.replace(/\{.*$/su, ""));
    return { ...one, kind: told?.type ?? metric?.kind ?? "trend", unit: told?.contains ?? metric?.unit ?? "default" };
  });
}

const keyOf = ({ threshold }: Threshold): string => `${threshold.metric} ${threshold.expression}`;

const THRESHOLD_COLUMNS: readonly Column<Pair<Threshold>>[] = [
  { id: "metric", title: "Metric", kind: "name", value: (pair) => (pair.ours ?? pair.theirs)?.threshold.metric ?? null },
  { id: "threshold", title: "Threshold", kind: "text", value: (pair) => (pair.ours ?? pair.theirs)?.threshold.expression ?? null },
  holds("holds", "Holds", (pair) => pair.ours),
  holds("holds other", "other", (pair) => pair.theirs),
  ...pairColumns<Threshold>(
    [
      {
        id: "value",
        title: "Value",
        kind: "number",
        value: (one) => (one.threshold.no_data ? null : one.threshold.value),
        shown: (value, one) => textOf(value as number, one.threshold.figure, one.kind, one.unit),
        difference: (value, one) => textOf(value, one.threshold.figure, one.kind, one.unit),
        better: (one) => (one.threshold.operator.startsWith("<") ? "less" : one.threshold.operator.startsWith(">") ? "more" : null),
      },
    ],
    true,
  ),
];

function holds(id: string, title: string, side: (pair: Pair<Threshold>) => Threshold | null): Column<Pair<Threshold>> {
  const said = (pair: Pair<Threshold>): string | null => {
    const found = side(pair)?.threshold;
    return found === undefined ? null : found.undecided ? "not judged" : found.no_data ? "no data" : found.ok ? "✓ holds" : "✗ does not hold";
  };
  return { id, title, kind: "text", value: said, tone: (value) => (value === "✓ holds" ? "good" : value === "✗ does not hold" ? "bad" : null) };
}
