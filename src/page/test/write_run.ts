// Puts a synthetic run into the page, to look at: node write_run.mjs PAGE OUT SECONDS INTERVAL_MS [names] [failed] [doubted]

import { readFileSync, writeFileSync } from "node:fs";

import { syntheticRun } from "./synthetic";

const [page, out, seconds, interval, names, ...flags] = process.argv.slice(2);
const run = syntheticRun({
  seconds: Number(seconds),
  intervalMs: Number(interval),
  names: Number(names ?? 4),
  isFailed: flags.includes("failed"),
  isDoubted: flags.includes("doubted"),
});
const json = JSON.stringify(run).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
writeFileSync(out as string, readFileSync(page as string, "utf8").replace(/(<script type="application\/json" id="data">)/, (tag) => tag + json));
