// A chart for who does not see it: arrows move through its points, and what stands there is spoken.

import { byId, setText } from "../dom/make";

/** What arrows walk through: points from left to right, lines from the first to the last. */
export interface Walk {
  points(): number;
  lines(): number;
  /** Whether there is anything at this point; arrows pass over what has nothing. */
  has(point: number, line: number): boolean;
  /** Shows a point of the chart, or none. */
  show(point: number | null): void;
  /** What stands there, in words. */
  say(point: number, line: number): string;
}

/** Makes an element a stop of Tab whose arrows walk: ← → points (with Shift by ten), ↑ ↓ lines, Home, End, Escape. */
export function walkable(element: HTMLElement, walk: Walk): void {
  let point = -1;
  let line = 0;
  element.tabIndex = 0;
  element.addEventListener("keydown", (event) => {
    if (event.target !== element) return;
    const step = event.shiftKey ? 10 : 1;
    const last = walk.points() - 1;
    const to = {
      ArrowLeft: point < 0 ? last : point - step,
      ArrowRight: point + step,
      Home: 0,
      End: last,
    }[event.key];
    const next = { ArrowUp: line - 1, ArrowDown: line + 1 }[event.key];
    if (event.key === "Escape") walk.show(null);
    if ((to === undefined && next === undefined) || last < 0) return;
    event.preventDefault();
    line = ((next ?? line) + walk.lines()) % Math.max(walk.lines(), 1);
    const forth = event.key === "ArrowRight" || event.key === "Home" ? 1 : -1;
    let target = Math.min(Math.max(to ?? point, 0), last);
    while (to !== undefined && target >= 0 && target <= last && !walk.has(target, line)) target += forth;
    // Beyond the last that has something there is nothing to go to.
    if (target >= 0 && target <= last) point = target;
    point = Math.min(Math.max(point, 0), last);
    walk.show(point);
    speak(walk.say(point, line));
  });
  element.addEventListener("blur", () => walk.show(null));
}

let waiting: ReturnType<typeof setTimeout> | undefined;

/** Has a screen reader say this, once it was not replaced for a moment: held arrows would make it speak without an end. */
export function speak(text: string): void {
  clearTimeout(waiting);
  // Emptied first: the same text again would be no change, and stay unheard.
  setText(byId("spoken"), "");
  waiting = setTimeout(() => setText(byId("spoken"), text), PAUSE_MS);
}

const PAUSE_MS = 200;
