// Steady state: the longest stretch of a run in which its throughput had settled.

import type { Span } from "../numbers/merged";

/**
 * The stretch, in intervals; null where nothing settled.
 *
 * `work` is what was done in each interval. The run is cut into 100 pieces at most, and each piece stands for the mean of
 * itself and its two neighbours. A stretch has settled while all its pieces lie within 10 % of its mean, or within three
 * standard deviations of a count where few came; it has at least half of the highest piece's work, and lasts a tenth of the run.
 */
export function steadyState(work: Float64Array): Span | null {
  const size = Math.max(Math.ceil(work.length / MOST_PIECES), 1);
  const count = Math.floor(work.length / size);
  if (count < LEAST_PIECES) return null;
  const pieces = Float64Array.from({ length: count }, (_, at) => sumOf(work, at * size, (at + 1) * size));
  const smooth = pieces.map((_, at) => {
    const [from, to] = [Math.max(at - 1, 0), Math.min(at + 2, count)];
    return sumOf(pieces, from, to) / (to - from);
  });
  const floor = smooth.reduce((most, one) => Math.max(most, one), 0) / 2;
  let best: Span | null = null;
  for (let from = 0; from < count; from += 1) {
    let [sum, low, high] = [0, Infinity, -Infinity];
    for (let to = from + 1; to <= count; to += 1) {
      const piece = smooth[to - 1] as number;
      sum += piece;
      low = Math.min(low, piece);
      high = Math.max(high, piece);
      const mean = sum / (to - from);
      const room = Math.max(DRIFT * mean, 3 * Math.sqrt(mean / 3));
      const isLongest = best === null || to - from > best.to - best.from;
      if (isLongest && mean > 0 && low >= floor && high - mean <= room && mean - low <= room) best = { from, to };
    }
  }
  if (best === null || best.to - best.from < Math.max(LEAST_PIECES - 2, count / 10)) return null;
  return { from: best.from * size, to: best.to === count ? work.length : best.to * size };
}

function sumOf(numbers: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += numbers[at] as number;
  return sum;
}

const MOST_PIECES = 100;
const LEAST_PIECES = 5;
const DRIFT = 0.1;
