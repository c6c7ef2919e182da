import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { EventReader } from "../data/events";
import { follow, tokenOf, type Link } from "../data/live";
import type { Report } from "../data/report";
import { Block, Sink } from "./block";
import { syntheticRun } from "./synthetic";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const fetched = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = fetched;
});

test("events are read whatever the pieces that they come in", () => {
  const text = ": hello\r\nevent: page\r\ndata: {\"ä\":\r\ndata: 1}\r\n\r\ndata: x\n\nevent: nothing\n\nevent:second\rdata:y\r\r";
  const expected = [
    { event: "page", data: '{"ä":\n1}' },
    { event: "message", data: "x" },
    { event: "second", data: "y" },
  ];
  for (const size of [1, 2, 3, 7, 1000]) {
    const reader = new EventReader();
    const all = bytes(text + "\n");
    const found = [];
    for (let at = 0; at < all.length; at += size) found.push(...reader.take(all.subarray(at, at + size)));
    assert.deepEqual(found, expected, `pieces of ${size}`);
  }
});

/** Answers each request with the next of these. */
function serve(...answers: (() => Response)[]): { asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  globalThis.fetch = (_, options) => {
    asked.push(new Headers(options?.headers).get("Authorization"));
    const next = answers.shift();
    return next === undefined ? Promise.reject(new TypeError("refused")) : Promise.resolve(next());
  };
  return { asked };
}

async function followed(token: string | null = null, most = 8): Promise<{ reports: Report[]; links: Link[]; waits: number[] }> {
  const [reports, links, waits]: [Report[], Link[], number[]] = [[], [], []];
  const stop = new Error("enough");
  await follow({ report: (one) => reports.push(one), link: (one) => links.push(one) }, token, (seconds) => {
    waits.push(seconds);
    return waits.length < most ? Promise.resolve() : Promise.reject(stop);
  }).catch((error: unknown) => assert.equal(error, stop));
  return { reports, links, waits };
}

const running = { ...syntheticRun({ seconds: 5, intervalMs: 100 }), state: "running" as const };

function second(state: string): unknown {
  const block = new Block();
  const last = running.history.count;
  for (const [metric] of running.history.series) {
    const sink = new Sink();
    sink.add(7);
    block.series(running.history.metrics[metric as number]?.kind ?? "counter", new Map([[last, sink]]));
  }
  return {
    state,
    until: running.until + 100,
    clock_started: running.clock_started,
    summary: running.summary,
    scenarios: running.scenarios,
    happened: [{ kind: "end", cause: "", status: null, code: 1000, by: "k6ws", reason: null, counts: [[1, 9]] }],
    history: { interval_ms: 100, count: last + 1, metrics: [], texts: [], series: [], data: block.base64 },
  };
}

test("a run is followed to its end", async () => {
  const { asked } = serve(() => new Response(event("page", running) + event("second", second("running")) + event("second", second("ended"))));
  const { reports, links } = await followed("secret");
  assert.deepEqual(asked, ["Bearer secret"]);
  assert.deepEqual(reports.map(({ state }) => state), ["running", "running", "ended"]);
  assert.equal(links.at(-1)?.state, "over");
  const last = reports.at(-1);
  assert.equal(last?.store.count, running.history.count + 1);
  assert.deepEqual(last?.happened.map(({ kind, counts }) => [kind, counts.length]), [["end", 1], ["refusal", 1]]);
});

test("a server that goes away is asked again, less and less often, and a run that comes back is shown from its start", async () => {
  serve(
    () => new Response(event("page", running)),
    () => new Response("", { status: 503 }),
    () => new Response(event("page", running) + event("second", second("ended"))),
  );
  const { reports, links, waits } = await followed();
  assert.deepEqual(waits, [1, 2]);
  assert.equal(reports.length, 3);
  assert.equal(links.at(-1)?.state, "over");
  const gone = await followed();
  assert.deepEqual(gone.waits, [1, 2, 4, 8, 15, 15, 15, 15]);
});

test("without a token, and with a wrong one, the page says where there is one", async () => {
  serve(() => new Response("", { status: 401 }));
  const { links } = await followed();
  assert.ok(links.at(-1)?.state === "refused" && /#token=/.test(JSON.stringify(links.at(-1))));
  serve(() => new Response("", { status: 401 }));
  assert.match(JSON.stringify((await followed("x")).links.at(-1)), /does not accept/);
  assert.equal(tokenOf("#token=a%2Bb"), "a+b");
  assert.equal(tokenOf("#latency"), null);
});

test("data that cannot be read ends it with a sentence", async () => {
  serve(() => new Response(event("page", { ...running, format: 3 })));
  const { reports, links } = await followed();
  assert.equal(reports.length, 0);
  assert.match(JSON.stringify(links.at(-1)), /format 3.*newer/);
});
