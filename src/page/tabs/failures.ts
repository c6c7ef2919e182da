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
  readonly course: readonly number[];
  /** When, in milliseconds since the run began; null where nothing says it. */
  readonly first: number | null;
  readonly last: number | null;
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
  // Of the whole run the summary knows the count and the instants exactly.
  const since = (time: number | null | undefined): number | null => (typeof time === "number" ? Math.max(time - page.report.began, 0) : null);
  const rowOf = (cause: string, status: number | null, found: Told | null, entry: SummaryFailure | null): FailureRow => {
    const exact = page.isWhole ? entry : null;
    return {
      kind,
      cause,
      status,
      count: exact?.count ?? found?.count ?? null,
      course: found?.course ?? [],
      first: since(exact?.first_at) ?? found?.first ?? null,
      last: since(exact?.last_at) ?? found?.last ?? null,
      said: entry,
    };
  };
  const rows = told.map((one): FailureRow => {
    const entry = left.get(key(one.what)) ?? null;
    left.delete(key(one.what));
    return rowOf(one.what.cause, one.what.status, one, entry);
  });
  // What the summary has and no interval has is not lost: of the whole run it is shown.
  const rest = page.isWhole ? [...left.values()] : [];
  return [...rows, ...rest.map((one) => rowOf(one.cause, one.status, null, one))];
}

/** An exception of the script, as the summary says it. */
export interface ScriptException {
  readonly type: string;
  readonly message: string;
  readonly where: string;
  readonly count: number;
  readonly hint: string;
  /** The traceback of the first one; "" where it is not known. */
  readonly trace: string;
  /** In milliseconds since the run began; null where nothing says it. */
  readonly first: number | null;
  readonly last: number | null;
}

/** The exceptions of a run; what is no exception is left out. */
export function exceptionsOf(page: Page): ScriptException[] {
  return page.report.summary.run.exceptions.flatMap((one): ScriptException[] => {
    if (typeof one !== "object" || one === null) return [];
    const said = one as Record<string, unknown>;
    const text = (name: string): string => (typeof said[name] === "string" ? said[name] : "");
    const number = (name: string): number | null => (typeof said[name] === "number" ? said[name] : null);
    const since = (name: string): number | null => {
      const time = number(name);
      return time === null || time === 0 ? null : Math.max(time - page.report.began, 0);
    };
    return [
      {
        type: text("type"),
        message: text("message"),
        where: text("where"),
        count: number("count") ?? 0,
        hint: text("hint"),
        trace: text("trace"),
        first: since("first_at"),
        last: since("last_at"),
      },
    ];
  });
}
