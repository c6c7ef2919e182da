// Latency: how times are spread, and over time. Any trend of times can be chosen.

import { heatMap } from "../charts/heat_map";
import { percentiles } from "../charts/lines";
import { percentilePlot, type Distribution } from "../charts/percentile_plot";
import { timeChart } from "../charts/time_chart";
import type { Tags } from "../data/store";
import { make } from "../dom/make";
import { MergedTrend } from "../numbers/merged";
import type { Page } from "../shell/page";
import type { Tab } from "../shell/tabs";
import { figure, formatNumber, formatValue, marked, NO_FIGURE } from "../text/format";
import { shown } from "../text/names";
import { timeOf } from "./keys";

const STATS = ["min", "avg", "med", "p(90)", "p(95)", "p(99)", "p(99.9)", "max"] as const;
const OVER_TIME = ["med", "p(90)", "p(95)", "p(99)", "max"] as const;

export const latency: Tab = {
  id: "latency",
  title: "Latency",
  build(panel, page) {
    const metric = make("select", { id: "latency-metric", attributes: { "aria-label": "Metric" } });
    const name = make("select", { id: "latency-name", attributes: { "aria-label": "Name" } });
    const figures = make("div", {});
    const heat = heatMap(page, { id: "chart-heat", title: "Heat map", note: "How many took how long; the axis of times is logarithmic.", isWide: true });
    const lines = timeChart(page, { id: "chart-percentiles", title: "Percentiles over time", lines: [], isLogarithmic: true });
    const spread = percentilePlot(page, { id: "chart-spread", title: "Percentiles", note: "The axis stretches towards 100 %, where the slowest are." });
    panel.append(
      make("div", { class: "row" }, make("label", {}, "Times of ", metric), name),
      figures,
      make("div", { class: "charts" }, heat.element, lines.element, spread.element),
    );
    const update = (): void => {
      offer(metric, trendsOf(page), metric.value || timeOf(page));
      const names = page.report.store.valuesOf(metric.value, "name");
      offer(name, ["", ...names], name.value, "all names");
      name.hidden = names.length < 2;
      const tags: Tags = name.value === "" ? {} : { name: name.value };
      figures.replaceChildren(figuresTable(page, metric.value, tags));
      heat.update(metric.value, tags);
      lines.update(percentiles(metric.value, OVER_TIME, "time", { tags }));
      spread.update(distributions(page, metric.value, tags, name.value === "" ? names : []));
    };
    metric.addEventListener("change", () => {
      name.value = "";
      update();
    });
    name.addEventListener("change", update);
    return { update };
  },
};

/** The trends of times that have values, those that say most first. */
function trendsOf(page: Page): string[] {
  const first = timeOf(page);
  const all = page.report.store.metrics.filter(({ kind, unit }) => kind === "trend" && unit === "time").map((one) => one.name);
  return [first, ...all.filter((one) => one !== first).sort()].filter((one, at, list) => list.indexOf(one) === at);
}

/** Makes these the options of a select, where they are others than before. */
function offer(select: HTMLSelectElement, values: readonly string[], chosen: string, ofEmpty = ""): void {
  if (values.join("\n") !== [...select.options].map((one) => one.value).join("\n")) {
    select.replaceChildren(...values.map((value) => make("option", { text: value === "" ? ofEmpty : shown(value), attributes: { value } })));
  }
  select.value = values.includes(chosen) ? chosen : (values[0] ?? "");
}

function figuresTable(page: Page, metric: string, tags: Tags): HTMLElement {
  const figures = page.figures(metric, tags);
  const count = figures?.get("count") ?? figures?.get("samples") ?? null;
  const cells = STATS.map((stat) => {
    const found = figures?.get(stat) ?? null;
    const text = found === null ? NO_FIGURE : (found.isExact ? "" : "≈ ") + formatValue(found.value, "time");
    return make("div", {}, make("dt", { text: stat }), make("dd", {}, marked(figure(text, found?.value, "time"), metric, stat)));
  });
  const counted = make("div", {}, make("dt", { text: "count" }), make("dd", {}, marked(figure(count === null ? NO_FIGURE : formatNumber(count.value), count?.value), metric, "count")));
  return make("dl", { class: "keys", id: "latency-figures" }, counted, ...cells);
}

/** All of it, and each name where there are few. */
function distributions(page: Page, metric: string, tags: Tags, names: readonly string[]): Distribution[] {
  const of = (label: string, asked: Tags): Distribution[] => {
    const merged = page.merged(metric, asked);
    return merged instanceof MergedTrend ? [{ label, merged }] : [];
  };
  const each = names.length > 1 && names.length <= MOST_NAMES ? names.flatMap((name) => of(shown(name), { name })) : [];
  return [...of(names.length > 1 ? "all" : metric, tags), ...each];
}

const MOST_NAMES = 6;
