// A chart over time.

import { make } from "../dom/make";
import type { Page } from "../shell/page";
import { binsOf } from "./bins";
import type { Line } from "./lines";

export interface ChartOptions {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** One sentence below the title, for what the title does not say. */
  readonly note?: string;
  readonly lines: readonly Line[];
  /** Lines lie one on the other. */
  readonly isStacked?: boolean;
  /** The axis of values is logarithmic, where they allow it. */
  readonly isLogarithmic?: boolean;
}

export interface Chart {
  readonly element: HTMLElement;
  /** Draws what the page has now. Give other lines to draw these from now on. */
  update(lines?: readonly Line[]): void;
}

/** Makes a chart; it draws itself with `update`. */
export function timeChart(page: Page, options: ChartOptions): Chart {
  const element = make("div", { id: options.id, class: "chart", role: "figure", attributes: { "aria-label": options.title } });
  return {
    element,
    update(lines = options.lines) {
      const bins = binsOf(page);
      element.textContent = `${options.title}: ${lines.map((line) => line.points(page, bins).length).join(", ")} points`;
    },
  };
}
