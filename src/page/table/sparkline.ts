// The picture of a row's course: a small svg, which says nothing that the numbers beside it do not.

import { path } from "./spark";

const WIDTH = 96;
const HEIGHT = 18;
const SVG = "http://www.w3.org/2000/svg";

/** An empty picture. */
export function sparkline(): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "sparkline");
  svg.setAttribute("viewBox", `-1 -1 ${WIDTH + 2} ${HEIGHT + 2}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  return svg;
}

/** Draws a course into a picture, where it differs from what is there. */
export function drawSparkline(svg: SVGSVGElement, course: readonly (number | null)[]): void {
  const line = svg.firstElementChild;
  const drawn = path(course, WIDTH, HEIGHT);
  if (line !== null && line.getAttribute("d") !== drawn) line.setAttribute("d", drawn);
}
