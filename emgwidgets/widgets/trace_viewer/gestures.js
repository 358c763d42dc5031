/* The mouse and the pen on plot and strip: pan, zoom, move a cursor, drag a selection. */
import { step125 } from "../_js/format.js";
import { HEAD } from "./layout.js";
import { overviewTime } from "./overview.js";
import { nextTimeBase } from "./state.js";

const GRIP = 12; // css pixels around a cursor's line
const STILL = 3;

/** Wire the gestures of one view. */
export function wireGestures(app) {
  const { plot } = app;
  const timeAt = (x) => app.win.start + ((x - app.place.left) / (app.place.right - app.place.left)) * (app.end() - app.win.start);
  const inside = (x) => Math.min(Math.max(timeAt(Math.min(Math.max(x, app.place.left), app.place.right)), app.info.start_s), app.info.end_s);
  const at = (event, canvas) => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
  const xOf = (t) => app.place.left + ((t - app.win.start) / (app.end() - app.win.start)) * (app.place.right - app.place.left);
  const cursorNear = (x) => [0, 1].find((i) => app.cursors[i] !== null && Math.abs(xOf(app.cursors[i]) - x) < GRIP);
  const selects = (event, y) => event.shiftKey || y < HEAD || (y >= app.place.marksY && y < app.place.qualityY);
  let drag = null;

  plot.addEventListener("pointerdown", (event) => {
    if (!app.place || event.button) return;
    app.focus();
    const { x, y } = at(event, plot);
    const lane = app.place.lanes.find((item) => y >= item.y && y <= item.y + item.height);
    const bar = app.markAt(timeAt(x), y);
    if (bar) { app.chooseMark(bar, false); return; }
    const grabbed = event.shiftKey ? undefined : cursorNear(x);
    drag = { x, start: app.win.start, cursor: grabbed, moved: false, lane, from: grabbed === undefined && selects(event, y) ? inside(x) : null };
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => {
    if (!app.place) return;
    const { x, y } = at(event, plot);
    app.pointer = x >= app.place.left && x <= app.place.right ? timeAt(x) : null;
    const near = cursorNear(x);
    plot.style.cursor = drag ? (drag.cursor !== undefined ? "ew-resize" : drag.from !== null ? "col-resize" : "grabbing") : near !== undefined ? "ew-resize" : selects(event, y) ? "col-resize" : "grab";
    if (!drag) return;
    if (Math.abs(x - drag.x) > STILL) drag.moved = true;
    if (drag.cursor !== undefined) app.placeCursor(drag.cursor, inside(x));
    else if (drag.moved && drag.from !== null) app.select(drag.from, inside(x));
    else if (drag.moved) app.moveTo(drag.start - ((x - drag.x) / (app.place.right - app.place.left)) * (app.end() - app.win.start));
  });
  const release = () => {
    if (drag && !drag.moved && drag.cursor === undefined && drag.lane && drag.lane.index !== app.channel) app.selectChannel(drag.lane.index);
    drag = null;
  };
  plot.addEventListener("pointerup", release);
  plot.addEventListener("pointercancel", () => { drag = null; });
  plot.addEventListener("pointerleave", () => { app.pointer = null; });
  wireWheel(app, (event) => timeAt(at(event, plot).x));
  wireStrip(app, (event) => overviewTime(app, at(event, app.strip).x, app.width));
}

function wireWheel(app, moment) {
  let turned = 0;
  app.plot.addEventListener("wheel", (event) => {
    if (!app.place) return;
    event.preventDefault();
    turned += event.deltaY || event.deltaX;
    if (Math.abs(turned) < 40) return;
    const direction = Math.sign(turned);
    turned = 0;
    if (event.shiftKey) app.setSensitivity(step125(app.sens[app.channel], direction));
    else app.setTimeBase(nextTimeBase(app.win.perDivision, direction, app.win.n, app.info.start_s, app.info.end_s), moment(event));
  }, { passive: false });
}

function wireStrip(app, moment) {
  const { strip } = app;
  let isSliding = false;
  const slide = (event) => app.moveTo(moment(event) - (app.end() - app.win.start) / 2);
  strip.addEventListener("pointerdown", (event) => { isSliding = true; strip.setPointerCapture(event.pointerId); slide(event); });
  strip.addEventListener("pointermove", (event) => { if (isSliding) slide(event); });
  strip.addEventListener("pointerup", () => { isSliding = false; app.focus(); });
}
