// What was run: the script, its options, where it ran, and on what.

import { copyText } from "../dom/clipboard";
import { make, setText } from "../dom/make";
import type { Report } from "../data/report";
import type { Page } from "../shell/page";
import type { Tab } from "../shell/tabs";
import { formatDuration } from "../text/format";
import { lines, pictures, shown } from "../text/names";
import { laid, type Fact } from "./facts";

export const script: Tab = {
  id: "script",
  title: "Script and options",
  build(panel, page) {
    const facts = make("div", { class: "stack fact-blocks" });
    const source = make("section", { class: "stack", attributes: { "aria-label": "The script" } });
    panel.append(copies(page), facts, source);
    let said = "";
    return {
      update() {
        const parts = partsOf(page);
        const text = JSON.stringify([parts, page.report.about.source]);
        if (text === said) return;
        said = text;
        const isCompared = page.other !== null;
        facts.replaceChildren(...parts.filter(([, rows]) => rows.length > 0).map(([title, rows]) => factTable(title, rows, isCompared)));
        source.replaceChildren(...sourceOf(page.report));
      },
    };
  },
};

type Part = readonly [title: string, rows: readonly Fact[]];

function partsOf(page: Page): Part[] {
  const { report, other } = page;
  const both = (of: (report: Report) => Readonly<Record<string, unknown>>): Fact[] => laid(of(report), other === null ? null : of(other));
  return [
    ["The run", both(runOf)],
    ["Scenarios", both(({ scenarios }) => Object.fromEntries(scenarios.map((one) => [one.name, one.description ?? one.executor])))],
    ["Options", both(({ about }) => about.options)],
    ["Environment", both(({ about }) => about.environment)],
    ["Machine", both(({ about }) => about.machine)],
  ];
}

function runOf(report: Report): Record<string, unknown> {
  const exit = report.summary.run.exit_code ?? report.summary.exit_code;
  return {
    script: report.about.script,
    began: new Date(report.began).toISOString(),
    took: formatDuration(report.summary.state.testRunDurationMs),
    "written by": report.tool,
    ...(typeof exit === "number" && { "exit code": exit }),
  };
}

function factTable(title: string, rows: readonly Fact[], isCompared: boolean): HTMLElement {
  const id = `facts-${title.toLowerCase().replaceAll(" ", "-")}`;
  const heads = ["Name", "Value", ...(isCompared ? ["Other run"] : [])].map((text) => make("th", { text, attributes: { scope: "col" } }));
  const lines = rows.map(({ name, ours, theirs }) => {
    const differs = isCompared && ours !== theirs;
    return make(
      "tr",
      { class: differs ? "differs" : "" },
      make("th", { text: shown(name), title: pictures(name), attributes: { scope: "row" } }),
      valueCell(ours),
      ...(isCompared ? [valueCell(theirs)] : []),
    );
  });
  const table = make("table", { class: "facts-of", attributes: { "aria-labelledby": id } }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...lines));
  return make("section", { class: "card stack" }, make("h2", { id, text: title }), make("div", { class: "fact-scroll" }, table));
}

function valueCell(value: string | null): HTMLElement {
  return make("td", {}, make("pre", { text: value === null ? "–" : lines(value) }));
}

function sourceOf(report: Report): HTMLElement[] {
  const { source } = report.about;
  const heading = make("h2", { text: `Script: ${shown(report.about.script)}` });
  if (source === null) return [heading, make("p", { class: "table-note", text: "Its text is not in this report." })];
  const text = lines(source.replace(/\r?\n$/u, ""));
  const numbers = text.split("\n").map((_, index) => String(index + 1)).join("\n");
  const code = make("pre", { class: "code", text, attributes: { tabindex: "0", "aria-label": "Text of the script" } });
  return [heading, make("div", { class: "source" }, make("pre", { class: "numbers", text: numbers, attributes: { "aria-hidden": "true" } }), code)];
}

function copies(page: Page): HTMLElement {
  const said = make("span", { class: "count", role: "status" });
  const button = (text: string, of: () => unknown): HTMLButtonElement => {
    const made = make("button", { text, attributes: { type: "button" } });
    made.addEventListener("click", async () => {
      const copied = await copyText(`${JSON.stringify(of(), null, 2)}\n`);
      setText(said, copied ? "Copied" : "The browser did not let it be copied");
    });
    return made;
  };
  return make(
    "div",
    { class: "table-bar no-print" },
    button("Copy the summary as JSON", () => page.report.summary),
    button("Copy the options as JSON", () => page.report.about.options),
    said,
  );
}
