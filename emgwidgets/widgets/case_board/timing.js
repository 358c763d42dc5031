/* The timing strip: days since onset, date of each test, and what the silence of a sign means on the day of the study. */
import { fill, h } from "../_js/dom.js";
import { s } from "../_js/svg.js";

const EDGE_DAYS = 21;

/** Days between the ticks of the axis. */
function tickStep(last) {
  return [7, 14, 28, 91, 182, 365, 730, 1825].find((step) => last / step <= 9) || 3650;
}

/** The strip; returns { element, update }. */
export function makeTiming(app) {
  const svg = s("svg", { class: "cb-strip", role: "img" });
  const words = h("div", { class: "cb-caveats" });
  const element = h("section", { class: "cb-timing", "aria-label": "timing" }, svg, words);

  function update() {
    const { timing } = app.state;
    const width = Math.max(element.clientWidth - 24, 560);
    const left = 214;
    const rows = timing.windows;
    const days = timing.events.map((one) => one.day);
    // a scan long before the onset stands at the edge with its day, so that the weeks after the onset keep their room
    const early = Math.max(Math.min(0, ...days), -EDGE_DAYS);
    const last = Math.max(60, ...days.map((day) => day * 1.15 + 4), ...(timing.day === null ? [] : [timing.day * 1.3 + 7]));
    const x = (day) => left + ((Math.min(Math.max(day, early), last) - early) / (last - early)) * (width - left - 8);
    const top = 22;
    const height = top + rows.length * 22 + 22;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    const step = tickStep(last - early);
    const ticks = [];
    for (let day = Math.ceil(early / step) * step; day <= last; day += step) ticks.push(s("line", { x1: x(day), x2: x(day), y1: top, y2: height - 20, stroke: "var(--grid)" }), s("text", { x: x(day), y: height - 5, "text-anchor": "middle", class: "cb-tick" }, day === 0 ? "day 0" : String(day).replace("-", "\u2212")));
    const bars = rows.flatMap((row, i) => {
      const y = top + i * 22 + 3;
      const end = row.until === null || row.until === undefined ? last : Math.min(row.until, last);
      const inside = row.state === "open" ? "should be seen by now" : row.state === "opening" ? `still opening on day ${timing.day}` : row.state === "not yet" ? "too early: silence says nothing" : row.state === "fading" ? "may have gone again" : "";
      const [from, by] = [x(row.first), x(row.by)];
      const room = inside.length * 3 + 6;
      const wanted = row.state === "opening" || row.state === "not yet" ? (from + Math.max(by, from + 60)) / 2 : row.state === "fading" && row.until ? (x(row.until) + x(last)) / 2 : (by + x(end)) / 2;
      const centre = Math.max(left + room, Math.min(wanted, width - 8 - room));
      return [s("title", null, `${row.sentence} (${row.source})`), s("text", { x: left - 8, y: y + 12, "text-anchor": "end", class: "cb-rowname" }, row.source.includes("unverified") ? `${row.words} \u1d58` : row.words),
        row.first <= last ? s("rect", { x: from, y, width: Math.max(by - from, 0), height: 16, class: "cb-window" }) : null,
        row.by < last ? s("rect", { x: by, y, width: Math.max(x(end) - by, 0), height: 16, class: "cb-window is-open" }) : null,
        row.until && row.until < last ? s("rect", { x: x(row.until), y, width: Math.max(x(last) - x(row.until), 0), height: 16, class: "cb-window" }) : null,
        inside ? s("text", { x: centre, y: y + 12, "text-anchor": "middle", class: `cb-inside is-${row.state.replace(" ", "-")}` }, inside) : null];
    });
    // two tests of one day share their place, so their names go one after the other
    let end = -Infinity;
    const events = [...timing.events].sort((a, b) => a.day - b.day).flatMap((one) => {
      const at = x(one.day);
      const label = one.letter === "O" ? "onset" : one.day < early ? `${one.words}, day \u2212${-one.day}` : one.words;
      const start = Math.max(at - 8, end + 6);
      end = start + 22 + label.length * 7.8;
      const flip = end > width;
      return [s("line", { x1: at, x2: at, y1: 16, y2: height - 20, stroke: "var(--ink)", "stroke-width": one.letter === "E" ? 2.4 : 1.4 }), s("rect", { x: start, y: 1, width: 16, height: 16, fill: "var(--ink)" }), s("text", { x: start + 8, y: 13, "text-anchor": "middle", class: "cb-letter" }, one.letter), s("text", { x: flip ? start - 5 : start + 21, y: 13, "text-anchor": flip ? "end" : "start", class: "cb-event" }, label)];
    });
    fill(svg, ...ticks, ...bars, ...events);
    svg.setAttribute("aria-label", timing.day === null ? "The onset is not given, so no silence can be read." : `Day ${timing.day} since onset. ${timing.events.map((one) => `${one.words} on day ${one.day}`).join(", ")}. ${rows.map((row) => `${row.words}: ${row.sentence}`).join(" ")}`);
    fill(words, ...timing.caveats.map((one) => h("div", { class: `cb-caveat is-${one.level}` }, one.sentence)), timing.windows.some((one) => one.source.includes("unverified")) ? h("div", { class: "caption" }, "\u1d58 unverified, from memory.") : null);
  }
  return { element, update };
}
