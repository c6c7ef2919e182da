// How thresholds stand: the figure, the limit, how far from it.

import type { Kind, Summary, SummaryThreshold, Unit } from "../data/page_data";
import { formatNumber, formatPercent, formatValue, NO_FIGURE, short } from "../text/format";

export interface Judged {
  readonly threshold: SummaryThreshold;
  /** How far from its limit, as a share of it: positive is room, negative is beyond. Null where nothing was measured. */
  readonly margin: number | null;
  /** How many times its limit it is, where that says more than a share; else null. */
  readonly times: number | null;
  readonly valueText: string;
  readonly limitText: string;
}

/** What a summary says of its thresholds, those that do not hold first. */
export function judged(summary: Summary): Judged[] {
  const all = summary.thresholds.map((one) => judge(one, summary));
  return [...all.filter(({ threshold }) => !threshold.ok), ...all.filter(({ threshold }) => threshold.ok)];
}

function judge(threshold: SummaryThreshold, summary: Summary): Judged {
  const { metric, value, figure, operator, limit, window } = threshold;
  const told = Object.hasOwn(summary.metrics, metric) ? summary.metrics[metric] : summary.metrics[metric.replace(/\{.*$/s, "")];
  const text = (number: number | null): string => textOf(number, figure, told?.type ?? "trend", told?.contains ?? "default");
  return {
    threshold,
    margin: threshold.no_data ? null : marginOf(value, operator, limit),
    times: threshold.no_data ? null : timesOf(value, limit),
    valueText: threshold.no_data ? NO_FIGURE : text(value),
    limitText: (limit === null ? "infinity" : short(text(limit))) + (window === "" ? "" : ` over ${window}`),
  };
}

/** How it stands: a mark, the words for it, and its tone. */
export function standingOf(threshold: SummaryThreshold): readonly [mark: string, text: string, tone: string] {
  if (threshold.undecided) return ["?", "not judged: of several files each knows its own windows only", "none"];
  if (threshold.no_data) return ["–", "no data", "none"];
  return threshold.ok ? ["✓", "holds", "good"] : ["✗", "does not hold", "bad"];
}

/** A margin as text: `+12.3%` is room, `−53.1%` is beyond, `×17.3` is so many times the limit. */
export function marginText({ margin, times }: Pick<Judged, "margin" | "times">): string {
  if (margin === null) return NO_FIGURE;
  if (times !== null) return `×${formatNumber(times)}`;
  return `${margin < 0 ? "−" : "+"}${formatPercent(Math.abs(margin))}`;
}

/** A figure as text, by the kind of its metric: the `rate` of a rate is a share, that of a counter is so many a second. */
export function textOf(value: number | null, figure: string, kind: Kind, unit: Unit): string {
  if (value === null) return NO_FIGURE;
  if (kind === "rate") return figure === "rate" ? formatPercent(value) : formatNumber(value);
  if (kind === "counter" && figure === "rate") return `${formatValue(value, unit)}/s`;
  return kind === "trend" && figure === "count" ? formatNumber(value) : formatValue(value, unit);
}

/** From so many times the limit on a percentage says less than how many times. */
const MANY = 10;

function timesOf(value: number | null, limit: number | null): number | null {
  if (value === null || limit === null || limit <= 0 || value < MANY * limit) return null;
  return value / limit;
}

function marginOf(value: number | null, operator: string, limit: number | null): number | null {
  if (value === null || limit === null || limit === 0) return null;
  const beyond = (value - limit) / Math.abs(limit);
  return operator.startsWith("<") ? -beyond : operator.startsWith(">") ? beyond : null;
}
