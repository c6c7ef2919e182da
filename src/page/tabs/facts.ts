// What is known of a run by name, beside what is known of another. Pure.

export interface Fact {
  readonly name: string;
  /** As text; null where this run does not have it. */
  readonly ours: string | null;
  /** Of the other run. */
  readonly theirs: string | null;
}

/** One fact for each name, those of this run first. */
export function laid(ours: Readonly<Record<string, unknown>>, theirs: Readonly<Record<string, unknown>> | null): Fact[] {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs ?? {})]);
  const of = (all: Readonly<Record<string, unknown>> | null, name: string): string | null =>
    all !== null && Object.hasOwn(all, name) ? textOf(all[name]) : null;
  return [...names].map((name) => ({ name, ours: of(ours, name), theirs: of(theirs, name) }));
}

/** Text as it is, all else as JSON. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}
