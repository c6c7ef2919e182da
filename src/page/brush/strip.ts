// The strip of the brush: all of the run in one line, its marks and stages, what failed, and the window.

import { colour } from "../charts/looks";
import { marksOf } from "../charts/marks";
import type { Report } from "../data/report";
import type { Store } from "../data/store";
import type { Page } from "../shell/page";
import { workDone, workOf } from "./work";

/** Draws it anew, as large as the canvas stands in the page. */
export function drawStrip(canvas: HTMLCanvasElement, page: Page): void {
  const ratio = devicePixelRatio;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  const context = canvas.getContext("2d");
  if (context === null || width === 0) return;
  canvas.width = width;
  canvas.height = height;
  const { report, span } = page;
  const { count, intervalMs } = report.store;
  const place = (interval: number): number => (interval / Math.max(count, 1)) * width;

  const columns = Math.max(Math.min(Math.floor(width / ratio / 2), count), 1);
  const { work, failed } = courseOf(report);
  const heights = gathered(work, columns, true);
  const most = Math.max(...heights, 1e-9);
  context.fillStyle = colour("accent-soft");
  context.strokeStyle = colour("accent");
  context.lineWidth = ratio;
  const outline = new Path2D();
  heights.forEach((value, at) => {
    const y = height - ratio - (value / most) * (height - 6 * ratio);
    outline.lineTo((at / columns) * width, y);
    outline.lineTo(((at + 1) / columns) * width, y);
  });
  const area = new Path2D(outline);
  area.lineTo(width, height);
  area.lineTo(0, height);
  context.fill(area);
  context.stroke(outline);

  context.fillStyle = colour("grid-strong");
  for (const { from_ms } of report.stages) if (from_ms > 0) context.fillRect(place(from_ms / intervalMs), 0, ratio, height);
  context.fillStyle = colour("mark");
  for (const { seconds } of marksOf(page)) context.fillRect(place((seconds * 1e3) / intervalMs), 0, ratio, height);
  context.fillStyle = colour("bad");
  gathered(failed, columns).forEach((value, at) => {
    if (value > 0) context.fillRect((at / columns) * width, height - 3 * ratio, Math.max(width / columns, ratio), 3 * ratio);
  });

  if (page.isWhole) return;
  context.fillStyle = colour("ground");
  context.globalAlpha = 0.72;
  context.fillRect(0, 0, place(span.from), height);
  context.fillRect(place(span.to), 0, width - place(span.to), height);
  context.globalAlpha = 1;
}

interface Course {
  readonly store: Store;
  readonly version: number;
  readonly work: Float64Array;
  readonly failed: Float64Array;
}

let known: Course | null = null;

/** What the run did, and what failed. It is gathered once until more of the run comes: a window changes nothing in it. */
function courseOf(report: Report): Course {
  const { store } = report;
  if (known?.store !== store || known.version !== store.version) {
    known = { store, version: store.version, work: workDone(report, workOf(report)), failed: failedIn(store) };
  }
  return known;
}

/** How much failed in each interval: requests and iterations. */
function failedIn(store: Store): Float64Array {
  const failed = new Float64Array(store.count);
  for (const { columns } of FAILURES.flatMap((name) => store.of(name))) {
    const failures = columns.column(columns.kind === "rate" ? "passes" : "sum");
    for (let row = 0; row < columns.length; row += 1) {
      const interval = columns.intervals.at(row);
      failed[interval] = (failed[interval] ?? 0) + failures.at(row);
    }
  }
  return failed;
}

/** The sums of neighbours, so many; or their means, since columns can differ by one interval. */
function gathered(values: Float64Array, columns: number, isMean = false): Float64Array {
  const [sums, many] = [new Float64Array(columns), new Float64Array(columns)];
  values.forEach((value, at) => {
    const column = Math.floor((at * columns) / values.length);
    sums[column] = (sums[column] as number) + value;
    many[column] = (many[column] as number) + 1;
  });
  return isMean ? sums.map((sum, at) => sum / Math.max(many[at] as number, 1)) : sums;
}

const FAILURES = ["ws_req_failed", "tcp_req_failed", "iteration_failed", "ws_connect_failed"];
