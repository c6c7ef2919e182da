// Key figures: the few numbers that stand for a window.

import { workOf } from "../brush/work";
import type { Unit } from "../data/page_data";
import { make } from "../dom/make";
import type { Figure } from "../numbers/figures";
import type { Page } from "../shell/page";
import { figure, formatNumber, formatPercent, formatValue, marked, NO_FIGURE } from "../text/format";

/** A key figure. */
export interface Key {
  readonly label: string;
  readonly text: string;
  readonly figure: Figure | null;
  readonly unit: Unit;
  readonly beside: string;
  /** Which figure of which metric it is; none where it is made of several. */
  readonly of?: readonly [metric: string, figure: string];
}

/** Where times come from first: the first of these that has any is the run's. */
export const TIMES = ["ws_req_duration", "tcp_req_duration", "ws_delivery_duration", "ws_ping", "iteration_duration"] as const;

const LABELS: Record<string, string> = {
  ws_req_duration: "request",
  tcp_req_duration: "request",
  ws_delivery_duration: "delivery",
  ws_ping: "ping",
  iteration_duration: "iteration",
};

/** The metric whose times say how fast the target was. */
export function timeOf(page: Page): string {
  return TIMES.find((name) => page.report.store.has(name)) ?? "iteration_duration";
}

/** The figures of the window, as a list of terms. */
export function keyFigures(page: Page): HTMLElement {
  const keys = keysOf(page).map(({ label, text, figure: found, unit, beside, of }) => {
    const mark = found !== null && !found.isExact ? "≈ " : "";
    const value = found === null ? NO_FIGURE : mark + text;
    const shown = figure(value, found?.value, unit);
    return make(
      "div",
      {},
      make("dt", { text: label }),
      make("dd", {}, of === undefined ? shown : marked(shown, ...of)),
      make("dd", { class: "beside", text: beside === "" ? "\u00a0" : beside }),
    );
  });
  return make("dl", { class: "keys", id: "keys" }, ...keys);
}

/** Those of a run, in their order. */
export function keysOf(page: Page): Key[] {
  const key = (label: string, metric: string, name: string, text: (value: number) => string, unit: Unit, beside = ""): Key => {
    const found = page.figures(metric)?.get(name) ?? null;
    return { label, text: found === null ? NO_FIGURE : text(found.value), figure: found, unit, beside, of: [metric, name] };
  };
  const count = (metric: string, name: string, text: (value: number) => string): string => {
    const found = page.figures(metric)?.get(name) ?? null;
    return found === null ? "" : text(found.value);
  };
  const time = timeOf(page);
  const [failed, what] = FAILURES.find(([metric]) => page.report.store.has(metric)) ?? ["iteration_failed", "iterations"];
  const bytes = (value: number): string => formatValue(value, "data");
  return [
    throughput(page),
    ...["med", "p(95)", "p(99)", "max"].map((name) => key(`${LABELS[time] ?? time} ${name}`, time, name, (value) => formatValue(value, "time"), "time")),
    key(`${what} failed`, failed, "rate", formatPercent, "default", count(failed, "passes", (value) => `${formatNumber(value)} in all`)),
    ...(page.report.store.has("checks") ? [key("checks passed", "checks", "rate", formatPercent, "default")] : []),
    // A run that is over within a second has not said how many.
    ...(page.report.store.has("vus") ? [key("VUs at most", "vus", "max", formatNumber, "default")] : []),
    key("received", "data_received", "count", bytes, "data", count("data_sent", "count", (value) => `${bytes(value)} sent`)),
  ];
}

/** How much was done a second: of all metrics that count it. */
function throughput(page: Page): Key {
  const { label, metrics } = workOf(page.report);
  const of = (name: string): Figure | null => sum(metrics.map((metric) => page.figures(metric)?.get(name) ?? null));
  const [rate, done] = [of("rate"), of("count")];
  return {
    label: `${label} a second`,
    text: formatValue(rate?.value, "default"),
    figure: rate,
    unit: "default",
    beside: done === null ? "" : `${formatNumber(done.value)} in all`,
  };
}

/** What can fail, and what it is called: the first that a run has is the one that is shown. */
const FAILURES: readonly (readonly [metric: string, what: string])[] = [
  ["ws_req_failed", "requests"],
  ["tcp_req_failed", "requests"],
  ["ws_connect_failed", "connects"],
  ["iteration_failed", "iterations"],
];

function sum(all: readonly (Figure | null)[]): Figure | null {
  const there = all.filter((one) => one !== null);
  return there.length === 0 ? null : { value: there.reduce((total, one) => total + one.value, 0), isExact: there.every((one) => one.isExact) };
}
