/* The main plot: lanes of channels on one time axis, grid, flags, marks, cursors, playing line. Draws what it is given. */
import { cut, fitCanvas, flag, hatch, rule, write } from "../_js/canvas.js";
import { drawColumns } from "../_js/envelope.js";
import { decimalsFor, duration, fixed, plain, rate, size, timeBase } from "../_js/format.js";
import { packRows, uncovered } from "./state.js";

export const GUTTER = 76;
const RIGHT = 8;
const HEAD = 22;
const MARK_ROW = 22;
const DIVISION = 28;
const SMALL_DIVISION = 15;
const LANES = 7;

/** Channels that are drawn: all, or those around the selected one. */
export function visibleChannels(app) {
  const n = app.info.channels.length;
  const count = Math.min(n, LANES);
  const first = Math.min(Math.max(app.channel - Math.floor(count / 2), 0), n - count);
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Places of lanes for a width. */
export function layout(app, width) {
  const lanes = [];
  let y = HEAD;
  const shown = visibleChannels(app);
  for (const index of shown) {
    const isSelected = index === app.channel;
    const n = isSelected ? 10 : 4;
    const division = isSelected ? (shown.length > 4 ? 22 : DIVISION) : SMALL_DIVISION;
    lanes.push({ index, y, height: n * division, division, n, isSelected });
    y += n * division + 8;
  }
  const bars = app.marks.items.filter((mark) => mark.end_s > mark.start_s && mark.end_s >= app.win.start && mark.start_s <= app.end());
  const packed = packRows(bars, 3, 0);
  const rows = Math.max(1, packed.placed.reduce((most, place) => Math.max(most, place.row + 1), 0));
  const marksY = y;
  const qualityY = marksY + rows * MARK_ROW;
  const axisY = qualityY + MARK_ROW + 2;
  return { width, left: GUTTER, right: width - RIGHT, lanes, marksY, rows, packed, qualityY, axisY, height: axisY + 20 };
}

/** Colour of a channel: at most four hues. */
export function hue(app, index) {
  return [app.colours.t1, app.colours.t3, app.colours.t4, app.colours.ok][index % 4];
}

/** Draw everything; returns what was drawn, as numbers a test can compare. */
export function drawPlot(app, canvas, width) {
  const place = layout(app, width);
  const c = fitCanvas(canvas, width, place.height);
  const span = app.end() - app.win.start;
  const xOf = (t) => place.left + ((t - app.win.start) / span) * (place.right - place.left);
  const drawn = { start_s: app.win.start, end_s: app.end(), lanes: [] };
  for (const lane of place.lanes) drawn.lanes.push(drawLane(app, c, place, lane, xOf));
  drawFlagHatch(app, c, place, xOf);
  for (const lane of place.lanes) drawLaneText(app, c, place, lane, xOf);
  drawMarksLane(app, c, place, xOf);
  drawQualityLane(app, c, place, xOf);
  drawAxis(app, c, place, xOf);
  drawCursors(app, c, place, xOf);
  drawPlaying(app, c, place, xOf);
  return { place, drawn };
}

function clipLane(c, place, lane) {
  c.save();
  c.beginPath();
  c.rect(place.left, lane.y, place.right - place.left, lane.height);
  c.clip();
}

function drawLane(app, c, place, lane, xOf) {
  const { colours } = app;
  const channel = app.info.channels[lane.index];
  const middle = lane.y + lane.height / 2;
  c.fillStyle = colours.well;
  c.fillRect(place.left, lane.y, place.right - place.left, lane.height);
  for (let i = 0; i <= app.win.n; i += 1) rule(c, xOf(app.win.start + i * app.win.perDivision), lane.y, xOf(app.win.start + i * app.win.perDivision), lane.y + lane.height, colours.grid);
  for (let i = 0; i <= lane.n; i += 1) rule(c, place.left, lane.y + i * lane.division, place.right, lane.y + i * lane.division, i === lane.n / 2 ? colours.grid2 : colours.grid);
  clipLane(c, place, lane);
  if (lane.isSelected) drawSelection(app, c, lane, xOf);
  const perPixel = lane.division / app.sens[lane.index];
  const up = channel.is_voltage ? 1 : -1; // negative up
  const yOf = (value) => middle + up * (value - channel.centre) * perPixel;
  const answer = app.answers.get(lane.index);
  const from = app.win.start;
  const to = app.end();
  let columns = 0;
  for (const [a, b] of uncovered(from, to, answer)) {
    if (!app.overview || !(b > a)) continue;
    c.save();
    c.beginPath();
    c.rect(xOf(a), lane.y, xOf(b) - xOf(a), lane.height);
    c.clip();
    c.globalAlpha = 0.45;
    drawColumns(c, app.overview.channels[lane.index].raw, xOf, yOf, a, b, hue(app, lane.index), 1);
    c.restore();
  }
  if (answer) {
    const [a, b] = [Math.max(from, answer.start), Math.min(to, answer.end)];
    c.save();
    c.beginPath();
    c.rect(xOf(a), lane.y, xOf(b) - xOf(a), lane.height);
    c.clip();
    if (answer.filtered) drawColumns(c, answer.raw, xOf, yOf, a, b, colours.raw, 1);
    columns = drawColumns(c, answer.filtered || answer.raw, xOf, yOf, a, b, hue(app, lane.index), 1);
    c.restore();
  }
  c.restore();
  return { channel: lane.index, columns, is_filtered: Boolean(answer && answer.filtered), per_division: app.sens[lane.index], zero_y: middle };
}

function drawSelection(app, c, lane, xOf) {
  const [a, b] = app.cursors;
  if (a === null || b === null || a === b) return;
  c.fillStyle = app.colours.band;
  c.fillRect(xOf(Math.min(a, b)), lane.y, Math.abs(xOf(b) - xOf(a)), lane.height);
}

function drawLaneText(app, c, place, lane, xOf) {
  const { colours } = app;
  const font = colours.font;
  const channel = app.info.channels[lane.index];
  const colour = hue(app, lane.index);
  const x = place.left - 8;
  const y = lane.y + (lane.isSelected ? 10 : 8);
  write(c, String(lane.index + 1), x, y, { colour: lane.isSelected ? colours.ink : colours.ink2, align: "right", size: lane.isSelected ? 15 : 13, weight: 600, font });
  c.font = `600 11px ${font}`;
  write(c, cut(c, channel.name, GUTTER - 12), x, y + 16, { colour, align: "right", weight: 600, font });
  write(c, rate(channel.rate_hz), x, y + 30, { colour: colours.ink3, align: "right", font });
  const offCentre = channel.centre !== 0 ? `centre ${size(channel.centre, channel.unit)}` : "";
  const answer = app.answers.get(lane.index);
  const notes = [lane.isSelected ? "" : `${size(app.sens[lane.index], channel.unit)}/div`, offCentre, answer && answer.note, answer && answer.isPending ? (answer.raw ? "filtering the whole channel" : "looking through the recording") : "", channel.is_voltage ? "" : "positive up"].filter(Boolean).join(", ");
  if (notes) boxed(c, app, notes, place.right - 6, lane.y + 9, "right");
  if (lane.isSelected) drawScale(app, c, place, lane, channel);
  drawPoints(app, c, place, lane, channel, xOf);
}

function boxed(c, app, text, x, y, align, colour = app.colours.ink2) {
  c.font = `400 11px ${app.colours.font}`;
  const width = c.measureText(text).width;
  c.fillStyle = app.colours.well;
  c.globalAlpha = 0.85;
  c.fillRect(align === "right" ? x - width - 3 : x - 3, y - 8, width + 6, 16);
  c.globalAlpha = 1;
  write(c, text, x, y, { colour, align, font: app.colours.font });
}

function drawScale(app, c, place, lane, channel) {
  const { colours } = app;
  const width = (place.right - place.left) / app.win.n;
  const x = place.left + width * Math.floor(app.win.n * 0.55);
  const y = lane.y + lane.height - 14;
  const time = timeBase(app.win.perDivision).replace("/div", "");
  const volts = size(app.sens[lane.index], channel.unit);
  c.font = `400 11px ${colours.font}`;
  c.fillStyle = colours.well;
  c.globalAlpha = 0.85;
  c.fillRect(x - 4, y - lane.division - 4, width + c.measureText(time).width + 14, lane.division + 12);
  c.globalAlpha = 1;
  rule(c, x, y - lane.division, x, y, colours.ink, 2);
  rule(c, x, y, x + width, y, colours.ink, 2);
  write(c, volts, x + 6, y - lane.division / 2 - 2, { colour: colours.ink, font: colours.font });
  write(c, time, x + width + 6, y, { colour: colours.ink, font: colours.font });
}

function drawPoints(app, c, place, lane, channel, xOf) {
  const { colours } = app;
  for (const mark of app.marks.items) {
    if (mark.end_s > mark.start_s || !(mark.channel === channel.name || (mark.channel === null && lane.isSelected))) continue;
    const x = xOf(mark.start_s);
    if (x < place.left || x > place.right) continue;
    const isChosen = mark.id === app.chosenMark;
    rule(c, x, lane.y + 17, x, lane.y + 24, isChosen ? colours.sup : colours.ink2, isChosen ? 2 : 1);
    const letter = mark.letter || mark.short.slice(0, 1);
    if (mark.status === "proposed") {
      c.setLineDash([2, 2]);
      c.strokeStyle = colours.ink2;
      c.strokeRect(x - 6.5, lane.y + 2.5, 13, 14);
      c.setLineDash([]);
    }
    write(c, letter, x, lane.y + 10, { colour: isChosen ? colours.sup : colours.ink, align: "center", size: 12, weight: 600, font: colours.font });
  }
}

/** Whether a flag covers nearly the whole recording: said in words, not hatched. */
export function isWhole(app, item) {
  return item.end_s - item.start_s >= 0.9 * (app.info.end_s - app.info.start_s);
}

function flagsSeen(app) {
  return app.flags.filter((item) => item.end_s >= app.win.start && item.start_s <= app.end());
}

function drawFlagHatch(app, c, place, xOf) {
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

function drawMarksLane(app, c, place, xOf) {
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

/** Words of a quality flag: kind, size, length. */
export function flagWords(item) {
  const amount = item.size ? `${plain(item.size, 3)} ${item.unit.replace("uV", "\u00b5V")}` : "";
  return [[item.name, amount].filter(Boolean).join(" "), duration(item.end_s - item.start_s)].join(", ");
}

function drawQualityLane(app, c, place, xOf) {
  const { colours } = app;
  write(c, "quality", place.left - 8, place.qualityY + 10, { colour: colours.ink3, align: "right", font: colours.font });
  const seen = flagsSeen(app);
  let free = place.left;
  const whole = seen.filter((item) => isWhole(app, item));
  if (whole.length) {
    c.font = `400 11px ${colours.font}`;
    const words = `whole recording: ${whole.map((item) => (item.channel ? `${item.name} (${item.channel})` : item.name)).join(", ")}`;
    const text = cut(c, words, (place.right - place.left) * (whole.length === seen.length ? 1 : 0.45));
    write(c, text, place.left + 4, place.qualityY + 9, { colour: colours.warn, font: colours.font });
    free = place.left + c.measureText(text).width + 12;
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

function drawAxis(app, c, place, xOf) {
  const { colours } = app;
  const decimals = decimalsFor(app.win.perDivision);
  for (let i = 0; i <= app.win.n; i += 1) {
    const t = app.win.start + i * app.win.perDivision;
    const text = fixed(t, Math.max(decimals, 1)) + (i === app.win.n ? " s" : "");
    write(c, text, Math.min(xOf(t), place.right), place.axisY + 10, { colour: colours.ink3, align: i === app.win.n ? "right" : "center", font: colours.font });
  }
}

function drawCursors(app, c, place, xOf) {
  const { colours } = app;
  const base = place.lanes[place.lanes.length - 1];
  const bottom = base.y + base.height;
  const at = app.cursors.map((t) => (t === null ? null : xOf(t)));
  at.forEach((x, i) => {
    if (x === null || x < place.left - 1 || x > place.right + 1) return;
    c.globalAlpha = 0.8;
    rule(c, x, 18, x, bottom, colours.t2);
    c.globalAlpha = 1;
    flag(c, "AB"[i], x, 2, colours.t2, colours.bg, colours.font);
  });
  const [a, b] = at;
  if (a === null || b === null || a === b) return;
  const [low, high] = [Math.max(Math.min(a, b), place.left), Math.min(Math.max(a, b), place.right)];
  if (high - low < 4) return;
  const y = HEAD + 32;
  rule(c, low, y, high, y, colours.t2, 2);
  rule(c, low, y - 4, low, y + 4, colours.t2);
  rule(c, high, y - 4, high, y + 4, colours.t2);
  const text = duration(Math.abs(app.cursors[1] - app.cursors[0]));
  c.font = `600 13px ${colours.font}`;
  const width = c.measureText(text).width;
  const x = high - low > width + 12 ? (low + high) / 2 : Math.min(high + width / 2 + 8, place.right - width / 2);
  c.fillStyle = colours.well;
  c.globalAlpha = 0.85;
  c.fillRect(x - width / 2 - 4, y - 21, width + 8, 17);
  c.globalAlpha = 1;
  write(c, text, x, y - 12, { colour: colours.t2, align: "center", size: 13, weight: 600, font: colours.font });
}

function drawPlaying(app, c, place, xOf) {
  const now = app.audio.now();
  if (now === null) return;
  const x = xOf(now);
  if (x < place.left || x > place.right) return;
  const base = place.lanes[place.lanes.length - 1];
  rule(c, x, HEAD, x, base.y + base.height, app.colours.ink, 2);
}
