// Key figures: the few numbers that stand for a window.

import { workOf } from "../brush/work";
import type { Unit } from "../data/page_data";
import { make } from "../dom/make";
import type { Figure } from "../numbers/figures";
import type { Page } from "../shell/page";
import { figure, formatNumber, formatPercent, formatRate, formatValue, NO_FIGURE } from "../text/format";

/** A key figure. */
export interface Key {
  readonly label: string;
  readonly text: string;
  readonly figure: Figure | null;
  readonly unit: Unit;
  readonly beside: string;
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
  const keys = keysOf(page).map(({ label, text, figure: found, unit, beside }) => {
    const mark = found !== null && !found.isExact ? "≈ " : "";
    const value = found === null ? NO_FIGURE : mark + text;
    return make(
      "div",
      {},
      make("dt", { text: label }),
      make("dd", {}, figure(value, found?.value, unit)),
      make("dd", { class: "beside", text: beside === "" ? "\u00a0" : beside }),
    );
  });
  return make("dl", { class: "keys", id: "keys" }, ...keys);
}

/** Those of a run, in their order. */
export function keysOf(page: Page): Key[] {
  const get = (metric: string, name: string): Figure | null => page.figures(metric, {})?.get(name) ?? null;
  const work = workOf(page.report);
  const done = sum(work.metrics.map((name) => get(name, "count")));
  const rate = done === null || page.seconds === 0 ? null : { value: done.value / page.seconds, isExact: true };
  const exact = page.isWhole && work.metrics.length > 0 ? sum(work.metrics.map((name) => get(name, "rate"))) : null;
  const time = timeOf(page);
  const unit = "time";
  const ofTime = LABELS[time] ?? time;
  const times = (["med", "p(95)", "p(99)", "max"] as const).map((name): Key => {
    const found = get(time, name);
    return { label: `${ofTime} ${name}`, text: formatValue(found?.value, unit), figure: found, unit, beside: "" };
  });
  const shownRate = exact ?? rate;
  const failed = get("ws_req_failed", "rate") ?? get("tcp_req_failed", "rate") ?? get("iteration_failed", "rate");
  const fails = get("ws_req_failed", "passes") ?? get("tcp_req_failed", "passes") ?? get("iteration_failed", "passes");
  const checks = get("checks", "rate");
  const vus = get("vus", "max");
  const [received, sent] = [get("data_received", "count"), get("data_sent", "count")];
  return [
    { label: `${work.label} a second`, text: formatRate(shownRate?.value ?? null).replace("/s", ""), figure: shownRate, unit: "default", beside: done === null ? "" : `${formatNumber(done.value)} in all` },
    ...times,
    { label: "failed", text: formatPercent(failed?.value ?? null), figure: failed, unit: "default", beside: fails === null ? "" : `${formatNumber(fails.value)} of ${work.label}` },
    ...(checks === null ? [] : [{ label: "checks passed", text: formatPercent(checks.value), figure: checks, unit: "default", beside: "" } satisfies Key]),
    { label: "VUs at most", text: formatNumber(vus?.value ?? 0), figure: vus, unit: "default", beside: "" },
    { label: "received", text: formatValue(received?.value, "data"), figure: received, unit: "data", beside: sent === null ? "" : `${formatValue(sent.value, "data")} sent` },
  ];
}

function sum(all: readonly (Figure | null)[]): Figure | null {
  const there = all.filter((one) => one !== null);
  return there.length === 0 ? null : { value: there.reduce((total, one) => total + one.value, 0), isExact: there.every((one) => one.isExact) };
}
