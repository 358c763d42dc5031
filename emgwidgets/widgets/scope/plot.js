/* The scope's plot: lanes, grid, names, marks, cursors and the line of the loudspeaker. Samples are drawn by _js/live_sweep.js. */
import { cut, flag, rule, write } from "../_js/canvas.js";
import { decimalsFor, duration, fixed, rate, size, timeBase } from "../_js/format.js";
import { COMPACT, GUTTER, HEAD, hue, layout } from "../trace_viewer/layout.js";

/** How the sweep is to be drawn now: what makeSweep's look() asks for. */
export function lookOf(app, width) {
  const place = layout(app, width);
  const lanes = place.lanes.map((lane) => {
    const channel = app.info.channels[lane.index];
    return { ...lane, stream: channel.stream, row: channel.row, zero_y: lane.y + lane.height / 2, perPixel: app.sens[lane.index] / lane.division, colour: hue(app, lane.index), width: lane.isSelected ? 1.3 : 1, isPositiveUp: !channel.is_voltage, centre: channel.centre };
  });
  const bottom = place.bottom;
  return {
    width, height: bottom + 24, left: place.left, right: place.right, bottom, lanes, colours: app.colours, sweep_s: app.perDivision * 10,
    columns: app.answer, gaps: app.answer ? app.state.gaps : null, front_s: app.frontNow(),
    ground: (c, isWhole) => drawGround(app, c, { ...place, bottom }, lanes, isWhole !== false),
    overlay: (c, view) => drawOver(app, c, { ...place, bottom }, lanes, view),
  };
}

function drawGround(app, c, place, lanes, isWhole) {
  const { colours } = app;
  for (const lane of lanes) {
    c.fillStyle = lane.isSelected && lane.height <= COMPACT ? colours.supw : colours.well;
    c.fillRect(place.left, lane.y, place.right - place.left, lane.height);
    if (lane.height > COMPACT) for (let i = 0; i <= lane.n; i += 1) rule(c, place.left, lane.y + i * lane.division, place.right, lane.y + i * lane.division, i === lane.n / 2 ? colours.grid2 : colours.grid);
    else rule(c, place.left, lane.zero_y, place.right, lane.zero_y, colours.grid);
  }
  c.strokeStyle = colours.grid;
  c.lineWidth = 1;
  c.beginPath();
  for (let i = 0; i <= 10; i += 1) {
    const x = Math.round(place.left + (i * (place.right - place.left)) / 10) + (i === 10 ? -0.5 : 0.5);
    for (const lane of lanes) { c.moveTo(x, lane.y); c.lineTo(x, lane.y + lane.height); }
  }
  c.stroke();
  if (isWhole) for (const lane of lanes) drawName(app, c, place, lane);
}

function drawName(app, c, place, lane) {
  const { colours } = app;
  const { font } = colours;
  const channel = app.info.channels[lane.index];
  const x = place.left - 8;
  if (lane.height <= COMPACT) {
    c.font = `400 11px ${font}`;
    write(c, cut(c, `${lane.index + 1} ${app.names[lane.index]}`, GUTTER - 12), x, lane.zero_y, { colour: lane.isSelected ? colours.ink : lane.colour, align: "right", weight: lane.isSelected ? 600 : 400, font });
    return;
  }
  write(c, String(lane.index + 1), x, lane.y + 9, { colour: lane.isSelected ? colours.ink : colours.ink2, align: "right", size: lane.isSelected ? 15 : 13, weight: 600, font });
  c.font = `600 11px ${font}`;
  const words = app.names[lane.index].split(" ");
  const lines = [];
  for (const word of words) { const longer = lines.length ? `${lines.at(-1)} ${word}` : word; if (lines.length && (c.measureText(longer).width <= GUTTER - 12 || lines.length === 3)) lines[lines.length - 1] = longer; else lines.push(word); }
  lines.forEach((line, i) => write(c, cut(c, line, GUTTER - 12), x, lane.y + 25 + 13 * i, { colour: lane.colour, align: "right", weight: 600, font }));
  if (lane.height > 56) write(c, rate(channel.rate_hz), x, lane.y + 26 + 13 * lines.length, { colour: colours.ink3, align: "right", font });
}

function drawOver(app, c, place, lanes, view) {
  const { colours } = app;
  drawScale(app, c, place, lanes);
  drawMarks(app, c, place, lanes, view);
  drawAxis(app, c, place, view);
  if (view.isFrozen) { drawCursors(app, c, place, view); drawPlaying(app, c, place, view); return; }
  if (view.isStrobe || !app.isRunning()) return;
  const x = Math.round(view.xOf(view.front_s));
  rule(c, x, HEAD - 4, x, place.bottom, colours.t2, 2);
  c.fillStyle = colours.t2;
  c.beginPath(); c.moveTo(x - 5, HEAD - 10); c.lineTo(x + 5, HEAD - 10); c.lineTo(x, HEAD - 3); c.fill();
  const isHeard = app.sound.heard() !== null;
  if (isHeard) write(c, "heard now", x > place.right - 80 ? x - 9 : x + 9, HEAD - 8, { colour: colours.t2, align: x > place.right - 80 ? "right" : "left", weight: 600, font: colours.font });
}

/* the selected lane's scale; other lanes say theirs at the right */
function drawScale(app, c, place, lanes) {
  const { colours } = app;
  for (const lane of lanes) {
    const channel = app.info.channels[lane.index];
    const volts = size(app.sens[lane.index], channel.unit);
    if (!lane.isSelected || lane.height <= COMPACT) {
      if (lane.height > COMPACT) boxed(c, app, `${volts}/div`, place.right - 6, lane.y + 9);
      continue;
    }
    const width = (place.right - place.left) / 10;
    const [x, y] = [place.left + width * 7.5, lane.y + lane.height - 14];
    const time = timeBase(app.shownPerDivision()).replace("/div", "");
    c.font = `400 11px ${colours.font}`;
    c.fillStyle = colours.well;
    c.globalAlpha = 0.85;
    c.fillRect(x - 4, y - lane.division - 6, width + c.measureText(time).width + 16, lane.division + 16);
    c.globalAlpha = 1;
    rule(c, x, y - lane.division, x, y, colours.ink, 2);
    rule(c, x, y, x + width, y, colours.ink, 2);
    write(c, volts, x + 6, y - lane.division / 2 - 2, { colour: colours.ink, font: colours.font });
    write(c, time, x + width + 6, y, { colour: colours.ink, font: colours.font });
  }
}

function boxed(c, app, text, x, y) {
  c.font = `400 11px ${app.colours.font}`;
  const width = c.measureText(text).width;
  c.fillStyle = app.colours.well;
  c.globalAlpha = 0.85;
  c.fillRect(x - width - 3, y - 8, width + 6, 16);
  c.globalAlpha = 1;
  write(c, text, x, y, { colour: app.colours.ink2, align: "right", font: app.colours.font });
}

function drawMarks(app, c, place, lanes, view) {
  const { colours } = app;
  const marks = view.isFrozen ? app.state.marks || [] : app.store.marks.filter((mark) => mark.kind === "mark");
  const stimuli = app.store.marks.filter((mark) => mark.kind === "stimulus");
  const place_x = (t) => {
    if (t >= view.start_s && t <= (view.isFrozen ? view.end_s : view.front_s)) return view.xOf(t);
    if (!view.isFrozen && !view.isStrobe && t > view.front_s - app.perDivision * 10 && t < view.start_s) { const x = view.xOf(t + app.perDivision * 10); return x > view.xOf(view.front_s) + 14 ? x : null; }
    return null;
  };
  c.setLineDash([3, 3]);
  for (const one of stimuli) { const x = place_x(one.t_s); if (x !== null) rule(c, x, HEAD - 2, x, place.bottom, colours.ink3); }
  c.setLineDash([]);
  for (const mark of marks) {
    const x = place_x(mark.t_s);
    if (x === null) continue;
    const words = app.shortOf(mark);
    if (mark.end_s > mark.t_s) { c.fillStyle = colours.band; c.fillRect(x, HEAD, Math.max(view.xOf(mark.end_s) - x, 2), place.bottom - HEAD); }
    rule(c, x, HEAD - 2, x, place.bottom, mark === app.chosenMark ? colours.sup : colours.ink2);
    c.font = `600 11px ${colours.font}`;
    const shown = cut(c, words, 120);
    const width = c.measureText(shown).width + 8;
    const left = x + width > place.right ? x - width : x;
    c.fillStyle = colours.ink2;
    c.fillRect(left, 3, width, 15);
    write(c, shown, left + 4, 11, { colour: colours.bg, weight: 600, font: colours.font });
  }
}

function drawAxis(app, c, place, view) {
  const { colours } = app;
  const per = app.shownPerDivision();
  const isMs = !view.isFrozen && per < 0.5;
  const [zero, factor, unit] = view.isFrozen ? [view.start_s, 1, "s"] : [0, isMs ? 1000 : 1, isMs ? "ms" : "s"];
  const decimals = decimalsFor(per * factor);
  for (let i = 0; i <= 10; i += 1) {
    const x = place.left + (i * (place.right - place.left)) / 10;
    const text = fixed((zero + i * per) * factor, view.isFrozen ? Math.max(decimals, 1) : decimals) + (i === 10 ? ` ${unit}` : "");
    write(c, text, Math.min(x, place.right), place.bottom + 12, { colour: colours.ink3, align: i === 10 ? "right" : "center", font: colours.font });
  }
}

function drawCursors(app, c, place, view) {
  const { colours } = app;
  const at = app.cursors.map((t) => (t === null ? null : view.xOf(t)));
  at.forEach((x, i) => {
    if (x === null || x < place.left - 1 || x > place.right + 1) return;
    rule(c, x, 18, x, place.bottom, colours.t2);
    flag(c, "AB"[i], x, 2, colours.t2, colours.bg, colours.font);
  });
  const [a, b] = at;
  if (a === null || b === null || Math.abs(a - b) < 4) return;
  const [low, high] = [Math.max(Math.min(a, b), place.left), Math.min(Math.max(a, b), place.right)];
  rule(c, low, HEAD + 32, high, HEAD + 32, colours.t2, 2);
  write(c, duration(Math.abs(app.cursors[1] - app.cursors[0])), (low + high) / 2, HEAD + 20, { colour: colours.t2, align: "center", size: 13, weight: 600, font: colours.font });
}

function drawPlaying(app, c, place, view) {
  const now = app.sound.isPlaying() ? app.sound.heard() : null;
  if (now === null) return;
  const x = view.xOf(now);
  if (x >= place.left && x <= place.right) rule(c, x, HEAD, x, place.bottom, app.colours.ink, 2);
}
