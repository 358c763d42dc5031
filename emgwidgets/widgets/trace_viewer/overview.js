/* The strip of the whole recording: trace, window rectangle, flags at the top, marks at the bottom. */
import { fitCanvas, hatch, rule, write } from "../_js/canvas.js";
import { drawColumns } from "../_js/envelope.js";
import { clock, niceStep, plain, size } from "../_js/format.js";
import { GUTTER, hue } from "./layout.js";
import { isWhole } from "./strips.js";

export const OVERVIEW_HEIGHT = 66;
const RIGHT = 8;
const BASE = 46;

/** Seconds at a pixel of the strip. */
export function overviewTime(app, x, width) {
  return app.info.start_s + ((x - GUTTER) / (width - GUTTER - RIGHT)) * (app.info.end_s - app.info.start_s);
}

/** Draw the strip. */
export function drawOverview(app, canvas, width) {
  const c = fitCanvas(canvas, width, OVERVIEW_HEIGHT);
  const { colours, info } = app;
  const span = info.end_s - info.start_s || 1;
  const xOf = (t) => GUTTER + ((t - info.start_s) / span) * (width - GUTTER - RIGHT);
  const columns = app.overview && app.overview.channels[app.channel] && app.overview.channels[app.channel].raw;
  const channel = info.channels[app.channel];
  c.fillStyle = colours.well;
  c.fillRect(GUTTER, 4, width - GUTTER - RIGHT, BASE);
  if (columns) {
    const [low, high] = [columns.offset - 32767 * columns.scale, columns.offset + 32767 * columns.scale];
    const half = Math.max(high - channel.centre, channel.centre - low) || 1;
    const up = channel.is_voltage ? 1 : -1;
    drawColumns(c, columns, xOf, (value) => 4 + BASE / 2 + (up * (value - channel.centre) * (BASE / 2 - 4)) / half, info.start_s, info.end_s, hue(app, app.channel), 1);
    write(c, size(high - low, channel.unit, 2), GUTTER - 8, 20, { colour: colours.ink3, align: "right", font: colours.font });
    write(c, "p\u2013p", GUTTER - 8, 34, { colour: colours.ink3, align: "right", font: colours.font });
  } else {
    write(c, app.progress, GUTTER + 8, 28, { colour: colours.ink3, font: colours.font });
  }
  for (const item of app.flags) if (!isWhole(app, item)) hatch(c, xOf(item.start_s), 4, Math.max(xOf(item.end_s) - xOf(item.start_s), 3), 8, colours.warn, 5);
  for (const mark of app.marks.items) rule(c, xOf(mark.start_s), BASE - 3, xOf(mark.start_s), BASE + 4, mark.status === "proposed" ? colours.raw : colours.ink, mark.id === app.chosenMark ? 4 : 2);
  const { factor, unit } = app.time;
  const step = niceStep(span * factor, 8) / factor;
  for (let t = Math.ceil(info.start_s / step) * step; t <= info.end_s; t += step) {
    const isLast = t + step > info.end_s;
    const text = span > 300 ? clock(t) : plain(Math.round(t / step) * step * factor, 6) + (isLast ? ` ${unit}` : "");
    const isAtEdge = xOf(t) > width - RIGHT - 14;
    write(c, text, isAtEdge ? width - 4 : xOf(t), BASE + 13, { colour: colours.ink3, align: isAtEdge ? "right" : "center", font: colours.font });
  }
  const x0 = xOf(app.win.start);
  const x1 = Math.max(xOf(Math.min(app.end(), info.end_s)), x0 + 4);
  c.strokeStyle = colours.ink;
  c.lineWidth = 2;
  c.strokeRect(x0, 3, x1 - x0, BASE + 2);
}
