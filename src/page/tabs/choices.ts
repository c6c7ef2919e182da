// What is chosen above the tables: how metrics are taken apart, and which tags they must have.

import { make } from "../dom/make";
import type { Page } from "../shell/page";
import { nameOf, shown } from "../text/names";
import { tagKeys, tagValues, type Division, type Filter } from "./metric_rows";

/** More values than these are typed, not chosen from a list. */
const MOST_LISTED = 500;

export class Choices {
  readonly element: HTMLElement;
  private readonly divide = make("select", { id: "tables-by" });
  private readonly key = make("select", { id: "tables-tag" });
  private readonly value = make("input", { id: "tables-value", attributes: { list: "tables-values", placeholder: "value", autocomplete: "off", spellcheck: "false" } });
  private readonly values = make("datalist", { id: "tables-values" });
  private readonly chips = make("ul", { class: "chips", attributes: { "aria-label": "Tags that are demanded" } });
  private readonly tags = new Map<string, string>();
  private keys: readonly string[] = [];

  constructor(
    private readonly page: Page,
    private readonly changed: () => void,
  ) {
    const add = make("button", { text: "Add", attributes: { type: "submit" } });
    const form = make(
      "form",
      { class: "demand" },
      make("label", { text: "Only where", attributes: { for: this.key.id } }),
      this.key,
      make("label", { class: "unseen", text: "has the value", attributes: { for: this.value.id } }),
      this.value,
      this.values,
      add,
    );
    // The policy of the page lets no form be sent; this one only adds a chip.
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.key.value === "") return;
      this.tags.set(this.key.value, this.value.value);
      this.value.value = "";
      this.showChips();
      this.changed();
    });
    this.divide.addEventListener("change", () => this.changed());
    this.key.addEventListener("change", () => this.listValues());
    const by = make("label", { text: "Rows are", attributes: { for: this.divide.id } });
    this.element = make("div", { class: "choices" }, make("div", { class: "demand" }, by, this.divide), form, this.chips);
  }

  get division(): Division {
    const { value } = this.divide;
    if (value === "series") return { by: "series" };
    return value.startsWith("tag ") ? { by: "tag", key: value.slice(4) } : { by: "metric" };
  }

  get filter(): Filter {
    return this.tags;
  }

  /** Offers the tags that the run has by now. */
  update(): void {
    const keys = tagKeys(this.page);
    if (keys.length === this.keys.length) return;
    this.keys = keys;
    const [divided, key] = [this.divide.value, this.key.value];
    const tag = (name: string): HTMLOptionElement => option(`tag ${name}`, `by ${shown(name)}`);
    // What is asked for most comes first.
    const usual = ["scenario", "group", "name"].filter((name) => keys.includes(name));
    const others = keys.filter((name) => !usual.includes(name));
    this.divide.replaceChildren(option("metric", "each metric"), ...[...usual, ...others].map(tag), option("series", "each series"));
    this.key.replaceChildren(...keys.map((name) => option(name, shown(name))));
    if (divided !== "") this.divide.value = divided;
    if (key !== "") this.key.value = key;
    this.listValues();
  }

  private listValues(): void {
    const values = tagValues(this.page, this.key.value);
    this.values.replaceChildren(...values.slice(0, MOST_LISTED).map((value) => option(value, shown(value))));
  }

  private showChips(): void {
    const chips = [...this.tags].map(([key, value]) => {
      const text = nameOf(`${key}: ${value}`);
      const remove = make("button", { text: "×", attributes: { type: "button", "aria-label": `No longer demand ${shown(key)}` } });
      remove.addEventListener("click", () => {
        this.tags.delete(key);
        this.showChips();
        this.changed();
        this.key.focus();
      });
      return make("li", { class: "chip" }, text, remove);
    });
    this.chips.replaceChildren(...chips);
  }
}

function option(value: string, text: string): HTMLOptionElement {
  const made = make("option", { text });
  made.value = value;
  return made;
}
