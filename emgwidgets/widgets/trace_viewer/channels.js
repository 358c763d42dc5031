/* Which channels are shown: pager in the toolbar, and a list over the plot to choose, find, show and hide by mouse or keys. */
import { fill, h } from "../_js/dom.js";
import { rate, size } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";
import { hue, isSuperimposed, MOST_AT_ONCE, page, shown } from "./layout.js";

const STEPS = [1, 2, 4, 8, 12, 16, 20, 32, 48, MOST_AT_ONCE];

/** Superimposed or rastered, for sweeps; returns { element, update }. */
export function makeSweepLayout(app) {
  const button = (isRaster, words) => h("button", { onclick: () => { if (app.isRaster !== isRaster) app.toggleRaster(); } }, words);
  const [over, apart] = [button(false, "Superimposed"), button(true, "Raster")];
  const element = h("span", { class: "tv-row tv-pair", role: "group", "aria-label": "sweeps", title: "Key S" }, over, apart);
  element.hidden = !app.info.sweeps;
  const update = () => { over.setAttribute("aria-pressed", String(!app.isRaster)); apart.setAttribute("aria-pressed", String(app.isRaster)); };
  update();
  return { element, update };
}

/** Returns { element, panel, update, open, turn, isNeeded }. */
export function makeChannels(app) {
  const what = app.info.sweeps ? "sweep" : "channel";
  const n = app.info.channels.length;
  const caption = h("div", { class: "caption" });
  const back = h("button", { "aria-label": `earlier ${what}s`, title: "Page back, key [", onclick: () => turn(-1) }, "\u2039");
  const on = h("button", { "aria-label": `later ${what}s`, title: "Page on, key ]", onclick: () => turn(1) }, "\u203a");
  const list = h("button", { title: `Choose, show and hide ${what}s`, onclick: () => open() });
  const element = h("div", { class: "tv-channels" }, caption, h("div", { class: "tv-row" }, back, list, on));
  element.hidden = n < 2;

  const find = h("input", { type: "text", placeholder: "find", "aria-label": `find ${what}s`, size: 10 });
  const knob = makeKnob({
    caption: "At once", leave: () => box.focus(), step: (way) => { const i = STEPS.findIndex((s) => s >= app.atOnce); setAtOnce(STEPS[Math.max(0, Math.min(STEPS.length - 1, (i < 0 ? STEPS.length - 1 : i) + way))]); },
    type: (text) => { const value = Number.parseInt(text, 10); if (value >= 1 && value <= MOST_AT_ONCE) setAtOnce(value); return value >= 1 && value <= MOST_AT_ONCE; },
  });
  const box = h("div", { class: "tv-list", role: "listbox", tabindex: "0", "aria-multiselectable": "true", "aria-label": `${what}s` });
  const panel = h("div", { class: "tv-labels tv-choose", role: "dialog", "aria-label": `${what}s` },
    h("div", { class: "tv-head" }, h("strong", null, app.info.sweeps ? "Sweeps" : "Channels"), h("span", { class: "caption" }, "Space or a click shows or hides, Enter or a double click selects, Esc closes")),
    h("div", { class: "tv-row" }, find, h("button", { onclick: () => setHidden([]) }, "Show all"), h("button", { onclick: () => setHidden(others(active)) }, "Only this"), h("span", { class: "caption tv-right" }, "lanes at once"), knob.element), box);
  panel.hidden = true;
  let active = 0;

  const others = (one) => app.info.channels.map((_, i) => i).filter((i) => i !== one);
  const found = () => { const text = find.value.trim().toLowerCase(); return app.info.channels.map((_, i) => i).filter((i) => !text || nameOf(i).toLowerCase().includes(text)); };
  const nameOf = (i) => (app.info.sweeps ? `${app.info.channels[i].name} ${app.info.sweeps.items[i].words}` : app.info.channels[i].name);

  function setHidden(hidden) { if (hidden.length < n) app.setHidden(hidden); draw(); }
  function setAtOnce(count) { app.setAtOnce(count); draw(); }
  function flip(i) { setHidden(app.hidden.includes(i) ? app.hidden.filter((other) => other !== i) : [...app.hidden, i]); }
  function choose(i) { if (app.hidden.includes(i)) flip(i); close(); app.selectChannel(i); }

  function draw() {
    if (panel.hidden) return;
    const items = found();
    const columns = Math.max(1, Math.floor((app.leftWidth() - 110) / 260));
    box.style.gridTemplateRows = `repeat(${Math.max(1, Math.ceil(items.length / columns))}, 24px)`;
    if (!items.includes(active)) active = items.length ? items[0] : app.channel;
    fill(box, ...items.map((i) => {
      const channel = app.info.channels[i];
      const isShown = !app.hidden.includes(i);
      const row = h("div", { role: "option", id: `${app.id}-row-${i}`, "aria-selected": String(isShown), class: [i === active ? "is-active" : "", i === app.channel ? "is-here" : ""].join(" "), "data-index": i, ondblclick: () => choose(i), onclick: () => { active = i; flip(i); } },
        h("span", { class: "tv-tick", "aria-hidden": "true" }, isShown ? "\u2713" : ""), h("b", null, app.info.sweeps ? String(app.info.sweeps.items[i].number) : String(i + 1)), h("span", { class: "tv-name" }, nameOf(i)),
        h("span", { class: "caption" }, app.info.sweeps ? "" : `${rate(channel.rate_hz)}, ${size(app.sens[i], channel.unit)}/div`));
      row.querySelector("b").style.color = hue(app, i);
      return row;
    }));
    box.setAttribute("aria-activedescendant", `${app.id}-row-${active}`);
    const here = box.querySelector(".is-active");
    if (here) here.scrollIntoView({ block: "nearest" });
    knob.set("At once", String(app.atOnce), Math.round((STEPS.findIndex((s) => s >= app.atOnce) / (STEPS.length - 1)) * 10));
  }

  function open() { panel.hidden = false; active = app.channel; find.value = ""; draw(); box.focus({ preventScroll: true }); }
  function close() { panel.hidden = true; app.focus(); }
  find.addEventListener("input", draw);
  panel.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") { event.preventDefault(); close(); return; }
    if (event.target === find) { if (["ArrowDown", "Enter"].includes(event.key)) { event.preventDefault(); box.focus(); } return; }
    if (event.target !== box) return;
    const items = found();
    const at = items.indexOf(active);
    const go = (to) => { if (items.length) active = items[Math.max(0, Math.min(items.length - 1, to))]; draw(); };
    const table = { ArrowDown: () => go(at + 1), ArrowUp: () => go(at - 1), PageDown: () => go(at + 10), PageUp: () => go(at - 10), Home: () => go(0), End: () => go(items.length - 1), " ": () => flip(active), Enter: () => choose(active) };
    if (table[event.key]) { event.preventDefault(); table[event.key](); }
  });

  function turn(way) {
    const all = shown(app);
    const { first, count } = page(app);
    const to = Math.max(0, Math.min(all.length - count, first + way * count));
    if (to === first) return;
    app.first = to;
    app.selectChannel(all[Math.max(to, Math.min(to + count - 1, all.indexOf(app.channel) + way * count))]);
  }

  function update() {
    const { first, count, n: all } = page(app);
    caption.textContent = `${app.info.sweeps ? "Sweeps" : "Channels"}${app.hidden.length ? `, ${app.hidden.length} hidden` : ""}`;
    const isAll = isSuperimposed(app) || count >= all;
    fill(list, isAll ? `${all} of ${n}` : `${first + 1}\u2013${first + count} of ${all}`, h("kbd", null, "V"));
    back.hidden = isAll;
    on.hidden = isAll;
    back.disabled = first <= 0;
    on.disabled = first + count >= all;
    draw();
  }
  return { element, panel, update, open, turn };
}
