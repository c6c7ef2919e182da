// The head of the page: what came of the run, which run it was, and how the page looks.

import { byId, make, setText } from "../dom/make";
import { counted, formatDuration } from "../text/format";
import { fileName, nameOf, pictures, sentence, shown } from "../text/names";
import type { Page } from "./page";
import { verdictOf } from "./verdict";

/** Fills the head and keeps it true. `tools` stand at its end. */
export function showHead(page: Page, ...tools: readonly HTMLElement[]): void {
  const verdict = make("span", { id: "verdict", class: "verdict" });
  const trust = make("span", { id: "trust", class: "pill" });
  const script = page.report.about.script;
  const name = fileName(script) || "a run";
  const title = make("h1", { id: "title", title: pictures(script) }, nameOf(name));
  const facts = make("div", { class: "facts" });
  const troubles = byId("troubles");
  byId("head").replaceChildren(verdict, title, trust, facts, make("div", { class: "tools" }, ...tools));

  const show = (): void => {
    const { report } = page;
    const { word, tone, doubts } = verdictOf(report);
    setText(verdict, word);
    verdict.className = `verdict is-${tone}`;
    const isTrusted = report.summary.run.trustworthy;
    setText(trust, isTrusted ? "trustworthy" : "not trustworthy");
    trust.className = `pill ${isTrusted ? "is-good" : "is-doubtful"}`;
    trust.title = doubts.join("\n");
    document.title = `${word} · ${shown(name)} · k6ws`;
    const took = report.state === "running" ? report.until - report.began : report.summary.state.testRunDurationMs;
    const began = new Date(report.began);
    const said = [
      make("time", { text: began.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }), title: began.toISOString(), attributes: { datetime: began.toISOString() } }),
      make("span", { text: formatDuration(took), title: `${took} ms` }),
      ...report.scenarios.slice(0, 3).map((one) => make("span", { title: shown(one.description ?? "") }, nameOf(one.name), ` (${shown(one.executor)})`)),
      ...(report.scenarios.length > 3 ? [make("span", { text: `and ${counted(report.scenarios.length - 3, "more scenario")}` })] : []),
      make("span", { text: shown(report.tool) }),
    ];
    facts.replaceChildren(...said);
    const notes = [...report.troubles, ...(report.why === null ? [] : [report.why]), ...report.summary.run.warnings];
    troubles.replaceChildren(...notes.map((text) => make("p", { class: "notice", text: sentence(text) })));
  };
  page.listen((change) => {
    if (change === "report") show();
  });
  show();
}
