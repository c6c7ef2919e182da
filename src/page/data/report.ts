// A run as the page has it: what was told of it, and its series.

import { FORMAT, type About, type Happened, type PageData, type Scenario, type Second, type Stage, type Summary } from "./page_data";
import { unpacked } from "./bytes";
import { Store } from "./store";

/** A run, read. While it lasts `told` gives the next one, which has the same store. */
export interface Report {
  readonly tool: string;
  readonly state: PageData["state"];
  readonly began: number;
  readonly until: number;
  readonly clockStarted: number;
  readonly troubles: readonly string[];
  readonly summary: Summary;
  readonly scenarios: readonly Scenario[];
  readonly stages: readonly Stage[];
  readonly about: About;
  readonly happened: readonly Happened[];
  /** Why intervals are longer than they could be; null where they are not. */
  readonly why: string | null;
  readonly store: Store;
}

/** What a page cannot show, in a sentence for whoever looks at it. */
export class Unreadable extends Error {}

/** Reads a whole page. Throws `Unreadable`. */
export async function readReport(text: string): Promise<Report> {
  let data: PageData;
  try {
    data = JSON.parse(text) as PageData;
  } catch {
    throw new Unreadable("The data of this report is no valid JSON: the file was cut or changed. Make it again with k6ws report.");
  }
  checkFormat(data);
  try {
    const store = new Store(data.history.interval_ms);
    store.take(data.history, await unpacked(data.history.data, data.history.encoding));
    return {
      tool: data.tool,
      state: data.state,
      began: data.began,
      until: data.until,
      clockStarted: data.clock_started,
      troubles: data.troubles,
      summary: data.summary,
      scenarios: data.scenarios,
      stages: data.stages,
      about: data.about,
      happened: data.happened,
      why: data.history.why,
      store,
    };
  } catch (error) {
    throw new Unreadable(
      `The data of this report cannot be read: ${reasonOf(error)}. The file was cut or changed; make it again with k6ws report.`,
    );
  }
}

/** The run with what came since. Either all of it is taken, or nothing. Throws `Unreadable`. */
export async function withSecond(report: Report, text: string): Promise<Report> {
  try {
    const news = JSON.parse(text) as Second;
    if (news.history.interval_ms !== report.store.intervalMs) throw new Error("its intervals are of another length");
    report.store.take(news.history, await unpacked(news.history.data, "none"));
    return {
      ...report,
      state: news.state,
      until: news.until,
      clockStarted: news.clock_started,
      summary: news.summary,
      scenarios: news.scenarios,
      happened: withNews(report.happened, news.happened),
    };
  } catch (error) {
    throw new Unreadable(`What the run said last cannot be read: ${reasonOf(error)}.`);
  }
}

function checkFormat(data: PageData): void {
  if (typeof data !== "object" || data === null || typeof data.format !== "number") {
    throw new Unreadable("This file has no data of a run. It is made with k6ws run --report, or with k6ws report.");
  }
  if (data.format === FORMAT) return;
  const by = typeof data.tool === "string" ? ` (written by ${data.tool})` : "";
  const [age, advice] =
    data.format > FORMAT
      ? ["newer", "Open it with the page of a newer k6ws."]
      : ["older", "Make it again from its snapshots with k6ws report."];
  throw new Unreadable(`This data has format ${data.format}${by}, which is ${age} than the ${FORMAT} that this page reads. ${advice}`);
}

/** Entries whole: one that is told again replaces the one before. */
function withNews(before: readonly Happened[], news: readonly Happened[]): readonly Happened[] {
  if (news.length === 0) return before;
  const all = new Map(before.map((one) => [keyOf(one), one]));
  for (const one of news) all.set(keyOf(one), one);
  return [...all.values()];
}

function keyOf(one: Happened): string {
  return JSON.stringify([one.kind, one.cause, one.status, one.code, one.by, one.reason]);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
