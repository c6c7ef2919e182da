// Which part of a metric a threshold names, by the grammar of the core (`metrics/selector.rs`):
// `ws_ping{scenario:chat,status!=101}`, values with `*` for any text, or in quotes as they are.

/** A part of a metric. */
export interface Selector {
  readonly metric: string;
  /** What stands in braces; "" where it is the whole metric. */
  readonly text: string;
  /** Whether series with these tags belong to it. */
  matches(tags: ReadonlyMap<string, string>): boolean;
}

/** Reads one; null where the text is none. */
export function selectorOf(name: string): Selector | null {
  const brace = name.indexOf("{");
  if (brace < 0) return name.trim() === "" ? null : { metric: name.trim(), text: "", matches: () => true };
  const metric = name.slice(0, brace).trim();
  const rest = name.slice(brace + 1).trimEnd();
  if (metric === "" || !rest.endsWith("}")) return null;
  const text = rest.slice(0, -1);
  const conditions: Condition[] = [];
  let left = text;
  do {
    const found = /^\s*([^:!,]+?)\s*(!=|:)\s*(?:"([^"]*)"\s*|'([^']*)'\s*|([^,"'][^,]*|))(?:,|$)/su.exec(left);
    if (found === null) return null;
    const [all, tag, relation, double, single, open] = found;
    const holds = double === undefined && single === undefined ? patternOf((open ?? "").trim()) : (value: string) => value === (double ?? single);
    conditions.push({ tag: tag as string, isNegated: relation === "!=", holds });
    left = left.slice(all.length);
    if (left === "" && all.endsWith(",")) return null;
  } while (left !== "");
  return {
    metric,
    text,
    matches: (tags) =>
      conditions.every(({ tag, isNegated, holds }) => {
        const value = tags.get(tag);
        return (value !== undefined && holds(value)) !== isNegated;
      }),
  };
}

interface Condition {
  readonly tag: string;
  readonly isNegated: boolean;
  readonly holds: (value: string) => boolean;
}

/** A text in which `*` stands for any text. */
function patternOf(text: string): (value: string) => boolean {
  if (!text.includes("*")) return (value) => value === text;
  const pieces = text.split(/\*+/u);
  return (value) => {
    const [first, last] = [pieces[0] as string, pieces[pieces.length - 1] as string];
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
    let at = first.length;
    const end = value.length - last.length;
    for (const piece of pieces.slice(1, -1)) {
      const found = value.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
