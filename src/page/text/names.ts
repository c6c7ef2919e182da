// Names as they are shown: what a run calls things can be long, and can have any character.

import { make } from "../dom/make";

const MOST = 200;

const MOST_OF_SENTENCE = 600;

/** A name that can be shown: control characters as pictures, and spaces where there is nothing else; cut at so many characters. */
export function shown(name: string, most = MOST): string {
  const pictured = /^ +$/.test(name) ? name.replaceAll(" ", "␠") : pictures(name);
  const characters = pictured.length > most ? [...pictured.slice(0, 2 * most + 2)] : [];
  return characters.length > most ? characters.slice(0, most).join("") + "…" : pictured;
}

/** Some sentences, which are longer than a name and have names in them: cut all the same where there is no end to them. */
export function sentence(text: string): string {
  return shown(text, MOST_OF_SENTENCE);
}

/** A name as an element, with all of it in its title where something was cut. */
export function nameOf(name: string, className = "name"): HTMLSpanElement {
  const text = shown(name);
  const isCut = text.endsWith("…") && !name.endsWith("…");
  return make("span", { class: className, text, ...(isCut ? { title: pictures(name) } : {}) });
}

/** What a path ends with. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Characters that would be invisible, or would turn the text around them, as pictures or as their numbers. */
export function pictures(text: string): string {
  return text.replace(UNSEEN, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return "␡";
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** Text of several lines: ends of lines and tabs as they are, all other control characters as pictures. */
export function lines(text: string): string {
  const line = (one: string): string => one.split("\t").map(pictures).join("\t");
  return text.split(/\r?\n/u).map(line).join("\n");
}

// C0, DEL, C1, marks of direction, separators of lines and paragraphs, zero-width and byte-order marks, lone surrogates.
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
