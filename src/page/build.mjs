// Builds the page: one HTML with its style, its script, and the policy that allows these two and nothing else.
//
//     node build.mjs OUT.html MODULES        OUT is replaced whole or not at all; MODULES is where npm put its packages
//     node build.mjs --tests OUT_DIR MODULES one file for each test, for node's test runner

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const HERE = dirname(fileURLToPath(import.meta.url));

const bundle = (esbuild, modules, options) =>
  esbuild.build({
    absWorkingDir: HERE,
    bundle: true,
    nodePaths: [modules],
    target: "es2022",
    charset: "utf8",
    logLevel: "warning",
    metafile: true,
    write: false,
    ...options,
  });

/** No two files may need each other: who wants to understand one would have to read all of them. */
function refuseCircles(inputs) {
  const state = new Map();
  const visit = (file, path) => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") throw new Error(`these import each other: ${[...path.slice(path.indexOf(file)), file].join(" -> ")}`);
    state.set(file, "open");
    for (const { path: next, external } of inputs[file]?.imports ?? []) if (!external) visit(next, [...path, file]);
    state.set(file, "done");
  };
  for (const file of Object.keys(inputs)) visit(file, []);
}

const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

async function buildPage(esbuild, out, modules) {
  const common = { minify: true, legalComments: "none", outdir: HERE };
  const [script, style] = await Promise.all([
    bundle(esbuild, modules, { ...common, entryPoints: ["main.ts"], format: "iife" }),
    bundle(esbuild, modules, { ...common, entryPoints: ["style/page.css"] }),
  ]);
  refuseCircles(script.metafile.inputs);
  const js = script.outputFiles[0].text.trim();
  const css = style.outputFiles[0].text.trim();
  if (/<\/script|<!--/i.test(js) || /<\/style/i.test(css)) throw new Error("what is bundled would end its own element");
  const policy = [
    "default-src 'none'",
    `script-src ${hash(js)}`,
    `style-src ${hash(css)}`,
    "img-src data:",
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const licence = (await readFile(join(modules, "uplot", "LICENSE"), "utf8")).trim();
  const parts = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    style: `<style>${css}</style>`,
    script: `<script>${js}</script>\n<!-- Charts are drawn by uPlot:\n${licence}\n-->`,
  };
  const frame = await readFile(join(HERE, "index.html"), "utf8");
  const html = frame.replace(/<!--(policy|style|script)-->/g, (_, part) => parts[part]);
  const unfinished = `${out}.${process.pid}`;
  await mkdir(dirname(out), { recursive: true });
  try {
    await writeFile(unfinished, html);
    await rename(unfinished, out);
  } finally {
    await rm(unfinished, { force: true });
  }
  const size = (text) => `${(Buffer.byteLength(text) / 1e3).toFixed(1)} kB`;
  const packed = `${(gzipSync(html).length / 1e3).toFixed(1)} kB`;
  console.log(`${relative(process.cwd(), out)}: ${size(html)} (script ${size(js)}, style ${size(css)}; ${packed} gzipped)`);
}

async function buildTests(esbuild, out, modules) {
  const tests = (await readdir(join(HERE, "test"))).filter((name) => name.endsWith(".test.ts"));
  await rm(out, { recursive: true, force: true });
  await bundle(esbuild, modules, {
    entryPoints: tests.map((name) => `test/${name}`),
    platform: "node",
    format: "esm",
    outdir: resolve(out),
    outExtension: { ".js": ".mjs" },
    write: true,
  });
}

const args = process.argv.slice(2);
const isForTests = args[0] === "--tests";
const [out, modules] = isForTests ? args.slice(1) : args;
const esbuild = createRequire(join(modules, "-"))("esbuild");
await (isForTests ? buildTests : buildPage)(esbuild, out, modules);
