// The page as its tabs see it: the run, the window, and who is told when one of them changes.

import type { Report } from "../data/report";
import type { Tags } from "../data/store";
import { figuresOf, type Figures } from "../numbers/figures";
import { merge, type Merged, type Span } from "../numbers/merged";

/** What changed: the run (more of it came), the window, the report beside it, or the colours. */
export type Change = "report" | "span" | "other" | "theme";

export class Page {
  private listeners: ((change: Change) => void)[] = [];
  private cache = new Map<string, Merged | null>();
  private chosen: Span | null = null;
  private beside: Report | null = null;

  constructor(private now: Report) {}

  /** The run that is shown. */
  get report(): Report {
    return this.now;
  }

  /** Another run, laid beside this one; null where there is none. */
  get other(): Report | null {
    return this.beside;
  }

  /** The window: interval numbers. The whole run where none is chosen. */
  get span(): Span {
    return this.chosen ?? { from: 0, to: this.now.store.count };
  }

  /** Whether the window is everything. */
  get isWhole(): boolean {
    return this.chosen === null;
  }

  /** How long the window is; at most until the run's last word. */
  get seconds(): number {
    const { intervalMs } = this.now.store;
    const end = Math.min(this.span.to * intervalMs, Math.max(this.now.until - this.now.began, 0));
    return Math.max(end - this.span.from * intervalMs, 0) / 1e3;
  }

  /** What the window has of a metric, or of those of its series that have these tags; null where it has none. */
  merged(metric: string, tags: Tags = {}): Merged | null {
    const key = JSON.stringify([metric, Object.entries(tags).sort()]);
    let found = this.cache.get(key);
    if (found === undefined) {
      const { store } = this.now;
      const kind = store.metric(metric)?.kind;
      const merged = kind === undefined ? null : merge(kind, store.of(metric, tags), this.span);
      found = merged !== null && merged.samples > 0 ? merged : null;
      this.cache.set(key, found);
    }
    return found;
  }

  /** The figures of a metric in the window, of the whole run the exact ones; null where it has none. */
  figures(metric: string, tags: Tags = {}): Figures | null {
    const isAll = this.isWhole && Object.keys(tags).length === 0;
    const all = this.now.summary.metrics;
    const summary = isAll && Object.hasOwn(all, metric) ? all[metric] : undefined;
    const unit = this.now.store.metric(metric)?.unit ?? summary?.contains ?? "default";
    return figuresOf(this.merged(metric, tags), unit, summary, this.seconds);
  }

  /** Chooses a window; null is everything. A window that the run does not have is cut to it. */
  select(span: Span | null): void {
    const count = this.now.store.count;
    if (span !== null) {
      const from = Math.min(Math.max(Math.round(span.from), 0), Math.max(count - 1, 0));
      const to = Math.min(Math.max(Math.round(span.to), from + 1), Math.max(count, 1));
      span = from === 0 && to === count ? null : { from, to };
    }
    if (span?.from === this.chosen?.from && span?.to === this.chosen?.to) return;
    this.chosen = span;
    this.tell("span");
  }

  /** More of the run came. */
  become(report: Report): void {
    const scale = this.now.store.intervalMs / report.store.intervalMs;
    this.now = report;
    if (this.chosen !== null && scale !== 1) {
      this.chosen = { from: Math.floor(this.chosen.from * scale), to: Math.ceil(this.chosen.to * scale) };
    }
    this.tell("report");
  }

  /** Lays another run beside this one, or takes it away. */
  compare(other: Report | null): void {
    this.beside = other;
    this.tell("other");
  }

  /** Calls `listener` on each change from now on, in the order of registration. */
  listen(listener: (change: Change) => void): void {
    this.listeners.push(listener);
  }

  /** Tells all listeners. */
  tell(change: Change): void {
    if (change === "report" || change === "span") this.cache = new Map();
    for (const listener of this.listeners) listener(change);
  }
}
