// How two figures of two runs differ. Pure.

/** What this run has more than the other one. */
export interface Difference {
  absolute: number;
  /** In percent of the other's; `null` where that is 0, of which nothing is a share. */
  percent: number | null;
}

/** `null` where one of the two says nothing. */
export function difference(ours: number | null, theirs: number | null): Difference | null {
  if (ours === null || theirs === null || !Number.isFinite(ours) || !Number.isFinite(theirs)) return null;
  const absolute = ours - theirs;
  if (theirs === 0) return { absolute, percent: absolute === 0 ? 0 : null };
  return { absolute, percent: (absolute / Math.abs(theirs)) * 100 };
}
