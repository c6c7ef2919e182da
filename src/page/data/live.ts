// A run that lasts: its events, from the server that gave the page, for as long as there are any.

import { EventReader, type ServerEvent } from "./events";
import { readReport, Unreadable, withSecond, type Report } from "./report";

/** How it stands with the server, for whoever looks at the page. */
export type Link =
  | { readonly state: "connecting" | "live" | "over" }
  | { readonly state: "waiting"; readonly seconds: number }
  | { readonly state: "refused"; readonly why: string };

export interface Listener {
  /** The run, as it is now: the first one, and each time that more of it came. */
  report(report: Report): void;
  link(link: Link): void;
}

/** Follows the run until it is over, or the server refuses. Comes back when neither will change. */
export async function follow(listener: Listener, token: string | null, wait = pause): Promise<void> {
  let report: Report | null = null;
  for (let failures = 0; ; failures += 1) {
    listener.link({ state: "connecting" });
    try {
      const response = await fetch("events", {
        headers: { Accept: "text/event-stream", ...(token === null ? {} : { Authorization: `Bearer ${token}` }) },
        cache: "no-store",
      });
      if (response.status === 401) return listener.link({ state: "refused", why: token === null ? NO_TOKEN : WRONG_TOKEN });
      if (response.ok && response.body !== null) {
        for await (const event of eventsOf(response.body)) {
          report = await taken(report, event);
          failures = 0;
          listener.link({ state: "live" });
          listener.report(report);
          if (report.state !== "running") return listener.link({ state: "over" });
        }
      }
    } catch (error) {
      // What cannot be read now cannot be read later; a server that went away may come back.
      if (error instanceof Unreadable) return listener.link({ state: "refused", why: error.message });
    }
    const seconds = Math.min(2 ** failures, MOST_SECONDS);
    listener.link({ state: "waiting", seconds });
    await wait(seconds);
  }
}

/** The token that stands in the fragment of the address, `#token=…`. */
export function tokenOf(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("token");
}

async function taken(report: Report | null, { event, data }: ServerEvent): Promise<Report> {
  if (event === "page" || report === null) return readReport(data);
  return event === "second" ? withSecond(report, data) : report;
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const stream = body.getReader();
  const reader = new EventReader();
  try {
    for (;;) {
      const { done, value } = await stream.read();
      if (done) return;
      yield* reader.take(value);
    }
  } finally {
    await stream.cancel().catch(() => undefined);
  }
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1e3));
}

const MOST_SECONDS = 15;

const NO_TOKEN =
  "This server asks for a token. Open the whole address that k6ws printed when the run began: it ends in #token=…";
const WRONG_TOKEN =
  "The server does not accept this token. Open the address that k6ws printed when this run began: each run has a token of its own.";
