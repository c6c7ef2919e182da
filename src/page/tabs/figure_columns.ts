// Columns of figures: their text, their digits, and which way is better.

import type { Unit } from "../data/page_data";
import { textOf } from "../numbers/thresholds";
import type { Column } from "../table/column";
import type { Value } from "../table/rows";
import { formatNumber, full } from "../text/format";
import type { Part } from "./parts";

/** How a figure is told from others. */
export interface FigureOptions {
  readonly better?: "less" | "more";
  readonly note?: string;
  /** Bad news where it is more than 0. */
  readonly isTrouble?: boolean;
}

/** A figure of a part of each row: `p(95)`, `count`, and so on. */
export function figureColumn<Row>(
  id: string,
  title: string,
  part: (row: Row) => Part | null,
  figure: string,
  options: FigureOptions = {},
): Column<Row> {
  const unitOf = (row: Row): Unit => unitOfFigure(part(row), figure);
  const text = (value: number, row: Row): string => {
    const metric = part(row)?.metric;
    return textOf(value, figure, metric?.kind ?? "trend", metric?.unit ?? "default");
  };
  const { isTrouble, ...rest } = options;
  return {
    ...rest,
    id,
    title,
    kind: "number",
    value: (row) => part(row)?.value(figure) ?? null,
    shown(value, row) {
      const isAbout = part(row)?.figure(figure)?.isExact === false;
      return `${isAbout ? "≈ " : ""}${text(value as number, row)}`;
    },
    full: (value, row) => full(value as number, unitOf(row)),
    difference: text,
    ...(isTrouble === true && { tone: (value: Value) => (typeof value === "number" && value > 0 ? "bad" : null) }),
  };
}

/** The course of a part of each row. */
export function courseColumn<Row>(id: string, title: string, part: (row: Row) => Part | null, note?: string): Column<Row> {
  return { id, title, kind: "course", value: () => null, course: (row) => part(row)?.course ?? [], ...(note !== undefined && { note }) };
}

/** A column of plain counts. */
export function countColumn<Row>(id: string, title: string, count: (row: Row) => number | null, options: FigureOptions = {}): Column<Row> {
  const { isTrouble, ...rest } = options;
  return {
    ...rest,
    id,
    title,
    kind: "number",
    value: count,
    shown: (value) => formatNumber(value as number),
    difference: formatNumber,
    ...(isTrouble === true && { tone: (value: Value) => (typeof value === "number" && value > 0 ? "bad" : null) }),
  };
}

function unitOfFigure(part: Part | null, figure: string): Unit {
  const metric = part?.metric;
  if (metric === undefined) return "default";
  const isCount = (figure === "count" && metric.kind === "trend") || figure === "samples" || metric.kind === "rate";
  return isCount ? "default" : metric.unit;
}
