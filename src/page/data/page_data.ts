// What the program tells the page: PageData of format 2, as JSON. Nothing here is trusted before `parse.ts` has seen it.

export const FORMAT = 2;

export type Kind = "counter" | "gauge" | "rate" | "trend";
export type Unit = "time" | "data" | "default";

/** Everything that a page shows. Times of day are milliseconds since 1970. */
export interface PageData {
  format: number;
  /** Name and version of the program, such as `k6ws 0.9.0`. */
  tool: string;
  state: "running" | "ended" | "cut";
  began: number;
  until: number;
  /** When the clock of the test started; 0 before. */
  clock_started: number;
  /** What is wrong with the data itself, such as a file that was cut. */
  troubles: string[];
  summary: Summary;
  scenarios: Scenario[];
  stages: Stage[];
  about: About;
  happened: Happened[];
  history: History;
}

export interface Stage {
  scenario: string;
  name: string;
  from_ms: number;
  to_ms: number;
}

export interface About {
  script: string;
  source: string | null;
  options: Record<string, unknown>;
  environment: Record<string, string>;
  machine: Record<string, string>;
}

/** One way to fail or to end, and how often it came in which interval. */
export interface Happened {
  kind: "refusal" | "break" | "end";
  cause: string;
  status: number | null;
  code: number | null;
  by: string | null;
  reason: string | null;
  counts: [number, number][];
}

export interface History {
  interval_ms: number;
  /** Why intervals are longer than they could be; null where they are not. */
  why: string | null;
  count: number;
  metrics: MetricName[];
  /** What tags are made of; each text is said once. */
  texts: string[];
  /** The number of the metric, and then of each tag those of its two texts. */
  series: number[][];
  encoding: "deflate" | "none";
  data: string;
}

export interface MetricName {
  name: string;
  kind: Kind;
  unit: Unit;
}

/** What came since the event before: of `history`, new metrics, texts and series, and the intervals that changed. */
export interface Second {
  state: PageData["state"];
  until: number;
  clock_started: number;
  summary: Summary;
  scenarios: Scenario[];
  happened: Happened[];
  history: Pick<History, "interval_ms" | "count" | "metrics" | "texts" | "series" | "data">;
}

/** The document of `--summary-export`. */
export interface Summary {
  metrics: Record<string, SummaryMetric>;
  thresholds: SummaryThreshold[];
  root_group: SummaryGroup;
  state: { testRunDurationMs: number };
  run: RunBlock;
  scenarios?: Scenario[];
  exit_code?: number | null;
  tool?: { name: string; version: string };
}

export interface Scenario {
  name: string;
  executor: string;
  exec?: string;
  description?: string;
}

export interface SummaryMetric {
  type: Kind;
  contains: Unit;
  values: Record<string, number | null>;
  thresholds?: Record<string, { ok: boolean; value: number | null }>;
}

export interface SummaryThreshold {
  metric: string;
  expression: string;
  ok: boolean;
  value: number | null;
  no_data: boolean;
  figure: string;
  operator: string;
  /** Null where it is infinite. */
  limit: number | null;
  /** How long each stretch is in which it must hold, such as `10s`; empty for the whole run. */
  window: string;
  /** Of several processes each knows its own windows only. */
  undecided: boolean;
}

export interface SummaryGroup {
  name: string;
  path: string;
  groups: SummaryGroup[];
  checks: { name: string; path: string; passes: number; fails: number }[];
}

/** What a summary says of the run itself, beside its metrics. */
export interface RunBlock {
  trustworthy: boolean;
  /** Why the numbers are doubted, a sentence each, with what to do. */
  reasons: string[];
  warnings: string[];
  marks: { name: string; time: number }[];
  requests: Record<string, unknown>;
  connection_failures: SummaryFailure[];
  session_failures: SummaryFailure[];
  session_ends: SummaryEnd[];
  exceptions: unknown[];
  iterations_interrupted: number;
  exit_code?: number | null;
  samples_lost?: number;
}

export interface SummaryFailure {
  cause: string;
  status: number | null;
  count: number;
  message: string;
  hint: string | null;
  body: string | null;
  /** Milliseconds since 1970. */
  first_at?: number | null;
  last_at?: number | null;
}

export interface SummaryEnd {
  code: number | null;
  name: string;
  by: string | null;
  reason: string | null;
  count: number;
}
