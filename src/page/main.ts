// The page begins here: with the data of the file, or, where that block is empty, with the events of a run that lasts.

import { showBrush } from "./brush/brush";
import { offerComparison } from "./compare/bar";
import { follow, tokenOf } from "./data/live";
import { readReport, Unreadable, type Report } from "./data/report";
import { byId, make } from "./dom/make";
import { showHead } from "./shell/head";
import { linkPill } from "./shell/link";
import { Page } from "./shell/page";
import { showTabs } from "./shell/tabs";
import { themeSwitch } from "./shell/theme";
import { TABS } from "./tabs/all";

let page: Page | null = null;
const theme = themeSwitch(() => page?.tell("theme"));
const pill = linkPill();

/** Says of the document how far it is, once that is drawn: for tests, and for whoever looks from outside. */
function say(state: string): void {
  requestAnimationFrame(() => (document.documentElement.dataset["state"] = state));
}

function show(report: Report): void {
  say(report.state);
  if (page !== null) return page.become(report);
  page = new Page(report);
  // For tests that look from outside, and for who opens the console: the numbers behind what is drawn (README.md).
  Object.assign(globalThis, { k6ws: page });
  document.body.classList.add("has-run");
  const comparison = offerComparison(page);
  showHead(page, comparison.tools, pill.element, theme);
  byId("troubles").after(comparison.notice);
  showBrush(page);
  showTabs(page, TABS);
}

function complain(text: string): void {
  say("failed");
  byId("troubles").replaceChildren(make("p", { class: "trouble", role: "alert", text }));
}

async function begin(): Promise<void> {
  const text = document.getElementById("data")?.textContent;
  if (text === null || text === undefined) throw new Unreadable("The data of this report is missing: the file was cut. Make it again with k6ws report.");
  if (text.trim() !== "") return show(await readReport(text));
  byId("head").replaceChildren(make("h1", { text: "k6ws" }), make("div", { class: "tools" }, pill.element, theme));
  if (!location.protocol.startsWith("http")) {
    throw new Unreadable("This page has no data: it is the empty page that reports are made of. k6ws run --report FILE.html writes one.");
  }
  await follow(
    {
      report: show,
      link(link) {
        pill.show(link);
        if (link.state === "refused") complain(link.why);
        if (link.state === "over") say("over");
      },
    },
    tokenOf(location.hash),
  );
}

// The data stand last in the file: of a file that was cut they are missing, and not this script, which says so.
document.addEventListener("DOMContentLoaded", () => {
  begin().catch((error: unknown) => {
    if (!(error instanceof Unreadable)) throw error;
    complain(error.message);
  });
});
