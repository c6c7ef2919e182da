// The first tab: the verdict, what it rests on, and the run at a glance.

import { workOf } from "../brush/work";
import { level, percentiles, perSecond, share, type Line } from "../charts/lines";
import { timeChart } from "../charts/time_chart";
import { make } from "../dom/make";
import type { Page } from "../shell/page";
import type { Tab } from "../shell/tabs";
import { verdictOf } from "../shell/verdict";
import { sentence } from "../text/names";
import { overviewOfBoth } from "./both";
import { keyFigures, timeOf } from "./keys";
import { thresholdTable } from "./thresholds";

export const overview: Tab = {
  id: "overview",
  title: "Overview",
  build(panel, page) {
    const sentences = make("div", { class: "sentences", id: "sentences" });
    const thresholds = make("div", {});
    const keys = make("div", {});
    const both = overviewOfBoth(page);
    const charts = CHARTS.map(({ id, title, lines }) => ({ lines, chart: timeChart(page, { id, title, lines: lines(page) }) }));
    panel.append(
      make(
        "div",
        { class: "overview-top" },
        make("section", { class: "card" }, make("h2", { text: "Verdict" }), sentences),
        make("section", { class: "card" }, make("h2", { text: "Thresholds" }), thresholds),
      ),
      keys,
      both.element,
      make("div", { class: "charts" }, ...charts.map(({ chart }) => chart.element)),
    );
    return {
      update(changes) {
        if (changes.has("report")) {
          const verdict = verdictOf(page.report);
          const doubts = verdict.doubts.length > 1 ? [make("ul", {}, ...verdict.doubts.map((text) => make("li", { text: sentence(text) })))] : [];
          sentences.replaceChildren(...verdict.sentences.map((text) => make("p", { text: sentence(text) })), ...doubts);
          thresholds.replaceChildren(thresholdTable(verdict.thresholds));
        }
        keys.replaceChildren(keyFigures(page));
        both.update();
        for (const { chart, lines } of charts) chart.update(lines(page));
      },
    };
  },
};

const CHARTS: readonly { id: string; title: string; lines(page: Page): Line[] }[] = [
  {
    id: "chart-throughput",
    title: "Throughput and VUs",
    lines(page) {
      const work = workOf(page.report);
      return [...work.metrics.filter((name) => page.report.store.has(name)).map((name) => perSecond(labelOf(name, work.label), name, "default", { isFilled: true })), ...(page.report.store.has("vus") ? [level("VUs", "vus", "default", { isRight: true })] : [])];
    },
  },
  { id: "chart-latency", title: "Latency", lines: (page) => percentiles(timeOf(page), ["med", "p(95)", "p(99)"]) },
  {
    id: "chart-failures",
    title: "Failed",
    lines: (page) => FAILURES.filter(([, name]) => page.report.store.has(name)).map(([label, name]) => share(label, name)),
  },
  {
    id: "chart-data",
    title: "Data",
    lines: () => [perSecond("received", "data_received", "data"), perSecond("sent", "data_sent", "data")],
  },
];

const FAILURES: readonly [label: string, metric: string][] = [
  ["requests", "ws_req_failed"],
  ["TCP requests", "tcp_req_failed"],
  ["iterations", "iteration_failed"],
];

function labelOf(metric: string, work: string): string {
  return metric.startsWith("tcp_") ? `TCP ${work}` : work;
}
