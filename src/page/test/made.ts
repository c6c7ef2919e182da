// What runs that never were are made of: values by series and interval, and the page's data of all of it.

import type { Kind, PageData, SummaryMetric, Unit } from "../data/page_data";
import { Block, Sink } from "./block";

export interface Frame {
  /** How long it lasted. */
  readonly seconds: number;
  readonly intervalMs: number;
  readonly isFailed?: boolean;
  readonly isDoubted?: boolean;
}

/** A series, with what it has in which interval. */
export class Made {
  readonly rows = new Map<number, Sink>();
  readonly values: number[] = [];

  constructor(
    readonly name: string,
    readonly kind: Kind,
    readonly unit: Unit,
    readonly tags: Record<string, string>,
  ) {}

  add(interval: number, value: number): void {
    let sink = this.rows.get(interval);
    if (sink === undefined) this.rows.set(interval, (sink = new Sink()));
    sink.add(value);
    this.values.push(value);
  }
}

const BEGAN = Date.UTC(2026, 10, 30, 9, 15);

/** A run, value by value. */
export class MadeRun {
  private readonly all = new Map<string, Made>();

  constructor(private readonly frame: Frame) {}

  /** How many intervals it has. */
  get count(): number {
    return Math.ceil((this.frame.seconds * 1e3) / this.frame.intervalMs);
  }

  /** One of its series. */
  series(name: string, kind: Kind, unit: Unit = "default", tags: Record<string, string> = {}): Made {
    const key = JSON.stringify([name, tags]);
    const made = this.all.get(key) ?? new Made(name, kind, unit, tags);
    this.all.set(key, made);
    return made;
  }

  get data(): PageData {
    return dataOf(this.frame, this.count, [...this.all.values()]);
  }
}

/** Of the whole run, and judged. */
const WHOLE = { window: "", undecided: false };

function dataOf(shape: Frame, count: number, made: readonly Made[]): PageData {
  const metrics = [...new Map(made.map(({ name, kind, unit }) => [name, { name, kind, unit }])).values()];
  const block = new Block();
  for (const one of made) block.series(one.kind, one.rows);
  const texts = [...new Set(made.flatMap(({ tags }) => Object.entries(tags).flat()))];
  const isFailed = shape.isFailed ?? false;
  const until = BEGAN + shape.seconds * 1e3;
  const thresholds = [
    { metric: "ws_req_duration", expression: "p(95)<250", ok: true, value: 92.4, no_data: false, figure: "p(95)", operator: "<", limit: 250, ...WHOLE },
    { metric: "ws_req_duration{name:say}", expression: "p(99)<40", ok: !isFailed, value: isFailed ? 61.25 : 31.7, no_data: false, figure: "p(99)", operator: "<", limit: 40, ...WHOLE },
    { metric: "ws_req_failed", expression: "rate<0.01", ok: true, value: 0.0049, no_data: false, figure: "rate", operator: "<", limit: 0.01, ...WHOLE },
    { metric: "checks", expression: "rate>0.99", ok: true, value: 0.9951, no_data: false, figure: "rate", operator: ">", limit: 0.99, ...WHOLE },
  ];
  return {
    format: 2,
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
      texts,
      series: made.map(({ name, tags }) => [
        metrics.findIndex((metric) => metric.name === name),
        ...Object.entries(tags).flat().map((text) => texts.indexOf(text)),
      ]),
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
  const min = sinks.reduce((least, sink) => Math.min(least, sink.min), Infinity);
  const max = sinks.reduce((most, sink) => Math.max(most, sink.max), -Infinity);
  const passes = total(sinks, "passes");
  const sorted = Float64Array.from(all.flatMap((one) => one.values)).sort();
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

/** To a millionth, as the core has it. */
export function rounded(value: number): number {
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

/** Numbers around 0, most of them within 1. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
}
