// The requests of a run, each name a row.

import type { MetricName, SummaryMetric } from "../data/page_data";
import type { Report } from "../data/report";
import type { Series, Store } from "../data/store";
import { merge } from "../numbers/merged";
import type { Page } from "../shell/page";
import { byTag, Part } from "./parts";

/** The requests of one name over WebSockets, or over TCP. */
export interface Named {
  readonly name: string;
  readonly over: string;
  readonly made: Part | null;
  readonly failed: Part | null;
  readonly timeouts: Part | null;
  readonly duration: Part | null;
  readonly blocked: Part | null;
}

const PROTOCOLS = [
  ["ws", "WebSocket"],
  ["tcp", "TCP"],
] as const;

/** In the order in which names came up. */
export function requestRows(page: Page): Named[] {
  return PROTOCOLS.flatMap(([prefix, over]) => {
    const { store } = page.report;
    const metrics = (["reqs", "req_failed", "req_duration", "req_blocked"] as const).map((end) => `${prefix}_${end}`);
    const groups = metrics.map((metric) => byTag(store, metric, "name"));
    const names = [...new Set(groups.flatMap((group) => [...group.keys()]))];
    return names.map((name): Named => {
      const part = (at: number, only: (one: Series) => boolean = () => true, told?: SummaryMetric): Part | null => {
        const metric: MetricName | undefined = store.metric(metrics[at] as string);
        const series = groups[at]?.get(name)?.filter(only);
        return metric === undefined || series === undefined ? null : new Part(page, metric, series, told);
      };
      const exact = (at: number): Part | null => part(at, undefined, toldOf(page, metrics[at] as string, name, names.length));
      const isTimeout = (one: Series): boolean => one.tags.get("error") === "timeout";
      return { name, over, made: exact(0), failed: exact(1), timeouts: part(1, isTimeout), duration: exact(2), blocked: exact(3) };
    });
  });
}

/** A name that many requests have. */
export interface Much {
  readonly prefix: "ws" | "tcp";
  readonly name: string;
  /** With its protocol, where both are spoken. */
  readonly title: string;
}

interface Known {
  readonly version: number;
  readonly most: number;
  readonly all: readonly Much[];
}

const known = new WeakMap<Store, Known>();

/** The names with the most requests of the whole run, most first. They are counted once until more of the run comes. */
export function mostMade({ store }: Report, most: number): readonly Much[] {
  let found = known.get(store);
  if (found?.version !== store.version || found.most !== most) {
    found = { version: store.version, most, all: counted(store, most) };
    known.set(store, found);
  }
  return found.all;
}

function counted(store: Store, most: number): Much[] {
  const all = PROTOCOLS.flatMap(([prefix, over]) =>
    [...byTag(store, `${prefix}_reqs`, "name")].map(([name, series]) => {
      const merged = merge("counter", series, { from: 0, to: store.count });
      return { prefix, name, over, made: merged.kind === "counter" ? merged.sum : 0 };
    }),
  );
  const isBoth = new Set(all.map((one) => one.prefix)).size > 1;
  const kept = all.sort((a, b) => b.made - a.made).slice(0, most);
  return kept.map(({ prefix, name, over }) => ({ prefix, name, title: isBoth ? `${name} (${over})` : name }));
}

/** What the summary says of this name; where all requests have the same one, it says it of the metric. */
function toldOf(page: Page, metric: string, name: string, names: number): SummaryMetric | undefined {
  const { metrics, run } = page.report.summary;
  const [all, key] = names === 1 ? [metrics, metric] : [run.requests, `${metric}{name:${name}}`];
  return Object.hasOwn(all, key) ? (all[key] as SummaryMetric) : undefined;
}
