// The page begins here: with the data of the file, or, where that block is empty, with the events of a run that lasts.

import { readReport, Unreadable } from "./data/report";
import { byId, make } from "./dom/make";
import { Page } from "./shell/page";
import { showTabs } from "./shell/tabs";
import { TABS } from "./tabs/all";

async function begin(): Promise<void> {
  const text = byId("data").textContent ?? "";
  try {
    const report = await readReport(text);
    showTabs(new Page(report), TABS);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    byId("panels").replaceChildren(make("p", { class: "trouble", role: "alert", text: error.message }));
  }
}

// The data stand last in the file: of a file that was cut they are missing, and not this script, which says so.
document.addEventListener("DOMContentLoaded", () => void begin());
