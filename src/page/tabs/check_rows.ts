// Checks and their groups as rows of a tree, with what the window has of them.

import type { SummaryGroup } from "../data/page_data";
import type { Series } from "../data/store";
import type { Page } from "../shell/page";
import { Part } from "./parts";

export interface CheckRow {
  readonly name: string;
  readonly path: string;
  readonly depth: number;
  readonly isGroup: boolean;
  readonly part: Part | null;
}

/** Groups with what is in them, checks before groups, as the summary has them. */
export function checkRows(page: Page): CheckRow[] {
  const metric = page.report.store.metric("checks");
  const series = new Map<string, Series[]>();
  for (const one of page.report.store.of("checks")) {
    const key = JSON.stringify([one.tags.get("group") ?? "", one.tags.get("check") ?? ""]);
    series.set(key, [...(series.get(key) ?? []), one]);
  }
  const rows: CheckRow[] = [];
  const partOf = (found: readonly Series[], passes: number, fails: number): Part | null => {
    if (metric === undefined) return null;
    const total = passes + fails;
    const values = { rate: total > 0 ? passes / total : null, passes, fails };
    return new Part(page, metric, found, { type: "rate", contains: "default", values });
  };
  const add = (group: SummaryGroup, depth: number): void => {
    for (const { name, passes, fails } of group.checks) {
      const found = series.get(JSON.stringify([group.path, name])) ?? [];
      rows.push({ name, path: `${group.path}::${name}`, depth, isGroup: false, part: partOf(found, passes, fails) });
    }
    for (const inner of group.groups) {
      rows.push({ name: inner.name, path: inner.path, depth, isGroup: true, part: null });
      // Groups inside one another have a bound where they are recorded, so this has one as well.
      add(inner, depth + 1);
    }
  };
  add(page.report.summary.root_group, 0);
  return rows;
}

/** Those that failed in the window. */
export function failedChecks(page: Page): CheckRow[] {
  return checkRows(page).filter((row) => (row.part?.value("fails") ?? 0) > 0);
}
