// Windows by drag, where uPlot does not see to them.

import type { Page } from "../shell/page";

/**
 * A drag over an element chooses what it went over, two clicks choose everything.
 *
 * @param intervalAt which interval lies at this share of the width, a fraction for a place within it
 */
export function selectByDrag(element: HTMLElement, page: Page, intervalAt: (share: number) => number): void {
  let start: { interval: number; x: number } | null = null;
  const at = (event: PointerEvent): number => {
    const { left, width } = element.getBoundingClientRect();
    return intervalAt(Math.min(Math.max((event.clientX - left) / width, 0), 1));
  };
  let chosen: { from: number; to: number } | null = null;
  element.addEventListener("pointerdown", (event) => {
    if (event.target instanceof HTMLInputElement || event.button !== 0) return;
    start = { interval: at(event), x: event.clientX };
    chosen = null;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (start === null || Math.abs(event.clientX - start.x) < LEAST) return;
    const now = at(event);
    chosen = { from: Math.floor(Math.min(start.interval, now)), to: Math.ceil(Math.max(start.interval, now)) };
    if (element.dataset["follows"] === "true") page.select(chosen);
  });
  element.addEventListener("pointerup", () => {
    start = null;
    if (chosen !== null) page.select(chosen);
    chosen = null;
  });
  element.addEventListener("pointercancel", () => (start = chosen = null));
  element.addEventListener("dblclick", () => page.select(null));
}

/** Pixels that a hand may shake. */
const LEAST = 4;
