// What stands above a table: its search, how many rows there are, and the buttons that copy them.

import { copyText } from "../dom/clipboard";
import { make, setText } from "../dom/make";
import { formatNumber } from "../text/format";

export interface BarActions {
  search(text: string): void;
  csv(): string;
  json(): string;
}

export class Bar {
  readonly element: HTMLElement;
  private readonly count = make("span", { class: "count", role: "status" });

  constructor(id: string, title: string, actions: BarActions) {
    const input = make("input", {
      id: `${id}-search`,
      attributes: { type: "search", placeholder: "Search", "aria-label": `Search in ${title}`, autocomplete: "off", spellcheck: "false" },
    });
    input.addEventListener("input", () => actions.search(input.value));
    this.element = make(
      "div",
      { class: "table-bar" },
      input,
      this.count,
      this.button("CSV", `Copy ${title} as CSV`, actions.csv),
      this.button("JSON", `Copy ${title} as JSON`, actions.json),
    );
  }

  /** Says how many rows are shown, of how many. */
  say(shown: number, all: number): void {
    const rows = all === 1 ? "row" : "rows";
    setText(this.count, shown === all ? `${formatNumber(all)} ${rows}` : `${formatNumber(shown)} of ${formatNumber(all)} ${rows}`);
  }

  private button(text: string, label: string, content: () => string): HTMLButtonElement {
    const button = make("button", { text, title: label, attributes: { type: "button", "aria-label": label } });
    button.addEventListener("click", async () => {
      const copied = await copyText(content());
      setText(this.count, copied ? `Copied as ${text}` : "The browser did not let it be copied");
    });
    return button;
  }
}
