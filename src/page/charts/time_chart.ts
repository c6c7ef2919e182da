// A chart over time: lines by uPlot, with what it lacks for who does not see, or has no mouse.

import uPlot from "uplot";

import type { Page } from "../shell/page";
import { formatClock } from "../text/format";
import { fromZero, logarithmic, timeAxis, valueAxis, valueText } from "./axes";
import { binsOf, type Bins } from "./bins";
import { frame, type Heading } from "./frame";
import type { Line, Points } from "./lines";
import { colour, dashOf, hueOf } from "./looks";
import { marksOn } from "./marks";
import type { Rows } from "./numbers_table";
import { walkable } from "./speech";

export interface ChartOptions extends Heading {
  readonly lines: readonly Line[];
  /** Lines lie one on the other. */
  readonly isStacked?: boolean;
  /** The axis of values is logarithmic; what is 0 has no place on it. */
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
  const around = frame(options, () => rowsOf(drawn));

  const atCursor = (point: number | null): void => {
    const { bins, lines, points } = drawn;
    const isThere = point !== null && point < bins.count;
    around.at(isThere ? whenOf(bins, point) : "");
    around.values(isThere ? lines.map((line, at) => valueText(points[at]?.[point], line)) : null);
  };
  walkable(around.element, {
    points: () => drawn.bins.count,
    lines: () => drawn.lines.length,
    has: (point, at) => (drawn.points[at]?.[point] ?? null) !== null,
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
  around.onResize((width) => plot?.setSize({ width, height: HEIGHT }));

  return {
    element: around.element,
    update(lines = drawn.lines) {
      const bins = binsOf(page);
      const isSame = plot !== null && sameLines(lines, drawn.lines);
      drawn = { bins, lines, points: lines.map((line) => line.points(page, bins)) };
      around.show(drawn.points.every((points) => points.every((value) => value === null)));
      around.name(lines.map(({ label }) => label));
      const data = dataOf(drawn, options);
      if (isSame) plot?.setData(data);
      else {
        plot?.destroy();
        plot = new uPlot(optionsOf(page, options, lines, atCursor, Math.max(around.canvas.clientWidth, 200)), data, around.canvas);
      }
      around.refresh();
    },
  };
}

/** How high a drawing is, in pixels, with its axis. */
export const HEIGHT = 190;

function optionsOf(
  page: Page,
  { isStacked, isLogarithmic }: ChartOptions,
  lines: readonly Line[],
  atCursor: (point: number | null) => void,
  width: number,
): uPlot.Options {
  const [left, right] = [lines.find((line) => !line.isRight), lines.find((line) => line.isRight)];
  const seconds = (interval: number): number => (interval * page.report.store.intervalMs) / 1e3;
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
    scales: {
      x: { time: false, range: () => [seconds(page.span.from), seconds(page.span.to)] },
      y: isLogarithmic ? { distr: 3, range: logarithmic } : { range: fromZero },
      ...(right === undefined ? {} : { right: { range: fromZero } }),
    },
    axes: [timeAxis(), ...(left === undefined ? [] : [valueAxis("y", left, isLogarithmic)]), ...(right === undefined ? [] : [valueAxis("right", right)])],
    series: [{}, ...lines.map((line, at) => looksOf(line, at, isStacked ?? false))],
    bands: isStacked ? lines.slice(1).map((_, at) => ({ series: [at + 2, at + 1] })) : [],
    plugins: [marksOn(page)],
    hooks: {
      setCursor: [(plot) => atCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => selected(plot, page)],
    },
  };
}

/** How a line looks. */
export function looksOf(line: Line, at: number, isStacked: boolean): uPlot.Series {
  const fill = isStacked ? 45 : line.isFilled ? 14 : 0;
  return {
    label: line.label,
    scale: line.isRight ? "right" : "y",
    stroke: () => colour(hueOf(at)),
    width: 1.6,
    dash: dashOf(at),
    points: { filter: (plot, series, isSparse) => (isSparse ? null : lonely(plot.data[series] ?? [])) },
    ...(fill > 0 ? { fill: () => `color-mix(in srgb, ${colour(hueOf(at))} ${fill}%, transparent)` } : {}),
  };
}

/** The points without a neighbour, which no line would show; null where there are none. */
function lonely(values: ArrayLike<number | null | undefined>): number[] | null {
  const isThere = (at: number): boolean => values[at] !== null && values[at] !== undefined;
  const all: number[] = [];
  for (let at = 0; at < values.length; at += 1) if (isThere(at) && !isThere(at - 1) && !isThere(at + 1)) all.push(at);
  return all.length > 0 ? all : null;
}

/** A drag over a chart is a window. */
function selected(plot: uPlot, page: Page): void {
  const { left, width } = plot.select;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (width < 4) return;
  const at = (x: number): number => (plot.posToVal(x, "x") * 1e3) / page.report.store.intervalMs;
  page.select({ from: Math.floor(at(left)), to: Math.ceil(at(left + width)) });
}

function dataOf({ bins, points }: Drawn, { isStacked, isLogarithmic }: ChartOptions): uPlot.AlignedData {
  if (isLogarithmic) points = points.map((of) => of.map((value) => (value !== null && value > 0 ? value : null)));
  if (!isStacked) return [bins.middles, ...points] as uPlot.AlignedData;
  const sums = new Float64Array(bins.count);
  const stacked = points.map((of) => of.map((value, at) => (sums[at] = (sums[at] as number) + (value ?? 0))));
  return [bins.middles, ...stacked] as uPlot.AlignedData;
}

/** Whether a drawing of the ones can draw the others. */
export function sameLines(one: readonly Line[], other: readonly Line[]): boolean {
  return one.length === other.length && one.every((line, at) => line.label === other[at]?.label && line.unit === other[at]?.unit);
}

/** When a point of a chart is: from when to when, where it is longer than a second. */
export function whenOf(bins: Bins, point: number): string {
  const [begin, length] = [bins.starts[point] as number, bins.lengths[point] as number];
  return length > 1.5 ? `${formatClock(begin * 1e3)} – ${formatClock((begin + length) * 1e3)}` : formatClock(begin * 1e3);
}

function rowsOf({ bins, lines, points }: Drawn): Rows {
  return {
    heads: ["From", ...lines.map((line) => line.label)],
    count: bins.count,
    row: (at) => [formatClock((bins.starts[at] as number) * 1e3), ...lines.map((line, column) => valueText(points[column]?.[at], line))],
  };
}
