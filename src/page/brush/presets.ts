// Windows that have a name: the whole run, its steady state, each stage.

import type { Report } from "../data/report";
import type { Span } from "../numbers/merged";
import { steadyState } from "./steady";
import { shown } from "../text/names";
import { workDone, workOf } from "./work";

export interface Preset {
  readonly name: string;
  readonly span: Span;
}

/** The steady state; null where throughput never settled. */
export function steady(report: Report): Span | null {
  return steadyState(workDone(report, workOf(report)));
}

/** The stages of all scenarios that have begun. */
export function stages({ stages: all, scenarios, store }: Report): Preset[] {
  const isOne = new Set(all.map(({ scenario }) => scenario)).size <= 1 && scenarios.length <= 1;
  const begun = all.filter(({ from_ms }) => from_ms < store.count * store.intervalMs);
  return begun.map(({ scenario, name, from_ms, to_ms }) => ({
    name: shown(isOne ? name : `${scenario}: ${name}`),
    span: { from: Math.floor(from_ms / store.intervalMs), to: Math.max(Math.ceil(to_ms / store.intervalMs), 1) },
  }));
}
