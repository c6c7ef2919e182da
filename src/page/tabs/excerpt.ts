// The lines of a script around one of them. Pure.

/** Lines above and below. */
const AROUND = 2;

/**
 * The lines around a place of the script, each with its number, the one that is meant marked.
 *
 * `where` is as summaries have it: a file and a line, `chat.py:41`. Null where that is another file than `script`, or no
 * line of it.
 */
export function excerptOf(script: string, source: string | null, where: string): string | null {
  const found = /^(.+):(\d+)$/su.exec(where);
  if (source === null || found === null) return null;
  const [file, line] = [found[1] as string, Number(found[2])];
  if (base(file) !== base(script)) return null;
  const all = source.split(/\r?\n/u);
  if (line < 1 || line > all.length) return null;
  const [from, to] = [Math.max(1, line - AROUND), Math.min(all.length, line + AROUND)];
  const width = String(to).length;
  const lines = all.slice(from - 1, to).map((text, index) => {
    const number = from + index;
    return `${number === line ? ">" : " "} ${String(number).padStart(width)}  ${text}`.trimEnd();
  });
  return lines.join("\n");
}

function base(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
