// What a run does: the one count that stands for its throughput, where a page has room for one only.

import type { Report } from "../data/report";

export interface Work {
  readonly label: string;
  readonly metrics: readonly string[];
}

/** Requests where there are any, else messages, else iterations. */
export function workOf({ store }: Report): Work {
  const isThere = ({ metrics }: Work): boolean => metrics.some((name) => store.has(name));
  return WORKS.find(isThere) ?? ITERATIONS;
}

/** How much of it was done in each interval. */
export function workDone({ store }: Report, { metrics }: Work): Float64Array {
  const done = new Float64Array(store.count);
  for (const { columns } of metrics.flatMap((name) => store.of(name))) {
    const sums = columns.column("sum");
    for (let row = 0; row < columns.length; row += 1) {
      const interval = columns.intervals.at(row);
      done[interval] = (done[interval] ?? 0) + sums.at(row);
    }
  }
  return done;
}

const ITERATIONS: Work = { label: "iterations", metrics: ["iterations"] };

const WORKS: readonly Work[] = [
  { label: "requests", metrics: ["ws_reqs", "tcp_reqs"] },
  { label: "messages", metrics: ["ws_msgs_received", "tcp_msgs_received"] },
  { label: "messages sent", metrics: ["ws_msgs_sent", "tcp_writes"] },
  ITERATIONS,
];
