// The heat map of latencies: time from left to right, values on a logarithmic axis, how many there are as colour.

import { make } from "../dom/make";
import type { Page } from "../shell/page";
import type { Tags } from "../data/store";
import { formatClock, formatNumber, formatValue, short } from "../text/format";
import { FONT, roundBetween } from "./axes";
import { binsOf } from "./bins";
import { selectByDrag } from "./drag";
import { frame, type Heading } from "./frame";
import { heatOf, type Heat } from "./heat";
import { colour } from "./looks";
import { marksOf } from "./marks";
import { walkable } from "./speech";
import { whenOf } from "./time_chart";

export interface HeatMap {
  readonly element: HTMLElement;
  /** Draws what the window has of this trend. */
  update(metric: string, tags?: Tags): void;
}

/** Makes a heat map; it draws itself with `update`. */
export function heatMap(page: Page, heading: Heading): HeatMap {
  let heat: Heat | null = null;
  let cursor: { point: number; row: number } | null = null;
  const around = frame(heading, () => rowsOf(heat));
  const canvas = make("canvas", { class: "heat", attributes: { "aria-hidden": "true" } });
  const scale = make("p", { class: "note scale" });
  around.canvas.append(canvas, scale);

  const plain = (): Rect => ({ left: LEFT, top: 10, width: canvas.clientWidth - LEFT - RIGHT, height: canvas.clientHeight - 10 - BOTTOM });
  const say = (point: number, row: number): string => {
    if (heat === null) return "";
    const [lower, upper] = heat.boundsOf(row);
    const count = heat.cells[row * heat.bins.count + point] as number;
    return `${whenOf(heat.bins, point)}: ${formatNumber(count)} of ${formatValue(lower, "time")} to ${formatValue(upper, "time")}`;
  };
  const draw = (): void => drawHeat(canvas, page, heat, plain(), cursor);
  const pointTo = (point: number | null, row = cursor?.row ?? 0): void => {
    cursor = point === null || heat === null ? null : { point, row: Math.min(Math.max(row, 0), heat.rows - 1) };
    around.at(cursor === null ? "" : say(cursor.point, cursor.row));
    draw();
  };
  walkable(around.element, {
    points: () => heat?.bins.count ?? 0,
    lines: () => heat?.rows ?? 0,
    has: () => true,
    show: (point) => pointTo(point),
    say(point, row) {
      pointTo(point, row);
      return say(point, row);
    },
  });
  canvas.addEventListener("pointermove", (event) => {
    if (heat === null) return;
    const { left, top, width, height } = plain();
    const [x, y] = [(event.offsetX - left) / width, (event.offsetY - top) / height];
    const isIn = x >= 0 && x < 1 && y >= 0 && y < 1;
    pointTo(isIn ? Math.floor(x * heat.bins.count) : null, Math.floor(y * heat.rows));
  });
  canvas.addEventListener("pointerleave", () => pointTo(null));
  selectByDrag(canvas, page, (share) => {
    const { left, width } = plain();
    const inside = Math.min(Math.max((share * canvas.clientWidth - left) / width, 0), 1);
    return heat === null ? 0 : heat.bins.from + inside * heat.bins.count * heat.bins.size;
  });
  around.onResize(draw);

  return {
    element: around.element,
    update(metric, tags = {}) {
      heat = heatOf(page.report.store.of(metric, tags), binsOf(page, 160));
      cursor = null;
      around.show(heat === null);
      scale.replaceChildren("1 ", ...SHADES.slice(1).map((shade) => make("span", { class: shade })), ` ${formatNumber(heat?.most ?? 0)} in a cell`);
      draw();
      around.refresh();
    },
  };
}

interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function drawHeat(canvas: HTMLCanvasElement, page: Page, heat: Heat | null, area: Rect, cursor: { point: number; row: number } | null): void {
  const context = canvas.getContext("2d");
  if (context === null || canvas.clientWidth === 0 || heat === null) return;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  context.scale(ratio, ratio);
  const { left, top, width, height } = area;
  const { bins, rows, cells, most } = heat;
  const [cellWidth, cellHeight] = [width / bins.count, height / rows];
  const shades = SHADES.map(colour);
  context.fillStyle = shades[0] ?? "";
  context.fillRect(left, top, width, height);
  for (const [count, places] of placesByCount(cells)) {
    // To read a colour costs more than to fill a cell with it.
    context.fillStyle = shadeOf(count, most, shades);
    for (const place of places) {
      const [row, point] = [Math.floor(place / bins.count), place % bins.count];
      // A cell reaches into the next by a hair, so that no seam is seen between two.
      context.fillRect(left + point * cellWidth, top + row * cellHeight, cellWidth + 0.4, cellHeight + 0.4);
    }
  }
  context.font = FONT;
  context.fillStyle = colour("ink-soft");
  context.textBaseline = "middle";
  context.textAlign = "right";
  const top0 = Math.log(heat.boundsOf(0)[1]);
  const bottom0 = Math.log(heat.boundsOf(rows - 1)[0]);
  for (const value of roundBetween(Math.exp(bottom0), Math.exp(top0), height / 22)) {
    const y = top + ((top0 - Math.log(value)) / (top0 - bottom0)) * height;
    context.fillText(short(formatValue(value, "time")), left - 6, y);
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const begin = (bins.from * page.report.store.intervalMs) / 1e3;
  const seconds = (bins.count * bins.size * page.report.store.intervalMs) / 1e3;
  const step = TIME_STEPS.find((one) => (one / seconds) * width >= 72) ?? seconds;
  for (let at = Math.ceil(begin / step) * step; at <= begin + seconds + 1e-9; at += step) {
    context.fillText(formatClock(at * 1e3).replace(/(?<=m)00s$/, ""), left + ((at - begin) / seconds) * width, top + height + 6);
  }
  context.strokeStyle = colour("mark");
  context.setLineDash([3, 3]);
  for (const { seconds: at } of marksOf(page)) {
    if (at < begin || at > begin + seconds) continue;
    const x = Math.round(left + ((at - begin) / seconds) * width) + 0.5;
    context.beginPath();
    context.moveTo(x, top);
    context.lineTo(x, top + height);
    context.stroke();
  }
  if (cursor === null) return;
  context.setLineDash([]);
  context.strokeStyle = colour("ink");
  context.strokeRect(left + cursor.point * cellWidth - 0.5, top + cursor.row * cellHeight - 0.5, cellWidth + 1, cellHeight + 1);
}

/** Where each count stands that a cell has, the smallest first; cells without any are left out. */
function placesByCount(cells: Float64Array): [count: number, places: number[]][] {
  const all = new Map<number, number[]>();
  cells.forEach((count, place) => {
    if (count === 0) return;
    const places = all.get(count);
    if (places === undefined) all.set(count, [place]);
    else places.push(place);
  });
  return [...all].sort(([one], [other]) => one - other);
}

/** Few and many differ by colour, also where most cells have few: the shade goes by the logarithm. */
function shadeOf(count: number, most: number, shades: readonly string[]): string {
  const share = most <= 1 ? 1 : Math.log(count) / Math.log(most);
  const place = 1 + share * (shades.length - 2);
  const at = Math.min(Math.floor(place), shades.length - 2);
  return `color-mix(in oklab, ${shades[at]} ${Math.round((1 - (place - at)) * 100)}%, ${shades[at + 1]})`;
}

function rowsOf(heat: Heat | null): { heads: string[]; count: number; row(at: number): string[] } {
  if (heat === null) return { heads: [], count: 0, row: () => [] };
  const { bins, rows, cells } = heat;
  const used: [point: number, row: number][] = [];
  for (let point = 0; point < bins.count; point += 1) {
    for (let row = rows - 1; row >= 0; row -= 1) if ((cells[row * bins.count + point] as number) > 0) used.push([point, row]);
  }
  return {
    heads: ["From", "Above", "Up to", "Count"],
    count: used.length,
    row(at) {
      const [point, row] = used[at] as [number, number];
      const [lower, upper] = heat.boundsOf(row);
      return [
        formatClock((bins.starts[point] as number) * 1e3),
        formatValue(lower, "time"),
        formatValue(upper, "time"),
        formatNumber(cells[row * bins.count + point] as number),
      ];
    },
  };
}

const [LEFT, RIGHT, BOTTOM] = [58, 26, 26];
const SHADES = ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4"];
const TIME_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
