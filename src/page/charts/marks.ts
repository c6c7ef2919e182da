// Instants that the run has a name for, drawn on every chart over time: those of the script, and where stages begin.

import type uPlot from "uplot";

import type { Page } from "../shell/page";
import { shown } from "../text/names";
import { FONT } from "./axes";
import { colour } from "./looks";

/** An instant, in seconds since the run began. */
export interface Instant {
  readonly seconds: number;
  readonly name: string;
}

/** The marks of the script. */
export function marksOf(page: Page): Instant[] {
  const { began, summary } = page.report;
  return (summary.run.marks ?? []).map(({ name, time }) => ({ seconds: (time - began) / 1e3, name: shown(name) }));
}

/** Where stages begin, but for the first. */
export function stageStarts(page: Page): Instant[] {
  return page.report.stages.filter(({ from_ms }) => from_ms > 0).map(({ from_ms, name }) => ({ seconds: from_ms / 1e3, name: shown(name) }));
}

/** Draws them behind or before the lines of a chart. */
export function marksOn(page: Page): uPlot.Plugin {
  return {
    hooks: {
      drawAxes: (plot) => stageStarts(page).forEach(({ seconds }) => draw(plot, seconds, "", "grid-strong", [])),
      draw: (plot) => {
        let free = -Infinity;
        for (const { seconds, name } of marksOf(page)) free = draw(plot, seconds, name, "mark", [3, 3], free);
      },
    },
  };
}

/** Draws one, with its name where there is room; gives the place from which there is room for the next name. */
function draw(plot: uPlot, seconds: number, name: string, hue: string, dash: number[], free = -Infinity): number {
  const { min, max } = plot.scales["x"] ?? {};
  if (seconds < (min ?? 0) || seconds > (max ?? 0)) return free;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(seconds, "x", true)) + 0.5;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour(hue);
  ctx.lineWidth = ratio;
  ctx.setLineDash(dash.map((length) => length * ratio));
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = FONT.replace("11px", `${11 * ratio}px`);
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  const text = name.length > 24 ? `${name.slice(0, 23)}…` : name;
  const width = ctx.measureText(text).width + 8 * ratio;
  const isRoomy = text !== "" && x > free && x + width < bbox.left + bbox.width;
  // A rim of the ground keeps the name legible on lines.
  ctx.setLineDash([]);
  ctx.strokeStyle = colour("surface");
  ctx.lineWidth = 3 * ratio;
  if (isRoomy) ctx.strokeText(text, x + 4 * ratio, bbox.top + 2 * ratio);
  if (isRoomy) ctx.fillText(text, x + 4 * ratio, bbox.top + 2 * ratio);
  ctx.restore();
  return isRoomy ? x + width : free;
}
