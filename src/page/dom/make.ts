// Elements. The only way to make one: text goes in as text, so that no name of a run can become markup.

export interface Looks {
  class?: string;
  id?: string;
  text?: string;
  title?: string;
  role?: string;
  /** Any other attribute. Never `style`: the policy of the page forbids it. */
  attributes?: Readonly<Record<string, string>>;
}

/** A new element with its children; a string among them is text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  looks: Looks = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (looks.class !== undefined) element.className = looks.class;
  if (looks.id !== undefined) element.id = looks.id;
  if (looks.title !== undefined) element.title = looks.title;
  if (looks.role !== undefined) element.setAttribute("role", looks.role);
  for (const [name, value] of Object.entries(looks.attributes ?? {})) element.setAttribute(name, value);
  if (looks.text !== undefined) element.textContent = looks.text;
  element.append(...children);
  return element;
}

/** A part that opens: `<details>` with its summary line. */
export function details(summary: string | Node, ...children: readonly (Node | string)[]): HTMLDetailsElement {
  return make("details", {}, make("summary", {}, summary), ...children);
}

/** Sets the text of an element where it differs, so that a screen reader hears only what changed. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** The element of the page that has this id; the page is broken without it. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no element ${id}`);
  return element;
}
