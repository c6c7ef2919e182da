// The run that the bars of the page are of: an hour of 200 series, 20 of them trends with 20 values a second each.

import type { PageData } from "../data/page_data";
import { generator, MadeRun, normal, rounded, type Made } from "./made";

const SECONDS = 3600;
const A_SECOND = 20;

/** It, in intervals of this length. */
export function hour(intervalMs: number): PageData {
  const random = generator(41);
  const run = new MadeRun({ seconds: SECONDS, intervalMs });
  const tagged = (count: number, key: string, make: (tags: Record<string, string>) => Made): Made[] =>
    Array.from({ length: count }, (_, at) => make({ [key]: `${key} ${at}` }));
  // 16 + 4, with the milliseconds that half of them take.
  const trends: readonly [Made, number][] = [
    ...tagged(16, "name", (tags) => run.series("ws_req_duration", "trend", "time", tags)).map((one, at): [Made, number] => [one, 4 + 3 * at]),
    [run.series("iteration_duration", "trend", "time"), 900],
    [run.series("ws_connecting", "trend", "time"), 2],
    [run.series("ws_session_duration", "trend", "time"), 6e3],
    [run.series("vu_loop_lag", "trend", "time"), 0.2],
  ];
  // 16 + 98 + 7.
  const counters = [
    ...tagged(16, "name", (tags) => run.series("ws_reqs", "counter", "default", tags)),
    ...tagged(98, "store", (tags) => run.series("orders", "counter", "default", tags)),
    ...["iterations", "ws_sessions", "ws_closes", "ws_msgs_sent", "ws_msgs_received"].map((name) => run.series(name, "counter")),
    ...["data_sent", "data_received"].map((name) => run.series(name, "counter", "data")),
  ];
  // 16 + 40 + 1.
  const rates = [
    ...tagged(16, "name", (tags) => run.series("ws_req_failed", "rate", "default", tags)),
    ...tagged(40, "check", (tags) => run.series("checks", "rate", "default", tags)),
    run.series("iteration_failed", "rate"),
  ];
  const gauges = [run.series("vus", "gauge"), run.series("generator_cpu", "gauge")];
  for (let second = 0; second < SECONDS; second += 1) {
    const at = Math.floor((second * 1e3) / intervalMs);
    for (const [trend, ms] of trends) {
      for (let made = 0; made < A_SECOND; made += 1) trend.add(at, rounded(ms * Math.exp(0.35 * normal(random))));
    }
    for (const counter of counters) counter.add(at, Math.floor(A_SECOND * (0.5 + random())));
    for (const rate of rates) rate.add(at, random() < 0.99 === (rate.name === "checks") ? 1 : 0);
    for (const gauge of gauges) gauge.add(at, rounded(50 + random()));
  }
  return run.data;
}
