/* Small panes under the plot: spectrum, firing rate, potentials at the cursors. Numbers come from the kernel. */
import { cut, fitCanvas, rule, write } from "../_js/canvas.js";
import { fixed, niceStep, plain, size, step125 } from "../_js/format.js";
import { hue } from "./layout.js";

const HEIGHT = 150;
const LEFT = 40;
const BASE = 126;
const TOP = 8;

function empty(app, c, width, words) {
  c.font = `400 11px ${app.colours.font}`;
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (c.measureText(longer).width > width - 8 && lines[lines.length - 1]) lines.push(word); else lines[lines.length - 1] = longer;
  }
  lines.forEach((line, i) => write(c, line, width / 2, HEIGHT / 2 + (i - (lines.length - 1) / 2) * 14, { colour: app.colours.ink3, align: "center", font: app.colours.font }));
  return words;
}

/** Spectrum in dB below the raw maximum; returns its text alternative. */
export function drawSpectrum(app, canvas, width) {
  const c = fitCanvas(canvas, width, HEIGHT);
  const { colours } = app;
  const data = app.panes && app.panes.spectrum;
  if (!data || !data.frequencies_hz.length) return empty(app, c, width, data ? "No samples here." : "being measured");
  const right = width - 12;
  const [low, high] = [Math.max(data.frequencies_hz[0], 1), data.frequencies_hz[data.frequencies_hz.length - 1]];
  const xOf = (hz) => LEFT + (Math.log(hz / low) / Math.log(high / low)) * (right - LEFT);
  const yOf = (db) => TOP + (Math.min(Math.max(-db, 0), 60) / 60) * (BASE - TOP);
  c.fillStyle = colours.well;
  c.fillRect(LEFT, TOP, right - LEFT, BASE - TOP);
  for (const db of [0, -20, -40, -60]) {
    rule(c, LEFT, yOf(db), right, yOf(db), colours.grid);
    write(c, db === 0 ? "0 dB" : plain(db), LEFT - 5, yOf(db) + (db === 0 ? 2 : 0), { colour: colours.ink3, align: "right", font: colours.font });
  }
  for (const hz of [1, 10, 100, 1000, 10000]) {
    if (hz < low || hz > high) continue;
    rule(c, xOf(hz), TOP, xOf(hz), BASE, colours.grid);
    if (xOf(hz) < right - 24) write(c, hz >= 1000 ? `${hz / 1000}k` : String(hz), xOf(hz), BASE + 11, { colour: colours.ink3, align: "center", font: colours.font });
  }
  write(c, "Hz", right, BASE + 11, { colour: colours.ink3, align: "right", font: colours.font });
  const line = (levels, colour, thick) => {
    c.strokeStyle = colour;
    c.lineWidth = thick;
    c.beginPath();
    levels.forEach((db, i) => c[i ? "lineTo" : "moveTo"](xOf(Math.max(data.frequencies_hz[i], low)), yOf(db)));
    c.stroke();
  };
  const isFiltered = data.filtered_db.length > 0;
  line(data.raw_db, isFiltered ? colours.raw : hue(app, app.channel), isFiltered ? 1.2 : 1.4);
  if (isFiltered) line(data.filtered_db, hue(app, app.channel), 1.4);
  write(c, "raw", LEFT + 6, TOP + 9, { colour: isFiltered ? colours.ink3 : hue(app, app.channel), font: colours.font, weight: isFiltered ? 400 : 600 });
  if (isFiltered) write(c, "filtered", right - 4, TOP + 9, { colour: hue(app, app.channel), align: "right", weight: 600, font: colours.font });
  return `Spectrum of channel ${app.channel + 1}: strongest at ${plain(data.peak_hz, 3)} Hz before filtering.`;
}

/** Sweeps have no firing rate of their own. */
export function drawNoRate(app, canvas, width) {
  return empty(app, fitCanvas(canvas, width, HEIGHT), width, "Sweeps: no firing rate.");
}

/** One over each interval; returns its text alternative. */
export function drawFiring(app, canvas, width) {
  const c = fitCanvas(canvas, width, HEIGHT);
  const { colours } = app;
  const data = app.panes && app.panes.firing;
  const trains = data ? data.trains.filter((train) => train.rates_hz.length) : [];
  if (!trains.length) return empty(app, c, width, data ? "Fewer than two discharges within 1 s of one another." : "being measured");
  const right = width - 70;
  const [from, to] = [app.panes.start_s, app.panes.end_s];
  const most = Math.max(...trains.map((train) => Math.max(...train.rates_hz)));
  const step = niceStep(Math.max(most * 1.1, 1), 5);
  const top = Math.ceil((most * 1.1) / step) * step;
  const xOf = (t) => LEFT + ((t - from) / (to - from)) * (right - LEFT);
  const yOf = (hz) => BASE - (hz / top) * (BASE - TOP);
  c.fillStyle = colours.well;
  c.fillRect(LEFT, TOP, right - LEFT, BASE - TOP);
  for (let hz = 0; hz <= top + step / 2; hz += step) {
    rule(c, LEFT, yOf(hz), right, yOf(hz), colours.grid);
    write(c, plain(hz, 3), LEFT - 5, yOf(hz), { colour: colours.ink3, align: "right", font: colours.font });
  }
  for (const [share, align] of [[0, "left"], [1, "right"]]) write(c, fixed(from + share * (to - from), 2) + (share ? " s" : ""), LEFT + share * (right - LEFT), BASE + 11, { colour: colours.ink3, align, font: colours.font });
  write(c, "per s", right + 6, TOP + 6, { colour: colours.ink3, font: colours.font });
  const used = [];
  trains.forEach((train, i) => {
    const colour = [colours.t1, colours.t2, colours.t3, colours.t4][i];
    train.times_s.forEach((t, k) => dot(c, i, xOf(t), yOf(train.rates_hz[k]), colour, colours.bg));
    let y = yOf(train.median_hz);
    while (used.some((other) => Math.abs(other - y) < 13)) y += 13;
    used.push(y);
    write(c, `${train.letter} ${plain(train.median_hz, 2)}/s`, right + 6, y, { colour, weight: 600, font: colours.font });
  });
  return trains.map((train) => `${train.label}: median ${plain(train.median_hz, 3)} per second, ${train.n} discharges`).join("; ");
}

function dot(c, kind, x, y, colour, ground) {
  c.strokeStyle = colour;
  c.fillStyle = kind % 2 ? ground : colour;
  c.lineWidth = 1.4;
  c.beginPath();
  if (kind % 2) c.rect(x - 3, y - 3, 6, 6); else c.arc(x, y, 3, 0, 7);
  c.fill();
  c.stroke();
}

/** Potentials within 10 ms of each cursor; returns its text alternative. */
export function drawAtCursor(app, canvas, width) {
  const c = fitCanvas(canvas, width, HEIGHT);
  const { colours } = app;
  const seen = (app.readout || []).map((item, i) => ({ item, letter: "AB"[i], colour: [hue(app, app.channel), colours.t2][i] })).filter(({ item }) => item && item.samples && item.samples.length);
  if (!seen.length) return empty(app, c, width, "A or B puts a cursor on a potential.");
  const channel = app.info.channels[app.channel];
  const [left, right] = [8, width - 8];
  const division = (right - left) / 10;
  const rows = 6;
  const height = (BASE + 12 - TOP) / rows;
  const most = Math.max(...seen.flatMap(({ item }) => item.samples.filter((v) => v !== null).map((v) => Math.abs(v - channel.centre))), 1e-9);
  let per = app.sens[app.channel];
  const reach = 2.4; // divisions on either side; the rest of the three is for the words
  while (per * reach < most) per = step125(per, 1);
  while (step125(per, -1) * reach >= most) per = step125(per, -1);
  app.cursorScale = `2 ms/div, ${size(per, channel.unit)}/div`;
  const middle = TOP + (rows / 2) * height;
  c.fillStyle = colours.well;
  c.fillRect(left, TOP, right - left, rows * height);
  for (let i = 0; i <= 10; i += 1) rule(c, left + i * division, TOP, left + i * division, TOP + rows * height, i === 5 ? colours.grid2 : colours.grid);
  for (let i = 0; i <= rows; i += 1) rule(c, left, TOP + i * height, right, TOP + i * height, i === rows / 2 ? colours.grid2 : colours.grid);
  const up = channel.is_voltage ? 1 : -1;
  seen.forEach(({ item, letter, colour }, k) => {
    c.strokeStyle = colour;
    c.lineWidth = 1.4;
    c.beginPath();
    let isDown = false;
    item.samples.forEach((value, i) => {
      if (value === null) { isDown = false; return; }
      const x = left + ((item.first_ms + i * item.step_ms + 10) / 20) * (right - left);
      const y = middle + (up * (value - channel.centre) * height) / per;
      c[isDown ? "lineTo" : "moveTo"](x, y);
      isDown = true;
    });
    c.stroke();
    const words = item.first ? `${letter}: ${item.first} first, ${size(item.peak_to_peak, channel.unit, 3)} p\u2013p` : `${letter}: flat`;
    c.font = `600 11px ${colours.font}`;
    const y = k ? TOP + rows * height - 9 : TOP + 9;
    const text = cut(c, words, right - left - 10);
    c.fillStyle = colours.well;
    c.globalAlpha = 0.85;
    c.fillRect(left + 3, y - 7, c.measureText(text).width + 6, 14);
    c.globalAlpha = 1;
    write(c, text, left + 6, y, { colour, weight: 600, font: colours.font });
  });
  return seen.map(({ item, letter }) => `${letter}: ${item.first || "no"} deflection first, ${size(item.peak_to_peak, channel.unit, 3)} peak to peak`).join("; ");
}
