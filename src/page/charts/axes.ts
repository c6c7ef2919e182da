// The scales of charts: what stands at their axes, and how far they reach.

import type uPlot from "uplot";

import { formatClock, formatPercent, formatValue, short } from "../text/format";
import type { Line } from "./lines";
import { colour } from "./looks";

/** A value at an axis: as short as it can be said. */
export function axisText(value: number, line: Pick<Line, "unit" | "isShare" | "suffix">): string {
  return short(line.isShare ? formatPercent(value) : formatValue(value, line.unit)) + (line.suffix ?? "");
}

/** The value of a line as text. */
export function valueText(value: number | null | undefined, line: Line): string {
  if (value === null || value === undefined) return "–";
  return (line.isShare ? formatPercent(value) : formatValue(value, line.unit)) + (line.suffix ?? "");
}

/** The axis of time: seconds since the run began. */
export function timeAxis(): uPlot.Axis {
  return {
    ...plainAxis(),
    space: 72,
    incrs: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400],
    values: (_, splits) => splits.map((seconds) => formatClock(seconds * 1e3).replace(/(?<=m)00s$/, "")),
  };
}

/** An axis of values, for the lines on its side. */
export function valueAxis(scale: string, line: Line, isLogarithmic = false): uPlot.Axis {
  return {
    ...plainAxis(),
    scale,
    side: scale === "right" ? 1 : 3,
    space: 36,
    size: (_, values) => 12 + 7 * Math.max(3, ...(values ?? []).map((value) => value.length)),
    values: (_, splits) => splits.map((value) => (value === null ? "" : axisText(value, line))),
    ...(scale === "right" ? { grid: { show: false } } : {}),
    ...(isLogarithmic ? { splits: (_, __, low, high) => roundBetween(low, high, LOGARITHMIC), filter: (_, splits) => splits } : {}),
  };
}

/** Values from 0, with room above; a flat line at 0 has a scale all the same. */
export function fromZero(_: uPlot, low: number | null, high: number | null): [number, number] {
  const [bottom, top] = [Math.min(low ?? 0, 0), Math.max(high ?? 0, 0)];
  const room = (top - bottom) * 0.08;
  return top === bottom ? [0, 1] : [bottom < 0 ? bottom - room : 0, top + room];
}

/** Values on a logarithmic scale, where a chart has values of different sizes. */
export function logarithmic(_: uPlot, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || low <= 0) return [0.1, 10];
  return [low / 1.3, high * 1.3];
}

/** Round values between two, evenly on a logarithmic axis: as many of each power of ten as there is room for in all. */
export function roundBetween(low: number, high: number, most: number): number[] {
  for (const steps of [[1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 5], [1]]) {
    const all: number[] = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
      // Not by a product, whose last digits would be seen.
      for (const step of steps) all.push(Number(`${step}e${power}`));
    }
    const inside = all.filter((value) => value >= low && value <= high);
    if (inside.length <= most || steps.length === 1) return inside;
  }
  return [];
}

/** Values at an axis of a chart at most. */
const LOGARITHMIC = 7;

/** What axes have in common. */
export function plainAxis(): uPlot.Axis {
  return {
    size: 26,
    gap: 4,
    stroke: () => colour("ink-soft"),
    font: FONT,
    grid: { stroke: () => colour("grid"), width: 1 },
    ticks: { show: false },
  };
}

export const FONT = "11px system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
