// Runs that never were: for tests, and to look at the page with. The same numbers with each call.

import type { Kind, PageData, SummaryMetric, Unit } from "../data/page_data";
import { Block, Sink } from "./block";

export interface Shape {
  /** How long it lasted. */
  readonly seconds: number;
  readonly intervalMs: number;
  /** Requests told apart by name. */
  readonly names?: number;
  /** Requests a second with all VUs there. */
  readonly perSecond?: number;
  readonly isFailed?: boolean;
  readonly isDoubted?: boolean;
}

interface Made {
  readonly name: string;
  readonly kind: Kind;
  readonly unit: Unit;
  readonly tags: Record<string, string>;
  readonly rows: Map<number, Sink>;
  readonly values: number[];
}

const BEGAN = Date.UTC(2026, 10, 30, 9, 15);

/** A run with a ramp, a plateau with a bad minute, and a ramp down. */
export function syntheticRun(shape: Shape): PageData {
  const random = generator(14);
  const count = Math.ceil((shape.seconds * 1e3) / shape.intervalMs);
  const names = Array.from({ length: shape.names ?? 4 }, (_, at) => NAMES[at] ?? `call ${at}`);
  const all = new Map<string, Made>();
  const add = (interval: number, name: string, kind: Kind, unit: Unit, value: number, tags: Record<string, string> = {}): void => {
    const key = JSON.stringify([name, tags]);
    let made = all.get(key);
    if (made === undefined) all.set(key, (made = { name, kind, unit, tags, rows: new Map(), values: [] }));
    let sink = made.rows.get(interval);
    if (sink === undefined) made.rows.set(interval, (sink = new Sink()));
    sink.add(value);
    made.values.push(value);
  };
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
  return dataOf(shape, count, [...all.values()]);
}

function dataOf(shape: Shape, count: number, made: readonly Made[]): PageData {
  const metrics = [...new Map(made.map(({ name, kind, unit }) => [name, { name, kind, unit }])).values()];
  const block = new Block();
  for (const one of made) block.series(one.kind, one.rows);
  const isFailed = shape.isFailed ?? false;
  const until = BEGAN + shape.seconds * 1e3;
  const thresholds = [
    { metric: "ws_req_duration", expression: "p(95)<250", ok: true, value: 92.4, no_data: false },
    { metric: "ws_req_duration{name:say}", expression: "p(99)<40", ok: !isFailed, value: isFailed ? 61.25 : 31.7, no_data: false },
    { metric: "ws_req_failed", expression: "rate<0.01", ok: true, value: 0.0049, no_data: false },
    { metric: "checks", expression: "rate>0.99", ok: true, value: 0.9951, no_data: false },
  ];
  return {
    format: 1,
    tool: "k6ws 0.9.0",
    state: "ended",
    began: BEGAN,
    until,
    clock_started: BEGAN + 40,
    troubles: [],
    summary: {
      metrics: Object.fromEntries(metrics.map(({ name }) => [name, summaryOf(made.filter((one) => one.name === name), shape.seconds)])),
      thresholds,
      root_group: {
        name: "",
        path: "",
        groups: [],
        checks: [{ name: "it says so", path: "::it says so", passes: 9951, fails: 49 }],
      },
      state: { testRunDurationMs: shape.seconds * 1e3 },
      run: {
        trustworthy: !(shape.isDoubted ?? false),
        reasons: shape.isDoubted ? ["2.3 % of events came later than 10 ms: the handler at chat.py:41 held the loop for 310 ms"] : [],
        warnings: [],
        marks: [
          { name: "deploy", time: BEGAN + shape.seconds * 620 },
          { name: "rolled back", time: BEGAN + shape.seconds * 700 },
        ],
        requests: {},
        connection_failures: [],
        session_failures: [],
        session_ends: [{ code: 1000, name: "normal closure", by: "k6ws", reason: null, count: 120 }],
        exceptions: [],
        iterations_interrupted: 0,
        exit_code: isFailed ? 99 : 0,
      },
      exit_code: isFailed ? 99 : 0,
    },
    scenarios: [{ name: "chat", executor: "ramping-vus", description: "Up to 50 looping VUs over 3 stages" }],
    stages: [
      { scenario: "chat", name: "to 50", from_ms: 0, to_ms: shape.seconds * 200 },
      { scenario: "chat", name: "at 50", from_ms: shape.seconds * 200, to_ms: shape.seconds * 900 },
      { scenario: "chat", name: "to 0", from_ms: shape.seconds * 900, to_ms: shape.seconds * 1000 },
    ],
    about: {
      script: "chat.py",
      source: "from k6ws import ws\n\n\ndef default():\n    ...\n",
      options: { scenarios: { chat: { executor: "ramping-vus" } } },
      environment: { TARGET: "ws://127.0.0.1:8765/", TOKEN: "***" },
      machine: { python: "3.13.1", k6ws: "0.9.0", platform: "Linux x86_64", cpus: "2" },
    },
    happened: [
      { kind: "end", cause: "", status: null, code: 1000, by: "k6ws", reason: null, counts: [[1, 2], [Math.max(count - 1, 2), 5]] },
      { kind: "refusal", cause: "status", status: 503, code: null, by: null, reason: null, counts: [[Math.floor(count * 0.65), 7]] },
    ],
    history: {
      interval_ms: shape.intervalMs,
      why: null,
      count,
      metrics,
      series: made.map((one) => [metrics.findIndex(({ name }) => name === one.name), one.tags]),
      encoding: "none",
      data: block.base64,
    },
  };
}

/** The figures of the whole run, as a summary has them. */
function summaryOf(all: readonly Made[], seconds: number): SummaryMetric {
  const sinks = all.flatMap((one) => [...one.rows.values()]);
  const [kind, unit] = [all[0]?.kind ?? "counter", all[0]?.unit ?? "default"];
  const [sum, samples] = [total(sinks, "sum"), total(sinks, "samples")];
  const min = Math.min(...sinks.map((sink) => sink.min));
  const max = sinks.reduce((most, sink) => Math.max(most, sink.max), -Infinity);
  const passes = total(sinks, "passes");
  const sorted = all.flatMap((one) => one.values).sort((one, other) => one - other);
  const at = (p: number): number => {
    const place = (p / 100) * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? 0;
    return below + ((sorted[Math.ceil(place)] ?? below) - below) * (place % 1);
  };
  const values: Record<Kind, Record<string, number>> = {
    counter: { count: sum, rate: sum / seconds },
    gauge: { value: sinks.at(-1)?.value ?? 0, min, max },
    rate: { rate: passes / samples, passes, fails: samples - passes },
    trend: { avg: sum / samples, min, med: at(50), max, "p(90)": at(90), "p(95)": at(95) },
  };
  return { type: kind, contains: unit, values: values[kind] };
}

function total(sinks: readonly Sink[], name: "sum" | "samples" | "passes"): number {
  return sinks.reduce((sum, sink) => sum + sink[name], 0);
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Numbers from 0 to 1 that look like chance and are the same each time. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
}

const NAMES = ["say", "join", "leave", "history"];
