// Every metric of a run as rows: whole, by a tag, or series by series.

import type { Kind, MetricName } from "../data/page_data";
import type { Series } from "../data/store";
import { selectorOf } from "../numbers/selector";
import type { Page } from "../shell/page";
import { Part } from "./parts";

/** How metrics are taken apart: not at all, by the values of a tag, or into each series. */
export type Division = { readonly by: "metric" } | { readonly by: "tag"; readonly key: string } | { readonly by: "series" };

/** Only series that have all of these tags. */
export type Filter = ReadonlyMap<string, string>;

export interface MetricRow {
  readonly metric: string;
  /** Which part of the metric it is; "" for all of it. */
  readonly of: string;
  readonly part: Part;
  /** Stands below the row of its whole metric, and need not repeat its name. */
  readonly isInner?: boolean;
}

/** The rows of the metrics of one kind. */
export function metricRows(page: Page, kind: Kind, division: Division, filter: Filter): MetricRow[] {
  const { store, summary } = page.report;
  const metrics = store.metrics.filter((metric) => metric.kind === kind);
  const rows = metrics.flatMap((metric) => {
    const series = store.of(metric.name, Object.fromEntries(filter)).filter(({ columns }) => columns.length > 0);
    if (series.length === 0) return [];
    const told = filter.size === 0 && Object.hasOwn(summary.metrics, metric.name) ? summary.metrics[metric.name] : undefined;
    if (division.by === "metric") return [{ metric: metric.name, of: "", part: new Part(page, metric, series, told) }];
    const isByTag = division.by === "tag";
    const labels = isByTag ? divided(series, (one) => one.tags.get(division.key)) : divided(series, tagsOf);
    return [...labels].map(([of, some]) => ({ metric: metric.name, of, part: new Part(page, metric, some) }));
  });
  if (division.by !== "metric" || filter.size > 0) return rows;
  const selected = selectedRows(page, kind);
  // Each part behind its whole; parts of what has no row of its own are last.
  const wholes = new Set(rows.map(({ metric }) => metric));
  const inner = (row: MetricRow): MetricRow[] => selected.filter(({ metric }) => metric === row.metric).map((part) => ({ ...part, isInner: true }));
  return [...rows.flatMap((row) => [row, ...inner(row)]), ...selected.filter(({ metric }) => !wholes.has(metric))];
}

/** Parts of metrics that thresholds name, of which the summary has exact figures. */
function selectedRows(page: Page, kind: Kind): MetricRow[] {
  const { store, summary } = page.report;
  return Object.entries(summary.metrics).flatMap(([name, told]) => {
    const selector = told.type === kind ? selectorOf(name) : null;
    if (selector === null || selector.text === "") return [];
    const metric: MetricName = store.metric(selector.metric) ?? { name: selector.metric, kind, unit: told.contains };
    const series = store.of(selector.metric).filter((one) => selector.matches(one.tags));
    return [{ metric: selector.metric, of: selector.text, part: new Part(page, metric, series, told) }];
  });
}

function divided(series: readonly Series[], label: (one: Series) => string | undefined): Map<string, Series[]> {
  const groups = new Map<string, Series[]>();
  for (const one of series) {
    const key = label(one);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** The tags of a series as a text, in one order. */
export function tagsOf(series: Series): string {
  return [...series.tags].map(([key, value]) => `${key}:${value}`).sort().join(" · ");
}

/** All keys of tags that a run has, in alphabetical order. */
export function tagKeys(page: Page): string[] {
  const keys = new Set<string>();
  for (const { tags } of page.report.store.series) for (const key of tags.keys()) keys.add(key);
  return [...keys].sort();
}

/** The values that a key has in all of a run, in alphabetical order. */
export function tagValues(page: Page, key: string): string[] {
  const values = new Set<string>();
  for (const { tags } of page.report.store.series) {
    const value = tags.get(key);
    if (value !== undefined) values.add(value);
  }
  return [...values].sort();
}
