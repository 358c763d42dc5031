/* The main plot: lanes of channels on one time axis, grid, stimuli, cursors, playing line. Draws what it is given. */
import { cut, fitCanvas, flag, rule, write } from "../_js/canvas.js";
import { drawColumns } from "../_js/envelope.js";
import { decimalsFor, duration, fixed, rate, size, timeBase } from "../_js/format.js";
import { COMPACT, GUTTER, HEAD, hue, isSuperimposed, layout } from "./layout.js";
import { uncovered } from "./state.js";
import { drawFlagHatch, drawMarksLane, drawQualityLane } from "./strips.js";

/** Draw everything; returns what was drawn, as numbers a test can compare. */
export function drawPlot(app, canvas, width) {
  const place = layout(app, width);
  const c = fitCanvas(canvas, width, place.height);
  const span = app.end() - app.win.start;
  const xOf = (t) => place.left + ((t - app.win.start) / span) * (place.right - place.left);
  const drawn = { start_s: app.win.start, end_s: app.end(), lanes: [] };
  drawGround(app, c, place, xOf);
  drawSelection(app, c, place, xOf);
  for (const lane of place.lanes) drawn.lanes.push(drawLane(app, c, place, lane, xOf));
  drawFlagHatch(app, c, place, xOf);
  drawStimuli(app, c, place, xOf);
  for (const lane of place.lanes) drawLaneText(app, c, place, lane, xOf);
  drawMarksLane(app, c, place, xOf);
  drawQualityLane(app, c, place, xOf);
  drawAxis(app, c, place, xOf);
  drawCursors(app, c, place, xOf);
  drawPlaying(app, c, place, xOf);
  return { place, drawn };
}

function drawGround(app, c, place, xOf) {
  const { colours } = app;
  const isOneWell = place.lanes.length > 1 && place.lanes.every((lane) => lane.height <= COMPACT);
  c.fillStyle = colours.well;
  if (isOneWell) c.fillRect(place.left, place.lanes[0].y, place.right - place.left, place.bottom - place.lanes[0].y);
  for (const lane of place.lanes) {
    const middle = lane.y + lane.height / 2;
    c.fillStyle = lane.isSelected && lane.height <= COMPACT ? colours.supw : colours.well;
    c.fillRect(place.left, lane.y, place.right - place.left, lane.height);
    if (lane.height > COMPACT) for (let i = 0; i <= lane.n; i += 1) rule(c, place.left, lane.y + i * lane.division, place.right, lane.y + i * lane.division, i === lane.n / 2 ? colours.grid2 : colours.grid);
    else rule(c, place.left, middle, place.right, middle, colours.grid);
  }
  c.strokeStyle = colours.grid;
  c.lineWidth = 1;
  c.beginPath(); // all division lines of all lanes in one stroke
  for (let i = 0; i <= app.win.n; i += 1) {
    const x = Math.round(xOf(app.win.start + i * app.win.perDivision)) + 0.5;
    for (const lane of place.lanes) { c.moveTo(x, lane.y); c.lineTo(x, lane.y + lane.height); }
  }
  c.stroke();
}

function clipTo(c, x0, x1, y0, y1) {
  c.save();
  c.beginPath();
  c.rect(x0, y0, x1 - x0, y1 - y0);
  c.clip();
}

/* low lanes may run into their neighbours, as rastered sweeps do on a screen of the clinic */
function reach(place, lane) {
  if (lane.height > COMPACT) return [lane.y, lane.y + lane.height];
  const more = lane.n === 1 ? 3 * lane.height : 0.75 * lane.height;
  return [Math.max(lane.y - more, place.lanes[0].y), Math.min(lane.y + lane.height + more, place.bottom)];
}

function drawLane(app, c, place, lane, xOf) {
  const { colours } = app;
  const middle = lane.y + lane.height / 2;
  const [top, base] = reach(place, lane);
  const drawn = { channel: lane.index, members: lane.members.length, columns: 0, is_filtered: false, per_division: app.sens[lane.index], zero_y: middle };
  const isMany = lane.members.length > 1;
  const order = isMany ? [...lane.members.filter((i) => i !== lane.index), lane.index] : lane.members;
  for (const index of order) {
    const isFront = index === lane.index;
    const strong = isFront && (isMany || (lane.isSelected && app.info.sweeps)) ? 1.8 : 1;
    const yOf = scaleOf(app, index, middle, lane.division);
    const columns = drawTrace(app, c, { index, top, base, xOf, yOf, colour: isFront ? hue(app, index) : colours.raw, width: strong, hasRaw: !isMany, hasDots: isFront && lane.isSelected, isLow: lane.height <= COMPACT });
    if (isFront) Object.assign(drawn, columns);
  }
  return drawn;
}

function scaleOf(app, index, middle, division) {
  const channel = app.info.channels[index];
  const perPixel = division / app.sens[index];
  const up = channel.is_voltage ? 1 : -1; // negative up
  return (value) => middle + up * (value - channel.centre) * perPixel;
}

function drawTrace(app, c, { index, top, base, xOf, yOf, colour, width, hasRaw, hasDots, isLow }) {
  const answer = app.answers.get(index);
  const [from, to] = [app.win.start, app.end()];
  for (const [a, b] of uncovered(from, to, answer)) {
    if (!app.overview || !app.overview.channels[index] || !(b > a)) continue;
    clipTo(c, xOf(a), xOf(b), top, base);
    c.globalAlpha = 0.45;
    drawColumns(c, app.overview.channels[index].raw, xOf, yOf, a, b, colour, 1, false, isLow);
    c.restore();
  }
  if (!answer) return { columns: 0, is_filtered: false };
  const [a, b] = [Math.max(from, answer.start), Math.min(to, answer.end)];
  clipTo(c, xOf(a), xOf(b), top, base);
  if (answer.filtered && hasRaw) drawColumns(c, answer.raw, xOf, yOf, a, b, app.colours.raw, 1, false, isLow);
  const columns = drawColumns(c, answer.filtered || answer.raw, xOf, yOf, a, b, colour, width, hasDots, isLow);
  c.restore();
  return { columns, is_filtered: Boolean(answer.filtered) };
}

function drawSelection(app, c, place, xOf) {
  const [a, b] = app.cursors;
  if (a === null || b === null || a === b) return;
  const [x0, x1] = [Math.max(xOf(Math.min(a, b)), place.left), Math.min(xOf(Math.max(a, b)), place.right)];
  if (!(x1 > x0)) return;
  c.fillStyle = app.colours.band;
  if (place.lanes.length > 7) c.fillRect(x0, place.lanes[0].y, x1 - x0, place.bottom - place.lanes[0].y);
  else for (const lane of place.lanes) c.fillRect(x0, lane.y, x1 - x0, lane.height);
}

function drawStimuli(app, c, place, xOf) {
  const { colours } = app;
  const seen = app.info.stimuli_s.filter((t) => t >= app.win.start && t <= app.end());
  c.setLineDash([3, 3]);
  for (const t of seen) rule(c, xOf(t), HEAD - 2, xOf(t), place.bottom, colours.ink3);
  c.setLineDash([]);
  if (seen.length <= 24) for (const t of seen) flag(c, "S", xOf(t), 2, colours.ink2, colours.bg, colours.font);
}

function drawLaneText(app, c, place, lane, xOf) {
  const { colours } = app;
  const font = colours.font;
  const channel = app.info.channels[lane.index];
  const item = app.info.sweeps && app.info.sweeps.items[lane.index];
  const colour = hue(app, lane.index);
  const x = place.left - 8;
  if (lane.height <= COMPACT) {
    const words = item ? `${item.number}` : `${lane.index + 1} ${app.names[lane.index]}`;
    const weight = lane.isSelected ? 600 : 400;
    c.font = `${weight} 11px ${font}`;
    if (lane.height >= 11 || lane.isSelected || lane.index % 2 === 0) write(c, cut(c, words, GUTTER - 12), x, lane.y + lane.height / 2, { colour: lane.isSelected ? colours.ink : colour, align: "right", weight, font });
    if (item && item.words && lane.height >= 16) boxed(c, app, item.words, place.right - 6, lane.y + lane.height / 2 - 7, "right", lane.isSelected ? colours.ink : colours.ink3);
    if (item && lane.isSelected) drawScale(app, c, place, { ...lane, y: place.bottom - lane.height }, channel);
  } else {
    const y = lane.y + (lane.isSelected ? 10 : 8);
    const number = item ? (lane.members.length > 1 ? `${item.number} of ${lane.total}` : String(item.number)) : String(lane.index + 1);
    write(c, number, x, y, { colour: lane.isSelected ? colours.ink : colours.ink2, align: "right", size: lane.isSelected ? 15 : 13, weight: 600, font });
    c.font = `600 11px ${font}`;
    const lines = folded(c, item ? app.info.sweeps.groups[item.group].name : app.names[lane.index], lane.isSelected ? 3 : 1);
    lines.forEach((line, i) => write(c, line, x, y + 16 + 13 * i, { colour, align: "right", weight: 600, font }));
    write(c, rate(channel.rate_hz), x, y + 17 + 13 * lines.length, { colour: colours.ink3, align: "right", font });
    const notes = laneNotes(app, lane, channel, item);
    if (notes) boxed(c, app, notes, place.right - 6, lane.y + 9, "right");
    if (lane.isSelected) drawScale(app, c, place, lane, channel);
  }
  drawPoints(app, c, place, lane, channel, xOf);
}

/* a name on at most so many lines of the gutter */
function folded(c, name, most) {
  const lines = [];
  for (const word of name.split(" ")) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && (c.measureText(longer).width <= GUTTER - 12 || lines.length === most)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => cut(c, line, GUTTER - 12));
}

function laneNotes(app, lane, channel, item) {
  const answer = app.answers.get(lane.index);
  const pending = answer && answer.isPending ? (answer.raw ? "filtering the whole channel" : "looking through the recording") : "";
  const sweep = isSuperimposed(app) ? [item.words, lane.members.length < lane.total ? `${lane.members.length} of ${lane.total} sweeps drawn` : `${lane.total} sweeps`].filter(Boolean).join("; ") : "";
  return [sweep, lane.isSelected ? "" : `${size(app.sens[lane.index], channel.unit)}/div`, channel.centre !== 0 ? `centre ${size(channel.centre, channel.unit)}` : "", answer && answer.note, pending, channel.is_voltage ? "" : "positive up"].filter(Boolean).join(", ");
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
  const x = place.left + width * Math.floor(app.win.n * (lane.height > COMPACT ? 0.55 : 0.72));
  const y = lane.y + lane.height - 14;
  const time = timeBase(app.win.perDivision).replace("/div", "");
  const volts = size(app.sens[lane.index], channel.unit);
  c.font = `400 11px ${colours.font}`;
  c.fillStyle = colours.well;
  c.globalAlpha = lane.height > COMPACT ? 0.85 : 0; // a ground of its own would hide neighbouring sweeps
  c.fillRect(x - 4, y - lane.division - 4, width + c.measureText(time).width + 14, lane.division + 12);
  c.globalAlpha = 1;
  rule(c, x, y - lane.division, x, y, colours.ink, 2);
  rule(c, x, y, x + width, y, colours.ink, 2);
  write(c, volts, x + 6, y - lane.division / 2 - 2, { colour: colours.ink, font: colours.font });
  write(c, time, x + width + 6, y, { colour: colours.ink, font: colours.font });
}

function drawPoints(app, c, place, lane, channel, xOf) {
  const { colours } = app;
  const high = lane.height > COMPACT;
  for (const mark of app.marks.items) {
    if (mark.end_s > mark.start_s || !(mark.channel === channel.name || (mark.channel === null && lane.isSelected))) continue;
    const x = xOf(mark.start_s);
    if (x < place.left || x > place.right) continue;
    const isChosen = mark.id === app.chosenMark;
    const y = high ? lane.y + 10 : lane.y + lane.height / 2;
    if (high) rule(c, x, lane.y + 17, x, lane.y + 24, isChosen ? colours.sup : colours.ink2, isChosen ? 2 : 1);
    const letter = mark.letter || mark.short.slice(0, 1);
    if (mark.status === "proposed") {
      c.setLineDash([2, 2]);
      c.strokeStyle = colours.ink2;
      c.strokeRect(x - 6.5, y - 7.5, 13, 14);
      c.setLineDash([]);
    }
    write(c, letter, x, y, { colour: isChosen ? colours.sup : colours.ink, align: "center", size: 12, weight: 600, font: colours.font });
  }
}

function drawAxis(app, c, place, xOf) {
  const { colours } = app;
  const { factor, unit } = app.time;
  const decimals = decimalsFor(app.win.perDivision * factor);
  for (let i = 0; i <= app.win.n; i += 1) {
    const t = app.win.start + i * app.win.perDivision;
    const text = fixed(t * factor, factor > 1 ? decimals : Math.max(decimals, 1)) + (i === app.win.n ? ` ${unit}` : "");
    write(c, text, Math.min(xOf(t), place.right), place.axisY + 10, { colour: colours.ink3, align: i === app.win.n ? "right" : "center", font: colours.font });
  }
}

function drawCursors(app, c, place, xOf) {
  const { colours } = app;
  const at = app.cursors.map((t) => (t === null ? null : xOf(t)));
  at.forEach((x, i) => {
    if (x === null || x < place.left - 1 || x > place.right + 1) return;
    c.globalAlpha = 0.8;
    rule(c, x, 18, x, place.bottom, colours.t2, i === app.lastCursor && at[1 - i] !== null ? 2 : 1);
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
  rule(c, x, HEAD, x, place.bottom, app.colours.ink, 2);
}
