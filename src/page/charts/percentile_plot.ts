// The percentile plot: which value so many percent do not exceed. Its axis stretches towards 100, where the tail is.

import uPlot from "uplot";

import type { MergedTrend } from "../numbers/merged";
import type { Page } from "../shell/page";
import { formatPercent, formatValue, short } from "../text/format";
import { fromZero, plainAxis, valueAxis, valueText } from "./axes";
import { frame, type Heading } from "./frame";
import type { Line } from "./lines";
import { HEIGHT, looksOf, sameLines } from "./time_chart";
import { walkable } from "./speech";

/** A distribution with its name. */
export interface Distribution {
  readonly label: string;
  readonly merged: MergedTrend;
}

export interface PercentilePlot {
  readonly element: HTMLElement;
  update(all: readonly Distribution[]): void;
}

/** Makes a percentile plot; it draws itself with `update`. */
export function percentilePlot(_: Page, heading: Heading): PercentilePlot {
  let plot: uPlot | null = null;
  // The last place of the axis: that of the largest value but one.
  let end = 1;
  let places: number[] = [];
  let lines: Line[] = [];
  let points: (number | null)[][] = [];
  const percent = (point: number): string => formatPercent(shareAt(places[point] as number));
  const around = frame(heading, () => ({
    heads: ["Percent", ...lines.map(({ label }) => label)],
    count: places.length,
    row: (at) => [percent(at), ...lines.map((line, column) => valueText(points[column]?.[at], line))],
  }));
  const atCursor = (point: number | null): void => {
    const isThere = point !== null && point < places.length;
    around.at(isThere ? percent(point) : "");
    around.values(isThere ? lines.map((line, at) => valueText(points[at]?.[point], line)) : null);
  };
  walkable(around.element, {
    points: () => places.length,
    lines: () => lines.length,
    has: (point, at) => (points[at]?.[point] ?? null) !== null,
    show(point) {
      if (plot === null) return;
      plot.setCursor({ left: point === null ? -10 : plot.valToPos(places[point] as number, "x"), top: point === null ? -10 : 20 });
    },
    say: (point, at) => `${percent(point)}: ${lines[at]?.label ?? ""} ${formatValue(points[at]?.[point], "time")}`,
  });
  around.onResize((width) => plot?.setSize({ width, height: HEIGHT }));
  return {
    element: around.element,
    update(all) {
      const most = all.reduce((samples, { merged }) => Math.max(samples, merged.samples), 0);
      end = Math.max(Math.log10(Math.max(most, 2)), 1);
      places = Array.from({ length: POINTS }, (_, at) => (at / (POINTS - 1)) * end);
      const now = all.map(({ label }): Line => ({ label, unit: "time", points: () => [] }));
      const isSame = plot !== null && sameLines(now, lines);
      lines = now;
      points = all.map(({ merged }) => places.map((place) => (10 ** place > merged.samples * 1.01 ? null : merged.percentile(shareAt(place) * 100))));
      around.show(most === 0);
      around.name(lines.map(({ label }) => label));
      const data = [places, ...points] as uPlot.AlignedData;
      const [first] = lines;
      if (isSame) plot?.setData(data);
      else {
        plot?.destroy();
        plot = first === undefined ? null : new uPlot(options(lines, first, () => end, Math.max(around.canvas.clientWidth, 200), atCursor), data, around.canvas);
      }
      around.refresh();
    },
  };
}

function options(lines: readonly Line[], first: Line, end: () => number, width: number, atCursor: (point: number | null) => void): uPlot.Options {
  return {
    width,
    height: HEIGHT,
    padding: [10, 26, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { x: { time: false, range: () => [0, end()] }, y: { range: fromZero } },
    axes: [
      {
        ...plainAxis(),
        splits: () => TICKS.filter((place) => place <= end() + 1e-9),
        values: (_, splits) => splits.map((place) => short(formatPercent(shareAt(place)))),
      },
      valueAxis("y", first),
    ],
    series: [{}, ...lines.map((line, at) => ({ ...looksOf(line, at, false), points: { show: false } }))],
    hooks: { setCursor: [(plot) => atCursor(plot.cursor.idx ?? null)] },
  };
}

/** The share at a place of the axis: 0 at 0, 0.9 at 1, 0.99 at 2 and so on. */
function shareAt(place: number): number {
  return 1 - 10 ** -place;
}

const POINTS = 121;
const TICKS = [0, 0.30103, 0.60206, 1, 1.30103, 2, 3, 4, 5, 6, 7];
