/* The pictures of the gym: trace, strip of the loudspeaker, one discharge, intervals.  Negative up; nothing is measured. */
import { fitCanvas, rule, write } from "../_js/canvas.js";

export const PLOT_PX = 232;
export const STRIP_PX = 44;
const AXIS_PX = 18;
const ROWS = 6;
const COLUMNS = 10;

function ground(c, x, y, width, height, columns, rows, colours) {
  c.fillStyle = colours.well;
  c.fillRect(x, y, width, height);
  for (let k = 0; k <= columns; k += 1) rule(c, x + (k * width) / columns, y, x + (k * width) / columns, y + height, colours.grid);
  for (let k = 0; k <= rows; k += 1) rule(c, x, y + (k * height) / rows, x + width, y + (k * height) / rows, k * 2 === rows ? colours.grid2 : colours.grid);
}

/* lowest and highest sample of each pixel column */
function columnsOf(samples, first, perPixel, width, each) {
  for (let px = 0; px < width; px += 1) {
    const from = Math.max(0, Math.floor(first + px * perPixel));
    const to = Math.min(samples.length, Math.max(from + 1, Math.ceil(first + (px + 1) * perPixel)));
    if (from >= samples.length) break;
    let lo = samples[from];
    let hi = lo;
    for (let k = from + 1; k < to; k += 1) { const v = samples[k]; if (v < lo) lo = v; else if (v > hi) hi = v; }
    each(px, lo, hi);
  }
}

function front(c, x, top, bottom, colours, hasHead) {
  rule(c, x, top, x, bottom, colours.t2, 2);
  if (!hasHead) return;
  c.fillStyle = colours.t2;
  c.beginPath();
  c.moveTo(x - 6, top);
  c.lineTo(x + 6, top);
  c.lineTo(x, top + 7);
  c.fill();
}

/** look: { start_s, span_s, uv }; now: what the loudspeaker gives, or null. */
export function paintTrace(canvas, width, clip, look, now, colours) {
  const c = fitCanvas(canvas, width, PLOT_PX);
  const height = PLOT_PX - AXIS_PX;
  ground(c, 0, 0, width, height, COLUMNS, ROWS, colours);
  const perPixel = (look.span_s * clip.rate_hz) / width;
  const scale = height / ROWS / look.uv;
  const y = (uv) => Math.max(1, Math.min(height / 2 + uv * scale, height - 1)); // negative is up
  c.strokeStyle = colours.t1;
  c.lineWidth = perPixel < 3 ? 1.4 : 1;
  c.beginPath();
  let last = null;
  columnsOf(clip.samples, look.start_s * clip.rate_hz, perPixel, width, (px, lo, hi) => {
    const [a, b] = last !== null && Math.abs(last - hi) < Math.abs(last - lo) ? [hi, lo] : [lo, hi];
    if (last === null) c.moveTo(px + 0.5, y(a)); else c.lineTo(px + 0.5, y(a));
    c.lineTo(px + 0.5, y(b));
    last = b;
  });
  c.stroke();
  const step = look.span_s / 5;
  for (let k = 0; k <= 5; k += 1) {
    const t = look.start_s + k * step;
    write(c, step < 0.2 ? `${(t * 1000).toFixed(0)}${k === 5 ? " ms" : ""}` : `${t.toFixed(1)}${k === 5 ? " s" : ""}`, (k * width) / 5, PLOT_PX - 7, { colour: colours.ink3, align: k === 0 ? "left" : k === 5 ? "right" : "center", font: colours.font });
  }
  if (now !== null && now >= look.start_s && now <= look.start_s + look.span_s) front(c, ((now - look.start_s) / look.span_s) * width, 0, height, colours, true);
}

/** The samples of the sound on the time axis of the trace above. */
export function paintStrip(canvas, width, clip, look, now, colours) {
  const c = fitCanvas(canvas, width, STRIP_PX);
  c.fillStyle = colours.panel;
  c.fillRect(0, 0, width, STRIP_PX);
  const middle = STRIP_PX / 2;
  c.fillStyle = colours.raw;
  columnsOf(clip.sound, look.start_s * clip.sound_rate_hz, (look.span_s * clip.sound_rate_hz) / width, width, (px, lo, hi) => {
    const [top, bottom] = [middle - (hi / 32768) * middle * 2.5, middle - (lo / 32768) * middle * 2.5];
    c.fillRect(px, Math.max(0, top), 1, Math.max(1, Math.min(bottom, STRIP_PX) - Math.max(0, top)));
  });
  if (now !== null && now >= look.start_s && now <= look.start_s + look.span_s) front(c, ((now - look.start_s) / look.span_s) * width, 0, STRIP_PX, colours, false);
}

/** One discharge: { wave, start_ms, step_ms, first }. */
export function paintDischarge(canvas, width, height, own, colours) {
  const c = fitCanvas(canvas, width, height);
  ground(c, 0, 0, width, height, COLUMNS, 4, colours);
  const view = own.wave;
  const wave = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  let most = 1;
  for (const v of wave) most = Math.max(most, Math.abs(v));
  const uv = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].find((step) => step * 1.8 >= most) || 10000;
  const y = (v) => height / 2 + (v / uv) * (height / 4);
  c.strokeStyle = colours.t1;
  c.lineWidth = 1.6;
  c.beginPath();
  for (let k = 0; k < wave.length; k += 1) { const x = (k / (wave.length - 1)) * width; if (k) c.lineTo(x, y(wave[k])); else c.moveTo(x, y(wave[k])); }
  c.stroke();
  write(c, `${uv >= 1000 ? `${uv / 1000} mV` : `${uv} µV`}/div`, width - 6, height - 9, { colour: colours.ink3, align: "right", font: colours.font });
  if (own.first) {
    let k = 0;
    while (k < wave.length && Math.abs(wave[k]) < 0.1 * most) k += 1;
    const isUp = own.first === "negative";
    write(c, `first: ${isUp ? "up, negative" : "down, positive"}`, 8, isUp ? 12 : height - 9, { colour: colours.t2, weight: 600, font: colours.font });
    rule(c, (k / wave.length) * width, isUp ? 20 : height - 18, (k / wave.length) * width, height / 2, colours.t2);
  }
}

/** Intervals of this and of the look-alike: circles and squares on one logarithmic scale. */
export function paintIntervals(canvas, width, height, told, colours) {
  const c = fitCanvas(canvas, width, height);
  const all = [...told.own.intervals_ms, ...told.beside.intervals_ms];
  const [low, high] = [10 ** Math.floor(Math.log10(Math.min(...all))), 10 ** Math.ceil(Math.log10(Math.max(...all) * 1.001))];
  const right = 78;
  const x = (ms) => 6 + (Math.log10(ms / low) / Math.log10(high / low)) * (width - right - 12);
  for (let ms = low; ms <= high * 1.01; ms *= 10) {
    rule(c, x(ms), 2, x(ms), height - 18, colours.grid2);
    write(c, ms * 10 > high ? `${ms} ms` : String(ms), x(ms), height - 8, { colour: colours.ink3, align: ms === low ? "left" : "center", font: colours.font });
  }
  c.lineWidth = 1.4;
  c.strokeStyle = colours.t2;
  for (const ms of told.own.intervals_ms.slice(0, 200)) { c.beginPath(); c.arc(x(ms), 14, 3.5, 0, 7); c.stroke(); }
  c.fillStyle = colours.t1;
  for (const ms of told.beside.intervals_ms.slice(0, 200)) c.fillRect(x(ms) - 3, 35, 6, 6);
  write(c, "this", width - right + 10, 14, { colour: colours.t2, weight: 600, font: colours.font });
  if (told.beside.intervals_ms.length) write(c, told.beside.short, width - right + 10, 38, { colour: colours.t1, weight: 600, font: colours.font });
}
