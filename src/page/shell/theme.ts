// Light or dark: what the system says, unless somebody chose here.

import { make } from "../dom/make";

type Theme = "system" | "light" | "dark";

const KEY = "k6ws-theme";

/** The switch. It sets the colours at once, keeps what is chosen where the browser lets it, and tells of each change. */
export function themeSwitch(changed: () => void): HTMLElement {
  const isDark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = remembered();
  const apply = (): void => {
    const theme = chosen === "system" ? (isDark.matches ? "dark" : "light") : chosen;
    if (document.documentElement.dataset["theme"] === theme) return;
    document.documentElement.dataset["theme"] = theme;
    changed();
  };
  const select = make("select", { id: "theme", attributes: { "aria-label": "Colours" } });
  for (const [value, text] of [["system", "System colours"], ["light", "Light"], ["dark", "Dark"]] as const) {
    select.append(make("option", { text, attributes: { value } }));
  }
  select.value = chosen;
  select.addEventListener("change", () => {
    chosen = select.value as Theme;
    remember(chosen);
    apply();
  });
  isDark.addEventListener("change", apply);
  // Paper is light.
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["theme"] = "light";
    changed();
  });
  addEventListener("afterprint", apply);
  apply();
  return select;
}

// A page from a file may have no storage: then what is chosen lasts as long as the page.
function remembered(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Nobody loses more than a click.
  }
}
