// How lines are told apart, and the colours of the page as a canvas needs them.

const known = new Map<string, string>();
let looks = "";
let contrast: MediaQueryList | undefined;

/** A colour of `style/colours.css`, by its name without the dashes. Asked for once while they stay: the answer takes the browser long. */
export function colour(name: string): string {
  const { documentElement: root } = document;
  contrast ??= matchMedia("(prefers-contrast: more)");
  const now = `${root.dataset["theme"]} ${contrast.matches}`;
  if (now !== looks) {
    looks = now;
    known.clear();
  }
  let found = known.get(name);
  if (found === undefined) {
    found = getComputedStyle(root).getPropertyValue(`--${name}`).trim();
    known.set(name, found);
  }
  return found;
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
