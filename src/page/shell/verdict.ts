// What is to be said of a run before all else: whether it passed, whether to believe it, and three sentences by rule.

import type { Report } from "../data/report";
import type { Summary } from "../data/page_data";
import { judged, type Judged } from "../numbers/thresholds";
import { counted, formatDuration, formatNumber, formatPercent, formatRate } from "../text/format";
import { shown } from "../text/names";

export interface Verdict {
  readonly word: string;
  readonly tone: "good" | "bad" | "open";
  readonly thresholds: readonly Judged[];
  readonly doubts: readonly string[];
  readonly sentences: readonly string[];
}

/** Judges what is known so far. */
export function verdictOf(report: Report): Verdict {
  const { summary, state } = report;
  const thresholds = judged(summary);
  const isBad = thresholds.some(({ threshold }) => !threshold.ok) || exitCode(summary) !== 0;
  const word = state === "running" ? "RUNNING" : isBad ? "FAILED" : state === "cut" ? "CUT OFF" : "PASSED";
  return {
    word,
    tone: isBad ? "bad" : state === "ended" ? "good" : "open",
    thresholds,
    doubts: summary.run.reasons,
    sentences: [onThresholds(thresholds, report), onLoad(report), ...onTroubles(report), onTrust(report)],
  };
}

function onThresholds(all: readonly Judged[], { state, summary }: Report): string {
  const soFar = state === "running" ? " so far" : "";
  const code = exitCode(summary);
  const ended = code === 0 || code === CROSSED ? "" : ` The run ended with exit code ${code}.`;
  if (all.length === 0) return `No threshold was set, so nothing was judged.${ended}`;
  const failed = all.filter(({ threshold }) => !threshold.ok);
  const [first] = failed;
  if (first !== undefined) {
    const many = failed.length === 1 && all.length === 1 ? "The threshold does not hold" : `${failed.length} of ${all.length} thresholds ${failed.length === 1 ? "does" : "do"} not hold`;
    return `${many}${soFar}: ${nameOf(first)} is ${first.valueText}${distance(first)}.${ended}`;
  }
  const closest = all.filter(({ margin }) => margin !== null).sort((one, other) => (one.margin ?? 0) - (other.margin ?? 0))[0];
  const many = all.length === 1 ? "The threshold holds" : `All ${all.length} thresholds hold`;
  if (closest === undefined) return `${many}${soFar}.${ended}`;
  return `${many}${soFar}; ${all.length === 1 ? "" : "the closest: "}${nameOf(closest)} is ${closest.valueText}${distance(closest)}.${ended}`;
}

function onLoad({ summary, state, until, began }: Report): string {
  const { metrics } = summary;
  const get = (metric: string, figure: string): number | null => (Object.hasOwn(metrics, metric) ? (metrics[metric]?.values[figure] ?? null) : null);
  const said: string[] = [];
  const iterations = get("iterations", "count");
  const took = state === "running" ? until - began : summary.state.testRunDurationMs;
  const vus = get("vus", "max") ?? get("vus_max", "max");
  const isOne = vus === null || vus === 1;
  said.push(vus === null ? "the run" : isOne ? "1 VU" : `up to ${formatNumber(vus)} VUs`);
  said.push(`${state === "running" ? `${isOne ? "has" : "have"} made` : "made"} ${counted(iterations ?? 0, "iteration")} in ${formatDuration(took)}`);
  let text = said.join(" ");
  for (const kind of ["ws", "tcp"] as const) {
    const made = get(`${kind}_reqs`, "count") ?? 0;
    if (made === 0) continue;
    const failed = get(`${kind}_req_failed`, "rate") ?? 0;
    const [med, p95] = [get(`${kind}_req_duration`, "med"), get(`${kind}_req_duration`, "p(95)")];
    text += `, with ${counted(made, `${kind === "ws" ? "WebSocket" : "TCP"} request`)} (${formatRate(get(`${kind}_reqs`, "rate"))})`;
    text += failed > 0 ? `, of which ${formatPercent(failed)} failed` : ", of which none failed";
    if (med !== null && p95 !== null) text += `; half were answered within ${formatDuration(med)}, 95 of 100 within ${formatDuration(p95)}`;
  }
  const messages = (get("ws_msgs_received", "count") ?? 0) + (get("tcp_msgs_received", "count") ?? 0);
  if (!text.includes("request") && messages > 0) text += ` and received ${counted(messages, "message")}`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** What went wrong, in the words of the last line of the terminal; nothing where nothing did. */
function onTroubles({ summary: { run, metrics } }: Report): string[] {
  const sum = (entries: readonly unknown[]): number => entries.reduce<number>((all, one) => all + ((one as { count?: number }).count ?? 0), 0);
  const troubles: [number, string][] = [
    [sum(run.exceptions), "exception"],
    [sum(run.connection_failures), "failed connection"],
    [sum(run.session_failures), "broken session"],
    [run.iterations_interrupted, "interrupted iteration"],
    [metrics["dropped_iterations"]?.values["count"] ?? 0, "dropped iteration"],
  ];
  const said = troubles.filter(([count]) => count > 0).map(([count, what]) => counted(count, what));
  return said.length === 0 ? [] : [`Not in order: ${said.join(", ")}.`];
}

function onTrust({ summary }: Report): string {
  const { reasons, trustworthy } = summary.run;
  if (trustworthy) return "The generator kept up: the numbers can be believed.";
  const [first, ...more] = reasons;
  const others = more.length === 0 ? "" : ` (and ${counted(more.length, "more reason")})`;
  return `The generator was a limit itself, so times may be longer than they were${first === undefined ? "" : `: ${first}`}${others}.`;
}

/** How far it is from its limit, in words. */
export function distance({ margin, times, threshold: { operator }, limitText }: Judged): string {
  if (limitText === "") return "";
  if (margin === null) return `, with a limit of ${limitText}`;
  if (times !== null) return `, ${formatNumber(times)} times its limit of ${limitText}`;
  const side = operator.startsWith("<") === margin >= 0 ? "below" : "above";
  return `, ${formatPercent(Math.abs(margin))} ${side} its limit of ${limitText}`;
}

function nameOf({ threshold }: Judged): string {
  return `${shown(threshold.metric)} ${threshold.figure}`;
}

function exitCode({ exit_code, run }: Summary): number {
  return exit_code ?? run.exit_code ?? 0;
}

/** Thresholds were crossed: said anyway. */
const CROSSED = 99;
