// The brush: what it selects is what all numbers of the page are of. By drag, by two handles, by names.

import { selectByDrag } from "../charts/drag";
import { byId, make, setText } from "../dom/make";
import { formatClock } from "../text/format";
import type { Page } from "../shell/page";
import { stages, steady, type Preset } from "./presets";
import { drawStrip } from "./strip";

/** Fills the brush and keeps it true. */
export function showBrush(page: Page): void {
  const whole = button("Whole run", "preset-whole");
  const settled = button("Steady state", "preset-steady");
  const stage = make("select", { id: "preset-stage", attributes: { "aria-label": "Window of a stage" } });
  stage.hidden = true;
  const said = make("output", { id: "window", class: "span", attributes: { for: "window-from window-to" } });
  const canvas = make("canvas", { attributes: { "aria-hidden": "true" } });
  const [from, to] = [handle("window-from", "Window from"), handle("window-to", "Window to")];
  const strip = make("div", { class: "strip" }, canvas, from, to);
  byId("brush").replaceChildren(
    make("div", { class: "presets", role: "group", attributes: { "aria-label": "Window of time" } }, whole, settled, stage, said),
    strip,
  );
  let named: Preset[] = [];
  let calm = steady(page.report);

  const show = (): void => {
    const { span, isWhole, report } = page;
    const { count, intervalMs } = report.store;
    for (const [input, value] of [[from, span.from], [to, span.to]] as const) {
      input.max = String(Math.max(count, 1));
      input.value = String(value);
      input.setAttribute("aria-valuetext", formatClock(value * intervalMs));
    }
    // Of two handles on one place the one that can still move lies above.
    from.classList.toggle("is-above", span.from > count / 2);
    const isOf = (one: { from: number; to: number } | null): boolean => one !== null && span.from === one.from && span.to === one.to;
    whole.setAttribute("aria-pressed", String(isWhole));
    settled.setAttribute("aria-pressed", String(!isWhole && isOf(calm)));
    settled.disabled = calm === null;
    settled.title = calm === null ? "Throughput did not settle in this run" : "The longest stretch in which throughput stays within 10 %";
    stage.value = String(named.findIndex((one) => !isWhole && isOf(cutTo(one, count))));
    const length = (span.to - span.from) * intervalMs;
    setText(said, isWhole ? `all of ${formatClock(length)}` : `${formatClock(span.from * intervalMs)} – ${formatClock(span.to * intervalMs)} (${formatClock(length)})`);
    drawStrip(canvas, page);
  };
  const nameStages = (): void => {
    const now = stages(page.report);
    calm = page.report.state === "running" && now.length === named.length ? calm : steady(page.report);
    if (now.length === named.length && now.every(({ name }, at) => name === named[at]?.name)) return;
    named = now;
    const options = named.map(({ name }, at) => make("option", { text: name, attributes: { value: String(at) } }));
    stage.replaceChildren(make("option", { text: "Stage …", attributes: { value: "-1" } }), ...options);
    stage.hidden = named.length === 0;
  };

  whole.addEventListener("click", () => page.select(null));
  settled.addEventListener("click", () => {
    calm = steady(page.report);
    page.select(calm);
  });
  stage.addEventListener("change", () => page.select(named[Number(stage.value)]?.span ?? null));
  from.addEventListener("input", () => page.select({ from: Math.min(Number(from.value), page.span.to - 1), to: page.span.to }));
  to.addEventListener("input", () => page.select({ from: page.span.from, to: Math.max(Number(to.value), page.span.from + 1) }));
  for (const input of [from, to]) input.addEventListener("change", show);
  strip.dataset["follows"] = "true";
  selectByDrag(strip, page, (share) => share * page.report.store.count);
  new ResizeObserver(() => drawStrip(canvas, page)).observe(strip);
  let [isAsked, isNews] = [false, false];
  page.listen((change) => {
    isNews ||= change === "report";
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      if (isNews) nameStages();
      [isAsked, isNews] = [false, false];
      show();
    });
  });
  nameStages();
  show();
}

function cutTo({ span }: Preset, count: number): { from: number; to: number } {
  return { from: span.from, to: Math.min(span.to, count) };
}

function button(text: string, id: string): HTMLButtonElement {
  return make("button", { id, text, attributes: { type: "button", "aria-pressed": "false" } });
}

function handle(id: string, label: string): HTMLInputElement {
  return make("input", { id, attributes: { type: "range", min: "0", step: "1", "aria-label": label } });
}
