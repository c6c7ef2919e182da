// The other run as a page of its own, whose window is the same stretch of time.

import { Page } from "../shell/page";
import type { Span } from "../numbers/merged";

/** Intervals of another length that have this window: those that it begins and ends in are in it whole. */
export function sameStretch(span: Span, intervalMs: number, otherMs: number): Span {
  return { from: Math.floor((span.from * intervalMs) / otherMs), to: Math.ceil((span.to * intervalMs) / otherMs) };
}

let known: Page | null = null;

/**
 * The run beside this one; null where there is none.
 *
 * Of a window of this run it has the same stretch since its own beginning. Where it was over by then, its window is
 * empty, and its figures are none.
 */
export function beside(page: Page): Page | null {
  const { other } = page;
  if (other === null) return null;
  if (known?.report !== other) known = new Page(other);
  known.select(page.isWhole ? null : sameStretch(page.span, page.report.store.intervalMs, other.store.intervalMs));
  return known;
}

/** Whether the other run has anything in this window. */
export function reaches(page: Page): boolean {
  const { other } = page;
  if (other === null || page.isWhole) return other !== null;
  const { from } = sameStretch(page.span, page.report.store.intervalMs, other.store.intervalMs);
  return from < other.store.count;
}
