// Numbers as text: three significant digits at least, cut and never rounded up; bytes have two.

import type { Unit } from "../data/page_data";
import { make } from "../dom/make";

/** Stands where nothing was measured: a 0 would be a figure. */
export const NO_FIGURE = "–";

/** A value by what its metric contains; `–` for none. */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || Number.isNaN(value)) return NO_FIGURE;
  if (unit === "time") return formatDuration(value);
  if (unit === "data") return formatBytes(value);
  return formatNumber(value);
}

/** A measured time, from milliseconds: `947µs`, `12.3ms`, `1.20s`, `2m03.4s`, `1h02m`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return infinite(ms);
  const [sign, size] = apart(ms);
  if (size === 0) return "0s";
  if (size < 1e-3) return `${sign}${significant(size * 1e6)}ns`;
  if (size < 1) return `${sign}${significant(size * 1e3)}µs`;
  if (size < 1e3) return `${sign}${significant(size)}ms`;
  if (size < 60e3) return `${sign}${significant(size / 1e3)}s`;
  const minutes = Math.floor(size / 60e3);
  if (minutes >= 60) return `${sign}${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`;
  const tenths = Math.floor((size % 60e3) / 100);
  return `${sign}${minutes}m${pad(Math.floor(tenths / 10))}${tenths % 10 === 0 ? "" : `.${tenths % 10}`}s`;
}

/** A point in time of a run, from milliseconds since it began: `0.4s`, `12.3s`, `1m05s`, `1h02m05s`. */
export function formatClock(ms: number): string {
  const [sign, size] = apart(ms);
  if (size < 60e3) {
    const hundredths = Math.round(size / 10);
    return `${sign}${Math.floor(hundredths / 100)}${fraction(hundredths % 100)}s`;
  }
  const seconds = Math.floor(size / 1e3);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${sign}${minutes}m${pad(seconds % 60)}s`;
  return `${sign}${Math.floor(minutes / 60)}h${pad(minutes % 60)}m${pad(seconds % 60)}s`;
}

/** An amount of data in decimal units with two figures: `845 B`, `1.2 kB`, `12 MB`. */
export function formatBytes(count: number): string {
  if (!Number.isFinite(count)) return infinite(count);
  let [sign, size] = apart(count);
  let unit = 0;
  while (unit < BYTES.length - 1 && Math.round(size) >= 1000) {
    size /= 1000;
    unit += 1;
  }
  const isWhole = unit === 0 && Number.isInteger(size);
  const figures = Math.round(size * 10) < 100 && !isWhole ? size.toFixed(1) : size.toFixed(0);
  return `${sign}${figures} ${BYTES[unit]}`;
}

/** A plain number: whole ones in full (`1,234,567`), others with three significant digits at least. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return infinite(value);
  const [sign, size] = apart(value);
  if (size === 0) return "0";
  if (size >= 1e15) return value.toExponential(3);
  if (Number.isInteger(size) || size >= 1000) return sign + grouped(Math.floor(size));
  if (size < 1e-6) return sign + size.toExponential(2);
  return sign + significant(size);
}

/** So many of what has a plural in s: `1 iteration`, `1,234 iterations`. */
export function counted(count: number, what: string): string {
  return `${formatNumber(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** So many a second. */
export function formatRate(perSecond: number | null, unit: Unit = "default"): string {
  return perSecond === null ? NO_FIGURE : `${formatValue(perSecond, unit)}/s`;
}

/** A share between 0 and 1 as percent: `99.99%`, never rounded up to `100%`. */
export function formatPercent(share: number | null): string {
  if (share === null || Number.isNaN(share)) return NO_FIGURE;
  const percent = share * 100;
  if (!Number.isFinite(percent)) return infinite(percent);
  const [sign, size] = apart(percent);
  if (size === 0 || size === 100) return `${sign}${size}%`;
  return size >= 10 ? `${sign}${cut(size, 2)}%` : `${sign}${significant(size)}%`;
}

/** A figure as an element: short in sight, all its digits in the title. */
export function figure(text: string, value: number | null | undefined, unit: Unit = "default", extra = ""): HTMLSpanElement {
  const whole = value === null || value === undefined ? "" : full(value, unit);
  const title = extra === "" ? whole : `${whole} ${extra}`.trim();
  return make("span", { class: "figure", text, ...(title === "" ? {} : { title }) });
}

/** Says on an element which figure of which metric it shows, for whoever reads the page by program. */
export function marked<E extends HTMLElement>(element: E, metric: string, name: string): E {
  element.dataset["metric"] = metric;
  element.dataset["figure"] = name;
  return element;
}

/** A number's text without the zeros at its end: for limits and axes, which somebody chose. */
export function short(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D*$)/, "$1").replace(/\.(?=\D*$)/, "");
}

/** All digits of a value, with its unit. */
export function full(value: number, unit: Unit = "default"): string {
  return String(value) + (unit === "time" ? " ms" : unit === "data" ? " bytes" : "");
}

const BYTES = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

function apart(value: number): [sign: string, size: number] {
  return value < 0 ? ["-", -value] : ["", value];
}

/** Three significant digits of a positive number below 1000, or as many as its whole part has. */
function significant(size: number): string {
  if (size >= 100) return cut(size, 0);
  if (size >= 10) return cut(size, 1);
  if (size >= 1) return cut(size, 2);
  return cut(size, 2 - Math.floor(Math.log10(size)));
}

/** So many decimals, the rest cut off: of the decimal text, since a product could fall below its own digits. */
function cut(size: number, decimals: number): string {
  const text = size.toFixed(Math.min(decimals + 6, 100));
  return text.slice(0, text.length - 6 - (decimals === 0 ? 1 : 0));
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ",");
}

function fraction(hundredths: number): string {
  return hundredths === 0 ? "" : `.${pad(hundredths)}`.replace(/0$/, "");
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}

function infinite(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Inf" : "-Inf";
}
