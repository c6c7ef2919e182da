// Lines of what happened now and then: a kind each, the most frequent ones, the rest together.

import type { Line } from "../charts/lines";
import type { Happened } from "../data/page_data";
import { shown } from "../text/names";
import { MOST_LINES } from "./chart_set";
import { ranked, type Counted } from "./happened";

/** A line for each kind that `label` tells apart. */
export function countedLines(happened: readonly Happened[], label: (one: Happened) => string): Line[] {
  return ranked(happened, label, MOST_LINES, "all others").map(lineOf);
}

function lineOf(counted: Counted): Line {
  return {
    label: shown(counted.label),
    unit: "default",
    suffix: "/s",
    points(_, bins) {
      const sums = new Float64Array(bins.count);
      for (const [interval, often] of counted.counts) {
        const bin = Math.floor((interval - bins.from) / bins.size);
        if (bin >= 0 && bin < bins.count) sums[bin] = (sums[bin] as number) + often;
      }
      return Array.from(sums, (sum, bin) => sum / (bins.lengths[bin] as number));
    },
  };
}
