// A row's course in time, as small as a word. Pure: the points; the picture is made in `sparkline.ts`.

/** How many points a picture has at most: it is no wider. */
export const POINTS = 60;

/** Values of equal stretches, at most [`POINTS`]: of a stretch the largest, since peaks are what is looked for. */
export function thinned(values: readonly (number | null)[]): (number | null)[] {
  if (values.length <= POINTS) return [...values];
  const thin: (number | null)[] = new Array<number | null>(POINTS).fill(null);
  values.forEach((value, index) => {
    if (value === null) return;
    const to = Math.floor((index * POINTS) / values.length);
    const before = thin[to];
    thin[to] = before === null || before === undefined ? value : Math.max(before, value);
  });
  return thin;
}

/** The path of an svg `width` by `height`: from 0, or below it, to the largest. Where nothing is, it is broken. */
export function path(values: readonly (number | null)[], width: number, height: number): string {
  const points = thinned(values);
  const known = points.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0) return "";
  const low = Math.min(0, ...known);
  const high = Math.max(...known);
  const span = high - low || 1;
  const step = points.length > 1 ? width / (points.length - 1) : 0;
  let drawn = "";
  let isDown = false;
  points.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      isDown = false;
      return;
    }
    const x = round(points.length > 1 ? index * step : width / 2);
    const y = round(height - ((value - low) / span) * height);
    // A point alone is a short line: it would not be seen.
    drawn += isDown ? `L${x} ${y}` : `M${x} ${y}h1`;
    isDown = true;
  });
  return drawn;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
