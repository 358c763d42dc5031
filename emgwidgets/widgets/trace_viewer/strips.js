/* Under the lanes: marks as bars, quality flags as hatched stretches with their words. */
import { cut, hatch, write } from "../_js/canvas.js";
import { duration, plain } from "../_js/format.js";
import { MARK_ROW } from "./layout.js";

/** Whether a flag covers nearly the whole recording: said in words, not hatched. */
export function isWhole(app, item) {
  return item.end_s - item.start_s >= 0.9 * (app.info.end_s - app.info.start_s);
}

function flagsSeen(app) {
  return app.flags.filter((item) => item.end_s >= app.win.start && item.start_s <= app.end());
}

/** Hatch over the traces that a flag is about. */
export function drawFlagHatch(app, c, place, xOf) {
  const { colours } = app;
  for (const item of flagsSeen(app)) {
    if (isWhole(app, item)) continue; // the lane says it
    const x0 = Math.max(xOf(item.start_s), place.left);
    const x1 = Math.min(Math.max(xOf(item.end_s), x0 + 2), place.right);
    for (const lane of place.lanes) {
      if (item.channel !== null && item.channel !== app.info.channels[lane.index].name) continue;
      hatch(c, x0, lane.y, x1 - x0, lane.height, colours.warn, 9, 0.4);
    }
  }
}

/** Words of a quality flag: kind, size, length. */
export function flagWords(item) {
  const unit = item.size === 1 ? item.unit.replace(/s$/, "") : item.unit.replace("uV", "\u00b5V");
  const amount = !item.size ? "" : item.unit === "s" ? duration(item.size) : `${plain(item.size, 3)} ${unit}`;
  const length = duration(item.end_s - item.start_s);
  return [[item.name, amount].filter(Boolean).join(" "), amount === length ? "" : length].filter(Boolean).join(", ");
}

/** Marks with a length, one bar each. */
export function drawMarksLane(app, c, place, xOf) {
  const { colours } = app;
  write(c, "marks", place.left - 8, place.marksY + 11, { colour: colours.ink3, align: "right", font: colours.font });
  for (const { item, row } of place.packed.placed) {
    const x0 = Math.max(xOf(item.start_s), place.left);
    const x1 = Math.min(xOf(item.end_s), place.right);
    const y = place.marksY + row * MARK_ROW;
    const isProposed = item.status === "proposed";
    c.fillStyle = isProposed ? colours.panel : colours.supw;
    c.fillRect(x0, y, Math.max(x1 - x0, 2), 19);
    c.strokeStyle = item.id === app.chosenMark ? colours.sup : isProposed ? colours.raw : colours.t1;
    c.lineWidth = item.id === app.chosenMark ? 2 : 1;
    if (isProposed) c.setLineDash([4, 3]);
    c.strokeRect(x0 + 0.5, y + 0.5, Math.max(x1 - x0 - 1, 1), 18);
    c.setLineDash([]);
    c.fillStyle = isProposed ? colours.raw : colours.t1;
    if (xOf(item.start_s) >= place.left) c.fillRect(x0, y, 4, 19);
    const words = [item.label, isProposed ? "proposed, not confirmed" : "", item.reader ? `reader ${item.reader}` : "", item.confidence].filter(Boolean).join(", ");
    c.font = `400 12px ${colours.font}`;
    write(c, cut(c, words, x1 - x0 - 14), x0 + 9, y + 10, { colour: colours.ink, size: 12, font: colours.font });
  }
  if (place.packed.left) write(c, `and ${place.packed.left} more`, place.right, place.marksY + place.rows * MARK_ROW - 10, { colour: colours.ink3, align: "right", font: colours.font });
  if (!place.packed.placed.length) write(c, app.marks.items.length ? "none here; N: next mark" : "none yet; L then a letter labels the cursor or the stretch A\u2013B", place.left + 4, place.marksY + 11, { colour: colours.ink3, font: colours.font });
}

/** Flags in view with kind, size and length. */
export function drawQualityLane(app, c, place, xOf) {
  const { colours } = app;
  write(c, "quality", place.left - 8, place.qualityY + 10, { colour: colours.ink3, align: "right", font: colours.font });
  const seen = flagsSeen(app);
  let free = place.left;
  const whole = seen.filter((item) => isWhole(app, item));
  if (whole.length) {
    c.font = `400 11px ${colours.font}`;
    const words = `whole recording: ${whole.map((item) => (item.channel ? `${item.name} (${item.channel})` : item.name)).join(", ")}`;
    const next = Math.min(place.right, ...seen.filter((item) => !whole.includes(item)).map((item) => Math.max(xOf(item.start_s), place.left)));
    const text = next - place.left < 90 ? "" : cut(c, words, next - place.left - 12);
    write(c, text, place.left + 4, place.qualityY + 9, { colour: colours.warn, font: colours.font });
    if (text) free = place.left + c.measureText(text).width + 12;
  }
  for (const item of seen) {
    if (whole.includes(item)) continue;
    const x0 = Math.max(xOf(item.start_s), place.left);
    const x1 = Math.min(Math.max(xOf(item.end_s), x0 + 3), place.right);
    c.fillStyle = colours.warnw;
    c.fillRect(x0, place.qualityY, x1 - x0, 18);
    hatch(c, x0, place.qualityY, x1 - x0, 18, colours.warn, 8, 0.8);
    c.strokeStyle = item === app.chosenFlag ? colours.ink : colours.warn;
    c.lineWidth = 1;
    c.strokeRect(x0 + 0.5, place.qualityY + 0.5, x1 - x0 - 1, 17);
    const words = flagWords(item);
    c.font = `400 11px ${colours.font}`;
    const width = c.measureText(words).width;
    if (x0 - width - 8 > free) write(c, words, x0 - 6, place.qualityY + 9, { colour: colours.ink, align: "right", font: colours.font });
    else if (x1 + width + 8 < place.right) write(c, words, x1 + 6, place.qualityY + 9, { colour: colours.ink, font: colours.font });
    else if (x1 - x0 > width + 12 && x0 >= free - 1) {
      c.fillStyle = colours.warnw;
      c.fillRect(x0 + 4, place.qualityY + 2, width + 8, 14);
      write(c, words, x0 + 8, place.qualityY + 9, { colour: colours.ink, font: colours.font });
    }
    free = Math.max(free, x1 + (x1 + width + 8 < place.right ? width + 12 : 0));
  }
  if (!seen.length) write(c, app.flags.length ? "no flag here; Q: next flag" : "no flag", place.left + 4, place.qualityY + 9, { colour: colours.ink3, font: colours.font });
}
