// What went wrong: connections that were refused or broke, exceptions of the script, checks that failed.

import { ComparedTable } from "../compare/table";
import { details, make } from "../dom/make";
import type { Page } from "../shell/page";
import type { Tab } from "../shell/tabs";
import { formatClock, formatNumber } from "../text/format";
import { lines, sentence, shown } from "../text/names";
import { failedChecks, type CheckRow } from "./check_rows";
import { flatColumns } from "./check_columns";
import { excerptOf } from "./excerpt";
import { FailureTable } from "./failure_table";
import { exceptionsOf, failureRows, type ScriptException } from "./failures";

export const errors: Tab = {
  id: "errors",
  title: "Errors",
  build(panel, page) {
    const failures = new FailureTable({
      id: "failures",
      title: "Connections that failed",
      empty: "No connection was refused and none broke.",
    });
    const bodies = make("div", { class: "stack" });
    const checks = new ComparedTable<CheckRow>({
      id: "failed-checks",
      title: "Checks that failed",
      empty: "No check failed.",
      key: (row) => row.path,
    });
    const exceptions = make("section", { class: "stack", attributes: { "aria-label": "Exceptions of the script" } });
    panel.append(failures.element, bodies, exceptions, checks.element);
    return {
      update() {
        failures.update(page, failureRows);
        keepOpen(bodies, bodiesOf(page));
        keepOpen(exceptions, [make("h2", { text: "Exceptions of the script" }), ...exceptionDetails(page)]);
        checks.update(page, flatColumns, failedChecks);
      },
    };
  },
};

/** What a server said when it refused, which has no room in a table. */
function bodiesOf(page: Page): HTMLElement[] {
  return failureRows(page).flatMap(({ said, cause, status }) => {
    if (said === null || said.body === null || said.body === "") return [];
    const title = `Body of the first answer: ${shown(cause)}${status === null ? "" : ` ${status}`}`;
    return [details(title, text(said.body))];
  });
}

/** The exceptions, of the whole run: it is known when the first and the last of each came, and no more. */
function exceptionDetails(page: Page): HTMLElement[] {
  const all = exceptionsOf(page);
  if (all.length === 0) return [make("p", { class: "table-note", text: "The script raised none." })];
  const note = page.isWhole ? [] : [make("p", { class: "table-note", text: "Of the whole run, whatever the window." })];
  const each = all.map((one) => {
    const summary = make(
      "span",
      {},
      make("b", { class: "bad", text: formatNumber(one.count) }),
      ` × ${headline(one)}${one.where === "" ? "" : ` at ${shown(one.where)}`}`,
      make("span", { class: "soft", text: whenOf(one) }),
    );
    const hint = one.hint === "" ? [] : [make("p", { text: sentence(one.hint) })];
    const place = excerptOf(page.report.about.script, page.report.about.source, one.where);
    const code = place === null ? [] : [text(place)];
    return details(summary, text(one.trace === "" ? one.message : one.trace), ...code, ...hint);
  });
  return [...note, ...each];
}

/** Its type, and the first line of what it said. */
function headline({ type, message }: ScriptException): string {
  const [first = ""] = message.split("\n", 1);
  return shown(first === "" ? type : `${type}: ${first}`);
}

/** When it came, behind its place. */
function whenOf({ first, last }: ScriptException): string {
  if (first === null || last === null) return "";
  const [from, to] = [formatClock(first), formatClock(last)];
  return from === to ? ` · ${from}` : ` · ${from} to ${to}`;
}

/** Text of several lines, which can be scrolled by keyboard. */
function text(of: string): HTMLElement {
  return make("pre", { text: lines(of), attributes: { tabindex: "0" } });
}

/** Puts other parts in place of those that are there, where they differ; a part that was opened stays open. */
function keepOpen(into: HTMLElement, parts: readonly HTMLElement[]): void {
  const before = [...into.children];
  const isSame = before.length === parts.length && parts.every((part, index) => part.textContent === before[index]?.textContent);
  if (isSame) return;
  const open = new Set([...into.querySelectorAll("details[open]")].map(nameOfDetails));
  for (const part of parts) if (part instanceof HTMLDetailsElement && open.has(nameOfDetails(part))) part.open = true;
  into.replaceChildren(...parts);
}

/** Told apart without counts and times, which change while a run lasts. */
function nameOfDetails(part: Element): string {
  return (part.querySelector("summary")?.textContent ?? "").replace(/^[\d,]+ × | · [^·]*$/gu, "");
}
