// Charts of a tab: those of metrics that the run has. What it does not have takes no room.

import { timeChart, type Chart, type ChartOptions } from "../charts/time_chart";
import type { Line } from "../charts/lines";
import { make } from "../dom/make";
import type { Page } from "../shell/page";

/** More lines than these are told apart by nobody. */
export const MOST_LINES = 6;

/** A line with the metric that it needs; null where it needs none. */
export type NeedingLine = readonly [metric: string | null, line: Line];

/** A chart whose lines are drawn where their metric is there. */
export interface ChartPlan extends Omit<ChartOptions, "lines"> {
  lines(page: Page): readonly NeedingLine[];
}

export class ChartSet {
  readonly element = make("div", { class: "charts" });
  private readonly charts: (readonly [ChartPlan, Chart])[];

  constructor(
    private readonly page: Page,
    plans: readonly ChartPlan[],
  ) {
    this.charts = plans.map((plan) => [plan, timeChart(page, { ...plan, lines: [] })] as const);
    this.element.append(...this.charts.map(([, chart]) => chart.element));
  }

  update(): void {
    for (const [plan, chart] of this.charts) {
      const { store } = this.page.report;
      const lines = plan.lines(this.page).flatMap(([metric, line]) => (metric === null || store.has(metric) ? [line] : []));
      chart.element.hidden = lines.length === 0;
      if (lines.length > 0) chart.update(lines);
    }
  }
}
