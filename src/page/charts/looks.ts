// How lines are told apart, and the colours of the page as a canvas needs them.

/** A colour of `style/colours.css`, by its name without the dashes. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** How many lines have a colour of their own; more of them begin again, with another dash. */
export const HUES = 8;

/** The dash of a line, in pixels: lines differ by it as well as by colour. */
export function dashOf(line: number): number[] {
  return DASHES[(line + Math.floor(line / HUES)) % DASHES.length] as number[];
}

/** The name of the colour of a line. */
export function hueOf(line: number): string {
  return `line-${(line % HUES) + 1}`;
}

const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 2], [12, 4], [1, 2], [6, 2, 1, 2, 1, 2]];
