// Where another report is laid beside this one: a button, a file dropped anywhere on the page, and what is compared.

import { Unreadable } from "../data/report";
import { make, setText } from "../dom/make";
import type { Page } from "../shell/page";
import { formatClock } from "../text/format";
import { fileName, shown } from "../text/names";
import { reaches } from "./beside";
import { openReport } from "./open";

/** Makes them: the buttons stand among the tools of the head, the sentence below it. */
export function offerComparison(page: Page): { readonly tools: HTMLElement; readonly notice: HTMLElement } {
  const input = make("input", { id: "compare-file", class: "unseen", attributes: { type: "file", accept: ".html,.json,text/html", tabindex: "-1", "aria-hidden": "true" } });
  const choose = make("button", { id: "compare-choose", text: "Compare with…", title: "Choose the file of another report, or drop it on the page", attributes: { type: "button" } });
  const end = make("button", { id: "compare-end", text: "End comparison", attributes: { type: "button" } });
  const said = make("p", { id: "compare-said", class: "compare-said", role: "status" });
  end.hidden = true;
  let name = "";
  let asked = 0;

  const open = async (file: File): Promise<void> => {
    asked += 1;
    const mine = asked;
    setText(said, `Reading ${shown(file.name)} …`);
    try {
      const report = await openReport(file);
      if (mine !== asked) return;
      name = file.name;
      page.compare(report);
    } catch (error) {
      if (mine !== asked) return;
      const why = error instanceof Unreadable ? error.message : "The browser cannot read it.";
      say(`${shown(file.name)}: ${why}`);
    }
  };
  const say = (trouble = ""): void => {
    const { other } = page;
    end.hidden = other === null;
    choose.textContent = other === null ? "Compare with…" : "Another…";
    setText(said, [trouble, other === null ? "" : sentence(page, name)].filter((text) => text !== "").join(" "));
    said.classList.toggle("bad", trouble !== "");
  };

  choose.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    // The same file again is a choice as well.
    input.value = "";
    if (file !== undefined) void open(file);
  });
  end.addEventListener("click", () => {
    asked += 1;
    page.compare(null);
    choose.focus();
  });
  page.listen((change) => {
    if (change !== "theme") say();
  });
  acceptDrops((file) => void open(file));
  return { tools: make("span", { class: "row" }, choose, end, input), notice: said };
}

/** What stands beside this run. */
function sentence(page: Page, name: string): string {
  const { other, report, span } = page;
  if (other === null) return "";
  const what = `Compared with ${shown(name)} (${shown(fileName(other.about.script))}, ${new Date(other.began).toLocaleString()})`;
  if (page.isWhole) return `${what}, each as a whole.`;
  const { intervalMs } = report.store;
  const stretch = `${formatClock(span.from * intervalMs)} to ${formatClock(span.to * intervalMs)} of each`;
  if (!reaches(page)) return `${what}, which was over before this window.`;
  const isWider = other.store.intervalMs > intervalMs;
  return `${what}, ${stretch}${isWider ? "; the other's window is widened to its intervals" : ""}.`;
}

/** A file that is dropped anywhere opens here, and never in place of the page. */
function acceptDrops(open: (file: File) => void): void {
  const { classList } = document.documentElement;
  const isFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") === true;
  addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    classList.add("is-dropped-on");
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) classList.remove("is-dropped-on");
  });
  addEventListener("drop", (event) => {
    classList.remove("is-dropped-on");
    if (!isFile(event)) return;
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) open(file);
  });
}
