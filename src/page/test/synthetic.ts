// Runs that never were: for tests, and to look at the page with. The same numbers with each call.

import type { Kind, PageData, Unit } from "../data/page_data";
import { generator, MadeRun, normal, rounded, type Frame } from "./made";

export interface Shape extends Frame {
  /** Requests told apart by name. */
  readonly names?: number;
  /** Requests a second with all VUs there. */
  readonly perSecond?: number;
}

/** A run with a ramp, a plateau with a bad minute, and a ramp down. */
export function syntheticRun(shape: Shape): PageData {
  const random = generator(14);
  const run = new MadeRun(shape);
  const { count } = run;
  const names = Array.from({ length: shape.names ?? 4 }, (_, at) => NAMES[at] ?? `call ${at}`);
  const add = (interval: number, name: string, kind: Kind, unit: Unit, value: number, tags: Record<string, string> = {}): void =>
    run.series(name, kind, unit, tags).add(interval, value);
  for (let interval = 0; interval < count; interval += 1) {
    const share = (interval + 0.5) / count;
    const load = share < 0.2 ? share / 0.2 : share > 0.9 ? (1 - share) / 0.1 : 1;
    const isBad = share > 0.62 && share < 0.7;
    const vus = Math.max(Math.round(50 * load), 1);
    add(interval, "vus", "gauge", "default", vus);
    add(interval, "vus_max", "gauge", "default", 50);
    add(interval, "ws_active", "gauge", "default", vus);
    add(interval, "generator_cpu", "gauge", "default", 8 + 30 * load + 4 * random());
    const requests = ((shape.perSecond ?? 40) * load * shape.intervalMs) / 1e3;
    names.forEach((name, at) => {
      const many = Math.floor((requests / names.length) * (0.9 + 0.2 * random()) + random());
      for (let made = 0; made < many; made += 1) {
        const isSlow = random() < 0.02;
        const ms = rounded((4 + 3 * at) * Math.exp(0.35 * normal(random)) * (isBad ? 3.2 : 1) * (isSlow ? 9 : 1) * (1 + load));
        const isLost = isBad && random() < 0.06;
        add(interval, "ws_reqs", "counter", "default", 1, { name });
        add(interval, "ws_req_failed", "rate", "default", isLost ? 1 : 0, { name });
        if (!isLost) add(interval, "ws_req_duration", "trend", "time", ms, { name });
        add(interval, "checks", "rate", "default", isLost ? 0 : 1, { check: "it says so" });
        add(interval, "data_sent", "counter", "data", 64 + at);
        add(interval, "data_received", "counter", "data", 180 + 40 * at);
        add(interval, "ws_msgs_sent", "counter", "default", 1);
        add(interval, "ws_msgs_received", "counter", "default", 2);
        add(interval, "vu_loop_lag", "trend", "time", rounded(0.05 + 0.2 * random()));
      }
      if (at === 0) {
        for (let ended = 0; ended < many / 4; ended += 1) {
          add(interval, "iterations", "counter", "default", 1);
          add(interval, "iteration_duration", "trend", "time", rounded(900 + 400 * random()));
          add(interval, "iteration_failed", "rate", "default", isBad && random() < 0.1 ? 1 : 0);
        }
        const opened = random() < 0.3 ? 1 : 0;
        if (opened > 0) {
          add(interval, "ws_sessions", "counter", "default", 1);
          add(interval, "ws_connecting", "trend", "time", rounded(1 + 2 * random()));
          add(interval, "ws_session_duration", "trend", "time", rounded(4e3 + 6e3 * random()));
        }
      }
    });
  }
  return run.data;
}

const NAMES = ["say", "join", "leave", "history"];
