// What stands around the drawing of every chart: its head, its legend, its numbers as a table.

import { make, setText } from "../dom/make";
import { colour, dashOf, hueOf } from "./looks";
import { numbersTable, type Rows } from "./numbers_table";

export interface Heading {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** One sentence below the title, for what the title does not say. */
  readonly note?: string;
  /** Takes a row of its own where others share one. */
  readonly isWide?: boolean;
}

export interface Frame {
  readonly element: HTMLElement;
  /** Where the chart draws itself. */
  readonly canvas: HTMLElement;
  /** Says where the cursor stands; empty where it stands nowhere. */
  at(where: string): void;
  /** Names the lines; an element of its own for whoever has no lines. */
  name(labels: readonly string[]): void;
  /** What the lines have at the cursor, in their order; null where there is none. */
  values(texts: readonly string[] | null): void;
  /** Shows the drawing, or that there is nothing to draw. */
  show(isEmpty: boolean): void;
  /** Brings the table and the colours up to date. */
  refresh(): void;
  /** Calls `resize` whenever the drawing has another width, which it is given. */
  onResize(resize: (width: number) => void): void;
}

/** Makes a frame; `rows` are asked for when the table is open. */
export function frame({ id, title, note, isWide }: Heading, rows: () => Rows): Frame {
  const when = make("span", { class: "when" });
  const legend = make("ul", { class: "legend" });
  legend.hidden = true;
  const canvas = make("div", { class: "canvas" });
  const none = make("p", { class: "none", text: "Nothing was measured in this window." });
  const table = numbersTable(`${id}-numbers`, title, rows);
  const element = make(
    "div",
    { id, class: isWide ? "chart is-wide" : "chart", role: "figure", attributes: { "aria-labelledby": `${id}-title`, "aria-details": table.element.id } },
    make("div", { class: "chart-head" }, make("h2", { id: `${id}-title`, text: title }), when),
    ...(note === undefined ? [] : [make("p", { class: "note", text: note })]),
    legend,
    canvas,
    none,
    table.element,
  );
  let names = "";
  return {
    element,
    canvas,
    at: (where) => setText(when, where),
    name(labels) {
      const now = JSON.stringify(labels);
      if (now !== names) legend.replaceChildren(...labels.map(entry));
      names = now;
      legend.hidden = labels.length === 0;
    },
    values(texts) {
      [...legend.children].forEach((one, at) => {
        const value = one.querySelector(".value");
        if (value !== null) setText(value, texts?.[at] ?? "");
      });
    },
    show(isEmpty) {
      canvas.hidden = table.element.hidden = isEmpty;
      none.hidden = !isEmpty;
    },
    refresh() {
      legend.querySelectorAll<HTMLCanvasElement>(".swatch").forEach(drawSwatch);
      table.refresh();
    },
    onResize(resize) {
      let last = 0;
      new ResizeObserver(() => {
        const width = Math.floor(canvas.clientWidth);
        if (width > 0 && width !== last) resize((last = width));
      }).observe(canvas);
    },
  };
}

/** A line's name beside a piece of it. */
function entry(label: string): HTMLLIElement {
  const swatch = make("canvas", { class: "swatch", attributes: { width: "44", height: "12", "aria-hidden": "true" } });
  return make("li", {}, swatch, make("span", { text: label }), make("output", { class: "value" }));
}

function drawSwatch(swatch: HTMLCanvasElement, line: number): void {
  const hue = colour(hueOf(line));
  if (swatch.dataset["hue"] === hue) return;
  swatch.dataset["hue"] = hue;
  const context = swatch.getContext("2d");
  if (context === null) return;
  context.clearRect(0, 0, swatch.width, swatch.height);
  context.strokeStyle = hue;
  context.lineWidth = 4;
  context.setLineDash(dashOf(line).map((length) => length * 2));
  context.beginPath();
  context.moveTo(0, swatch.height / 2);
  context.lineTo(swatch.width, swatch.height / 2);
  context.stroke();
}
