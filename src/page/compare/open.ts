// Another report, from its file: read as text, never run.

import { readReport, Unreadable, type Report } from "../data/report";

/** A file larger than this is no report. */
const MOST_BYTES = 64 * 2 ** 20;

/** The run in the file of a report. Throws `Unreadable`. */
export async function openReport(file: File): Promise<Report> {
  if (file.size > MOST_BYTES) throw new Unreadable("This file is larger than any report: it has more than 64 MiB.");
  const text = await file.text();
  return readReport(file.name.endsWith(".json") || text.trimStart().startsWith("{") ? text : dataOf(text));
}

/** The data in the HTML of a report. A document that is parsed like this runs no script and loads nothing. */
function dataOf(html: string): string {
  const data = new DOMParser().parseFromString(html, "text/html").getElementById("data")?.textContent ?? "";
  if (data.trim() !== "") return data;
  throw new Unreadable("This file has no data of a run. Choose a report that k6ws run --report or k6ws report has made.");
}
