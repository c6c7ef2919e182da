// Rows of figures: some series of one metric each. What they cost is paid when they are looked at.

import type { MetricName, SummaryMetric } from "../data/page_data";
import type { Series, Store } from "../data/store";
import { figuresOf, type Figure, type Figures } from "../numbers/figures";
import { merge } from "../numbers/merged";
import type { Page } from "../shell/page";
import { POINTS } from "../table/spark";

/** Some series of a metric, in the window that the page has now. It is made anew when anything changes. */
export class Part {
  private known: Figures | null | undefined;
  private readonly single = new Map<string, Figure | null>();

  constructor(
    private readonly page: Page,
    readonly metric: MetricName,
    private readonly series: readonly Series[],
    /** What the summary says of exactly these series, which is exact for the whole run. */
    private readonly told?: SummaryMetric | undefined,
  ) {}

  /** Null where the window has nothing of it. */
  get figures(): Figures | null {
    if (this.known === undefined) {
      const { page, metric, series } = this;
      const merged = merge(metric.kind, series, page.span);
      const told = page.isWhole ? this.told : undefined;
      this.known = figuresOf(merged.samples > 0 ? merged : null, metric.unit, told, page.seconds);
    }
    return this.known;
  }

  /** A figure by its name; null where there is none. */
  figure(name: string): Figure | null {
    let found = this.single.get(name);
    if (found === undefined) {
      found = this.figures?.get(name) ?? null;
      this.single.set(name, found);
    }
    return found;
  }

  /** Its value. */
  value(name: string): number | null {
    return this.figure(name)?.value ?? null;
  }

  /** How it went: counters by how much came, rates by their share, gauges by their largest value, trends by their mean. */
  get course(): (number | null)[] {
    const { kind } = this.metric;
    let level: number | null = null;
    return this.stretches().map(([sum, counted]) => {
      if (kind === "counter") return sum;
      if (kind !== "gauge") return counted === 0 ? null : sum / counted;
      // A gauge stays as it is until it is told again.
      if (counted > 0) level = sum;
      return level;
    });
  }

  /** Of a rate, how often it was false. */
  get courseOfFails(): number[] {
    return this.stretches().map(([passes, total]) => total - passes);
  }

  /** What came in equal stretches of the window: a sum, or of gauges the largest value; and by how many. */
  private stretches(): [sum: number, counted: number][] {
    const { from, to } = this.page.span;
    const count = Math.min(POINTS, Math.max(0, to - from));
    const place = (interval: number): number => Math.floor(((interval - from) * count) / (to - from));
    const [sums, samples] = [new Float64Array(count), new Float64Array(count)];
    for (const { columns } of this.series) {
      const [first, end] = columns.rows(from, to);
      const [of, by] = COURSES[columns.kind];
      const [values, counts] = [columns.column(of), columns.column(by)];
      for (let row = first; row < end; row += 1) {
        const at = place(columns.intervals.at(row));
        const value = values.at(row);
        sums[at] = columns.kind === "gauge" ? Math.max(sums[at] as number, value) : (sums[at] as number) + value;
        samples[at] = (samples[at] as number) + counts.at(row);
      }
    }
    return Array.from(sums, (sum, at) => [sum, samples[at] as number]);
  }
}

const COURSES = {
  counter: ["sum", "samples"],
  rate: ["passes", "total"],
  gauge: ["max", "samples"],
  trend: ["sum", "samples"],
} as const;

/** The series of a metric by a tag of theirs; those without it stand under "". */
export function byTag(store: Store, metric: string, key: string): Map<string, Series[]> {
  const groups = new Map<string, Series[]>();
  for (const one of store.of(metric)) {
    const value = one.tags.get(key) ?? "";
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [one]);
    else group.push(one);
  }
  return groups;
}
