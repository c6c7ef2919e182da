// Puts a run that never was into the page, to look at and to measure:
//
//     node write_run.mjs PAGE OUT SECONDS INTERVAL_MS [names] [failed] [doubted]
//     node write_run.mjs PAGE OUT hour     that of hour.ts, with intervals as long as the core would make them

import { readFileSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";

import type { PageData } from "../data/page_data";
import { hour } from "./hour";
import { syntheticRun } from "./synthetic";

/** What the core lets the data of a report have, and the lengths of intervals that it tries one after the other. */
const MOST_BYTES = 2_000_000;
const LENGTHS_MS = [1_000, 2_000, 5_000, 10_000, 20_000];

const [page, out, what, ...more] = process.argv.slice(2) as [string, string, string, ...string[]];
const json = what === "hour" ? smallHour() : packed(shaped(Number(what), ...more));
const html = readFileSync(page, "utf8").replace(/(<script type="application\/json" id="data">)/, (tag) => tag + json);
writeFileSync(out, html);

function shaped(seconds: number, interval = "1000", names = "4", ...flags: string[]): PageData {
  return syntheticRun({
    seconds,
    intervalMs: Number(interval),
    names: Number(names),
    isFailed: flags.includes("failed"),
    isDoubted: flags.includes("doubted"),
  });
}

function smallHour(): string {
  for (const length of LENGTHS_MS) {
    const json = packed(hour(length));
    if (json.length <= MOST_BYTES) return json;
  }
  throw new Error("no length of intervals makes the hour small enough");
}

/** As a file has it: deflated, and nothing in it that ends its element. */
function packed(run: PageData): string {
  const data = deflateSync(Buffer.from(run.history.data, "base64")).toString("base64");
  const json = JSON.stringify({ ...run, history: { ...run.history, encoding: "deflate", data } });
  const { interval_ms: length, series, metrics } = run.history;
  const trends = series.filter(([metric]) => metrics[metric as number]?.kind === "trend").length;
  console.log(`${series.length} series, ${trends} of them trends, in intervals of ${length / 1e3} s: ${(json.length / 1e6).toFixed(2)} MB`);
  return json.replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
