// How it stands with the run, while the page follows one.

import type { Link } from "../data/live";
import { make, setText } from "../dom/make";

/** A pill for the head; `show` keeps it true. Of a saved report it stays hidden. */
export function linkPill(): { element: HTMLElement; show(link: Link): void } {
  const element = make("span", { id: "link", class: "pill", role: "status" });
  element.hidden = true;
  return {
    element,
    show(link) {
      element.hidden = false;
      element.className = `pill is-${TONES[link.state]}`;
      setText(element, link.state === "waiting" ? `no connection to the run; trying again in ${link.seconds} s` : TEXTS[link.state]);
    },
  };
}

const TONES = { connecting: "open", live: "good", over: "open", waiting: "doubtful", refused: "bad" } as const;

const TEXTS = {
  connecting: "connecting …",
  live: "live",
  over: "the run is over",
  refused: "not connected",
} as const;
