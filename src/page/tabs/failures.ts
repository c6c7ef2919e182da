// What the Errors tab lists: refused handshakes and broken sessions, script exceptions, failed checks. Pure.

import type { Happened, SummaryFailure } from "../data/page_data";
import type { Page } from "../shell/page";
import { within, type Told } from "./happened";

/** A kind of failure of connections: what the summary says of it, and what the window has of it. */
export interface FailureRow {
  readonly kind: "refused" | "broken";
  readonly cause: string;
  readonly status: number | null;
  /** Null where nothing says how often it came in a window. */
  readonly count: number | null;
  readonly told: Told | null;
  readonly said: SummaryFailure | null;
}

/** Refused handshakes and broken sessions of the window, the most frequent first. */
export function failureRows(page: Page): FailureRow[] {
  const { run } = page.report.summary;
  const rows = [
    ...rowsOf(page, "refused", "refusal", run.connection_failures),
    ...rowsOf(page, "broken", "break", run.session_failures),
  ];
  return rows.sort((a, b) => (b.count ?? 0) - (a.count ?? 0));
}

function rowsOf(page: Page, kind: FailureRow["kind"], of: Happened["kind"], said: readonly SummaryFailure[]): FailureRow[] {
  const key = (one: { cause: string; status: number | null }): string => `${one.cause} ${one.status ?? ""}`;
  const left = new Map(said.map((one) => [key(one), one]));
  const told = within(
    page.report.happened.filter((one) => one.kind === of),
    page.span,
    page.report.store.intervalMs,
  );
  const rows = told.map((one): FailureRow => {
    const { cause, status } = one.what;
    const entry = left.get(key(one.what)) ?? null;
    left.delete(key(one.what));
    return { kind, cause, status, count: page.isWhole ? (entry?.count ?? one.count) : one.count, told: one, said: entry };
  });
  if (!page.isWhole) return rows;
  // What the summary has and time does not is not lost: it is older than what was kept.
  const rest = [...left.values()].map((one): FailureRow => ({ kind, ...one, told: null, said: one }));
  return [...rows, ...rest];
}

/** An exception of the script, as the summary says it. */
export interface ScriptException {
  readonly type: string;
  readonly message: string;
  readonly where: string;
  readonly count: number;
  readonly hint: string;
}

/** The exceptions of a run; what is no exception is left out. */
export function exceptionsOf(page: Page): ScriptException[] {
  return page.report.summary.run.exceptions.flatMap((one): ScriptException[] => {
    if (typeof one !== "object" || one === null) return [];
    const said = one as Record<string, unknown>;
    const text = (name: string): string => (typeof said[name] === "string" ? said[name] : "");
    const count = typeof said["count"] === "number" ? said["count"] : 0;
    return [{ type: text("type"), message: text("message"), where: text("where"), count, hint: text("hint") }];
  });
}
