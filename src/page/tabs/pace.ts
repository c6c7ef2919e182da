// How often a tab is brought up to date while a run lasts: less often where that takes long.

import type { Change, Page } from "../shell/page";

/** Of the time of a page, a tab takes a tenth at most for what comes by itself. */
const SHARE = 10;

export class Pace {
  private next = 0;

  /** Does it, unless only more of the run came and the last time took too long for that; the end of a run is always shown. */
  take(page: Page, changes: ReadonlySet<Change>, update: () => void): void {
    const isMoreOnly = changes.size === 1 && changes.has("report") && page.report.state === "running";
    const began = performance.now();
    if (isMoreOnly && began < this.next) return;
    update();
    const ended = performance.now();
    this.next = ended + (ended - began) * SHARE;
  }
}
