// VUs and the generator: whether the load was what was asked for, and whether the machine could make it.

import { level, percentiles, perSecond, type Line } from "../charts/lines";
import { make, setText } from "../dom/make";
import type { Page } from "../shell/page";
import type { Tab } from "../shell/tabs";
import { counted } from "../text/format";
import { sentence } from "../text/names";
import { ChartSet, type ChartPlan, type NeedingLine } from "./chart_set";
import { TrendTable } from "./trend_table";

/** The upper end of a trend, where lateness is. */
function late(metric: string): readonly NeedingLine[] {
  return percentiles(metric, ["med", "p(95)", "max"]).map((line): NeedingLine => [metric, line]);
}

const CHARTS: readonly ChartPlan[] = [
  {
    id: "chart-vus",
    title: "VUs",
    lines: () => [
      ["vus", level("at work", "vus", "default", { isFilled: true })],
      ["vus_max", level("initialised", "vus_max")],
    ],
  },
  {
    id: "chart-iterations",
    title: "Iterations",
    lines: () => [
      ["iterations", perSecond("finished", "iterations")],
      ["dropped_iterations", perSecond("dropped", "dropped_iterations")],
    ],
  },
  { id: "chart-iteration-duration", title: "How long iterations took", lines: () => late("iteration_duration") },
  { id: "chart-lateness", title: "How late iterations began", lines: () => late("iteration_lateness") },
  { id: "chart-loop-lag", title: "How long events waited for their handler", lines: () => late("vu_loop_lag") },
  { id: "chart-driver-lag", title: "How late sockets were looked at", lines: () => late("driver_lag") },
  {
    id: "chart-cpu",
    title: "The busiest core",
    note: "Percent of a core",
    lines: () => [["generator_cpu", cpu()]],
  },
];

function cpu(): Line {
  return { ...level("percent", "generator_cpu", "default", { isFilled: true }), suffix: " %" };
}

export const generator: Tab = {
  id: "generator",
  title: "VUs and generator",
  build(panel, page) {
    const verdict = make("section", { id: "generator-verdict", class: "card generator-verdict", attributes: { "aria-label": "Whether to believe the numbers" } });
    const charts = new ChartSet(page, CHARTS);
    const table = new TrendTable(
      { id: "generator-times", title: "Times of the generator", empty: "Nothing was measured." },
      [
        ["iteration_duration", "Iterations took"],
        ["iteration_lateness", "Iterations began late by"],
        ["vu_loop_lag", "Events waited for their handler"],
        ["driver_lag", "Sockets were looked at late by"],
        ["group_duration", "Groups took"],
      ],
    );
    panel.append(verdict, charts.element, table.element);
    let said = "";
    return {
      update() {
        const lines = verdictOf(page);
        const text = JSON.stringify(lines);
        if (text !== said) {
          said = text;
          verdict.replaceChildren(...elementsOf(lines));
        }
        charts.update();
        table.update(page);
      },
    };
  },
};

interface VerdictLines {
  readonly isTrustworthy: boolean;
  readonly reasons: readonly string[];
  readonly counts: readonly string[];
  readonly warnings: readonly string[];
}

/** What the summary says of the generator; all of it is of the whole run. */
function verdictOf(page: Page): VerdictLines {
  const { run, metrics } = page.report.summary;
  const dropped = metrics["dropped_iterations"]?.values["count"] ?? 0;
  const lost: [count: number | null | undefined, what: string, text: string][] = [
    [dropped, "dropped iteration", "due when no VU was free. Give the scenario more VUs (maxVUs), or a lower rate"],
    [run.iterations_interrupted, "interrupted iteration", "cut by the end of the run, or of a stage. Give more time: gracefulStop, gracefulRampDown, maxDuration"],
    [run.samples_lost, "lost sample", "on the way to an output"],
  ];
  const counts = lost.flatMap(([count, what, text]) => (count ? [`${counted(count, what)}: ${text}.`] : []));
  return { isTrustworthy: run.trustworthy, reasons: run.reasons, counts, warnings: run.warnings };
}

function elementsOf(lines: VerdictLines): HTMLElement[] {
  const { isTrustworthy, reasons, counts, warnings } = lines;
  const head = make("h2", { class: isTrustworthy ? "good" : "bad" });
  setText(head, isTrustworthy ? "Trustworthy: the generator was not the limit" : "Not trustworthy: the generator was the limit");
  const items = [...reasons, ...counts, ...warnings].map((text) => make("li", { text: sentence(text) }));
  return items.length === 0 ? [head] : [head, make("ul", {}, ...items)];
}
