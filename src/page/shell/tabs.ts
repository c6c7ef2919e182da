// The tabs: which one is in sight, and that it alone is brought up to date.

import { byId, make } from "../dom/make";
import type { Change, Page } from "./page";

/** One tab of the page. What it puts into its panel stays there; `TabView.update` changes it. */
export interface Tab {
  /** Stands in the address behind `#`, and in ids of elements. */
  readonly id: string;
  readonly title: string;
  /** Fills the panel, once, when the tab comes into sight for the first time (or all are printed). */
  build(panel: HTMLElement, page: Page): TabView;
}

/** A tab that was built. */
export interface TabView {
  /** Shows what the page has now. Called after `build`, and at most once a frame while the tab is in sight. */
  update(changes: ReadonlySet<Change>): void;
}

interface Shown {
  readonly tab: Tab;
  readonly button: HTMLButtonElement;
  readonly panel: HTMLElement;
  view: TabView | null;
  readonly stale: Set<Change>;
}

const EVERYTHING: readonly Change[] = ["report", "span", "other", "theme"];

/** Makes the tabs as WAI-ARIA describes them: arrows move between them, one of them takes part in the order of Tab. */
export function showTabs(page: Page, tabs: readonly Tab[]): void {
  const list = byId("tabs");
  const all = tabs.map((tab): Shown => {
    const button = make("button", {
      id: `tab-${tab.id}`,
      text: tab.title,
      role: "tab",
      attributes: { type: "button", "aria-controls": `panel-${tab.id}`, "aria-selected": "false", tabindex: "-1" },
    });
    const panel = make("section", {
      id: `panel-${tab.id}`,
      class: "panel",
      role: "tabpanel",
      attributes: { "aria-labelledby": button.id, tabindex: "0" },
    });
    // Unseen but on paper, where no button says which tab it is.
    panel.append(make("h2", { class: "unseen title", text: tab.title }));
    panel.hidden = true;
    return { tab, button, panel, view: null, stale: new Set(EVERYTHING) };
  });
  list.replaceChildren(...all.map((one) => one.button));
  byId("panels").replaceChildren(...all.map((one) => one.panel));
  let current = all.find((one) => location.hash === `#${one.tab.id}`) ?? all[0];
  let isAsked = false;

  const refresh = (one: Shown): void => {
    try {
      one.view ??= one.tab.build(one.panel, page);
      if (one.stale.size === 0) return;
      const changes = new Set(one.stale);
      one.stale.clear();
      one.view.update(changes);
    } catch (error) {
      // A fault of ours in one tab leaves the others as they are.
      one.view = { update: () => undefined };
      one.panel.append(make("p", { class: "trouble", role: "alert", text: `This part cannot be shown: ${String(error)}. The others can.` }));
      reportError(error);
    }
  };
  const select = (one: Shown): void => {
    current = one;
    for (const each of all) {
      const isIt = each === one;
      each.button.setAttribute("aria-selected", String(isIt));
      each.button.tabIndex = isIt ? 0 : -1;
      each.panel.hidden = !isIt;
    }
    refresh(one);
  };
  const step = (to: number): void => {
    const one = all[(to + all.length) % all.length];
    if (one === undefined) return;
    select(one);
    one.button.focus();
    one.button.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  for (const one of all) one.button.addEventListener("click", () => select(one));
  list.addEventListener("keydown", (event) => {
    const at = all.findIndex((one) => one === current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    step(to);
  });
  page.listen((change) => {
    for (const one of all) one.stale.add(change);
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      if (current !== undefined) refresh(current);
    });
  });
  addEventListener("beforeprint", () => {
    for (const one of all) {
      one.panel.hidden = false;
      refresh(one);
    }
  });
  addEventListener("afterprint", () => {
    if (current !== undefined) select(current);
  });
  if (current !== undefined) select(current);
}
