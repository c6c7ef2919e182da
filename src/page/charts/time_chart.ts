// A chart over time: lines by uPlot, with what it lacks for who does not see, or has no mouse.

import uPlot from "uplot";

import { make, setText } from "../dom/make";
import type { Page } from "../shell/page";
import { formatClock } from "../text/format";
import { fromZero, logarithmic, timeAxis, valueAxis, valueText } from "./axes";
import { binsOf, type Bins } from "./bins";
import type { Line, Points } from "./lines";
import { colour, dashOf, hueOf } from "./looks";
import { marksOn } from "./marks";
import { numbersTable } from "./numbers_table";
import { walkable } from "./speech";

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

interface Drawn {
  readonly bins: Bins;
  readonly lines: readonly Line[];
  readonly points: readonly Points[];
}

/** Makes a chart; it draws itself with `update`. */
export function timeChart(page: Page, options: ChartOptions): Chart {
  let drawn: Drawn = { bins: binsOf(page), lines: options.lines, points: [] };
  let plot: uPlot | null = null;
  const when = make("span", { class: "when" });
  const legend = make("ul", { class: "legend" });
  const canvas = make("div", { class: "canvas" });
  const none = make("p", { class: "none", text: "Nothing was measured in this window." });
  const table = numbersTable(`${options.id}-numbers`, options.title, () => rowsOf(drawn));
  const element = make(
    "div",
    { id: options.id, class: "chart", role: "figure", attributes: { "aria-labelledby": `${options.id}-title`, "aria-details": table.element.id } },
    make("div", { class: "chart-head" }, make("h3", { id: `${options.id}-title`, text: options.title }), when),
    ...(options.note === undefined ? [] : [make("p", { class: "note", text: options.note })]),
    legend,
    canvas,
    none,
    table.element,
  );

  const atCursor = (point: number | null): void => {
    const { bins, lines, points } = drawn;
    setText(when, point === null || point >= bins.count ? "" : whenOf(bins, point));
    lines.forEach((line, at) => {
      const value = legend.children[at]?.querySelector(".value");
      if (value) setText(value, point === null ? "" : valueText(points[at]?.[point], line));
    });
  };
  walkable(element, {
    points: () => drawn.bins.count,
    lines: () => drawn.lines.length,
    show(point) {
      if (plot === null) return;
      const left = point === null ? -10 : plot.valToPos(drawn.bins.middles[point] as number, "x");
      plot.setCursor({ left, top: point === null ? -10 : plot.over.clientHeight / 2 });
    },
    say(point, at) {
      const line = drawn.lines[at];
      return line === undefined ? "" : `${whenOf(drawn.bins, point)}: ${line.label} ${valueText(drawn.points[at]?.[point], line)}`;
    },
  });
  new ResizeObserver(() => {
    const width = Math.floor(canvas.clientWidth);
    if (plot !== null && width > 0 && width !== plot.width) plot.setSize({ width, height: HEIGHT });
  }).observe(canvas);

  return {
    element,
    update(lines = drawn.lines) {
      const bins = binsOf(page);
      const isSame = plot !== null && sameLines(lines, drawn.lines);
      drawn = { bins, lines, points: lines.map((line) => line.points(page, bins)) };
      const isEmpty = drawn.points.every((points) => points.every((value) => value === null));
      canvas.hidden = legend.hidden = isEmpty;
      none.hidden = !isEmpty;
      if (!isSame) legend.replaceChildren(...lines.map(legendOf));
      legend.querySelectorAll<HTMLCanvasElement>("canvas").forEach(drawSwatch);
      const data = dataOf(drawn, options);
      if (isSame) plot?.setData(data);
      else {
        plot?.destroy();
        plot = new uPlot(optionsOf(page, options, () => drawn, atCursor, Math.max(canvas.clientWidth, 200)), data, canvas);
      }
      table.refresh();
    },
  };
}

const HEIGHT = 190;

function optionsOf(
  page: Page,
  { isStacked, isLogarithmic }: ChartOptions,
  drawn: () => Drawn,
  atCursor: (point: number | null) => void,
  width: number,
): uPlot.Options {
  const { lines } = drawn();
  const [left, right] = [lines.find((line) => !line.isRight), lines.find((line) => line.isRight)];
  const { intervalMs } = page.report.store;
  const ends = (): [number, number] => [(page.span.from * intervalMs) / 1e3, (page.span.to * intervalMs) / 1e3];
  return {
    width,
    height: HEIGHT,
    padding: [10, right === undefined ? 26 : 0, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: "time", setSeries: false },
      drag: { x: true, y: false, setScale: false },
      y: false,
      bind: { dblclick: () => () => (page.select(null), null) },
      points: { size: 7 },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, range: ends },
      y: isLogarithmic ? { distr: 3, range: logarithmic } : { range: fromZero },
      ...(right === undefined ? {} : { right: { range: fromZero } }),
    },
    axes: [timeAxis(), ...(left === undefined ? [] : [valueAxis("y", left)]), ...(right === undefined ? [] : [valueAxis("right", right)])],
    series: [
      {},
      ...lines.map(
        (line, at): uPlot.Series => ({
          label: line.label,
          scale: line.isRight ? "right" : "y",
          stroke: () => colour(hueOf(at)),
          width: 1.6,
          dash: dashOf(at),
          ...(isStacked || line.isFilled ? { fill: () => `color-mix(in srgb, ${colour(hueOf(at))} ${isStacked ? 45 : 14}%, transparent)` } : {}),
        }),
      ),
    ],
    bands: isStacked ? lines.slice(1).map((_, at) => ({ series: [at + 2, at + 1] })) : [],
    plugins: [marksOn(page)],
    hooks: {
      setCursor: [(plot) => atCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (width < 4) return;
          const at = (x: number): number => (plot.posToVal(x, "x") * 1e3) / intervalMs;
          page.select({ from: Math.floor(at(left)), to: Math.ceil(at(left + width)) });
        },
      ],
    },
  };
}

function dataOf({ bins, points }: Drawn, { isStacked, isLogarithmic }: ChartOptions): uPlot.AlignedData {
  // A logarithmic scale has no place for 0.
  if (isLogarithmic) points = points.map((of) => of.map((value) => (value !== null && value > 0 ? value : null)));
  if (!isStacked) return [bins.middles, ...points] as uPlot.AlignedData;
  const sums = new Float64Array(bins.count);
  const stacked = points.map((of) => of.map((value, at) => (sums[at] = (sums[at] as number) + (value ?? 0))));
  return [bins.middles, ...stacked] as uPlot.AlignedData;
}

function sameLines(one: readonly Line[], other: readonly Line[]): boolean {
  return one.length === other.length && one.every((line, at) => line.label === other[at]?.label && line.unit === other[at]?.unit);
}

/** A line's name beside a piece of it. */
function legendOf(line: Line): HTMLLIElement {
  const swatch = make("canvas", { class: "swatch", attributes: { width: "44", height: "12", "aria-hidden": "true" } });
  return make("li", {}, swatch, make("span", { text: line.label }), make("output", { class: "value" }));
}

/** Draws a piece of a line; again when the colours changed. */
function drawSwatch(swatch: HTMLCanvasElement, line: number): void {
  const context = swatch.getContext("2d");
  if (context === null) return;
  context.clearRect(0, 0, swatch.width, swatch.height);
  context.strokeStyle = colour(hueOf(line));
  context.lineWidth = 4;
  context.setLineDash(dashOf(line).map((length) => length * 2));
  context.beginPath();
  context.moveTo(0, swatch.height / 2);
  context.lineTo(swatch.width, swatch.height / 2);
  context.stroke();
}

function whenOf(bins: Bins, point: number): string {
  const [begin, length] = [bins.starts[point] as number, bins.lengths[point] as number];
  return length > 1.5 ? `${formatClock(begin * 1e3)} – ${formatClock((begin + length) * 1e3)}` : formatClock(begin * 1e3);
}

function rowsOf({ bins, lines, points }: Drawn): { heads: string[]; count: number; row(at: number): string[] } {
  return {
    heads: ["From", ...lines.map((line) => line.label)],
    count: bins.count,
    row: (at) => [
      formatClock((bins.starts[at] as number) * 1e3),
      ...lines.map((line, column) => valueText(points[column]?.[at], line)),
    ],
  };
}
