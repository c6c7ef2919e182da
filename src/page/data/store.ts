// All series of a run, as the page keeps them: decoded once, added to while the run lasts.

import { Reader } from "./bytes";
import { readColumns, type Columns } from "./columns";
import type { History, MetricName } from "./page_data";

export interface Series {
  readonly metric: MetricName;
  readonly tags: ReadonlyMap<string, string>;
  readonly columns: Columns;
}

/** Which series of a metric: those that have all of these tags. */
export type Tags = Readonly<Record<string, string>>;

export class Store {
  readonly metrics: MetricName[] = [];
  readonly series: Series[] = [];
  private readonly texts: string[] = [];
  private readonly byName = new Map<string, Series[]>();
  /** Counts what came: who keeps something that was computed sees by it whether that is stale. */
  version = 0;
  count = 0;

  constructor(readonly intervalMs: number) {}

  /** A metric by its name. */
  metric(name: string): MetricName | undefined {
    return this.metrics.find((metric) => metric.name === name);
  }

  /** The series of a metric that have these tags, in the order in which they came up. */
  of(name: string, tags: Tags = {}): readonly Series[] {
    const all = this.byName.get(name) ?? [];
    const asked = Object.entries(tags);
    if (asked.length === 0) return all;
    return all.filter((one) => asked.every(([key, value]) => one.tags.get(key) === value));
  }

  /** Whether anything came of a metric: a run lists metrics, and series, of which nothing came. */
  has(name: string): boolean {
    return this.of(name).some(({ columns }) => columns.length > 0);
  }

  /** The values that a tag has among the series of a metric, sorted. */
  valuesOf(name: string, key: string): string[] {
    const values = new Set<string>();
    for (const one of this.of(name)) {
      const value = one.tags.get(key);
      if (value !== undefined) values.add(value);
    }
    return [...values].sort();
  }

  /** Takes in a history, or what changed in it, with its block. Either all of it is taken, or nothing. */
  take(news: Pick<History, "count" | "metrics" | "texts" | "series">, block: Uint8Array): void {
    const metrics = [...this.metrics, ...news.metrics];
    const texts = [...this.texts, ...news.texts];
    const reader = new Reader(block);
    const told = this.series.map((one) => readColumns(reader, one.metric.kind, news.count));
    const added = news.series.map(([index, ...tags]): Series => {
      const metric = metrics[index as number];
      if (metric === undefined) throw new RangeError("its data has a series of a metric that is not listed");
      return { metric, tags: tagsOf(tags, texts), columns: readColumns(reader, metric.kind, news.count) };
    });
    if (!reader.isAtEnd) throw new RangeError("its data goes on behind its end");
    this.series.forEach((one, index) => one.columns.put(told[index] as Columns));
    this.metrics.push(...news.metrics);
    for (const text of news.texts) this.texts.push(text);
    for (const one of added) {
      const siblings = this.byName.get(one.metric.name);
      if (siblings === undefined) this.byName.set(one.metric.name, [one]);
      else siblings.push(one);
      this.series.push(one);
    }
    this.count = news.count;
    this.version += 1;
  }
}

/** Keys and values by turns. */
function tagsOf(numbers: readonly number[], texts: readonly string[]): Map<string, string> {
  const tags = new Map<string, string>();
  for (let at = 0; at < numbers.length; at += 2) {
    const [key, value] = [texts[numbers[at] as number], texts[numbers[at + 1] as number]];
    if (key === undefined || value === undefined) throw new RangeError("its data has a tag of a text that is not listed");
    tags.set(key, value);
  }
  return tags;
}
