/* Sweeps of an item, one lane each or laid over one another, negative up; letters appear with the answer; a histogram beneath. */
import { fitCanvas, flag, rule, themeColours, write } from "../_js/canvas.js";

const LEFT = 150;
const RIGHT = 92;
const BAR = 46;
const AXIS = 24;
const SPREAD = { height: 132, bars: 78, top: 26 };
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];

/** Float samples of a trace that came as bytes. */
export function samplesOf(trace) {
  const data = trace.samples;
  if (data instanceof Float32Array) return data;
  const view = data instanceof DataView ? data : new DataView(data.buffer || data);
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
}

/** Room above the first lane: the buttons, and in a raster the height of the first trace. */
function topOf(n) {
  return n > 4 ? BAR + 26 : BAR;
}

/** Names of the lanes, in order; a trace without a lane has its own. */
export function lanesOf(item) {
  return [...new Set(item.traces.map((trace, i) => trace.lane || `own ${i}`))];
}

/** Height of the picture of an item. */
export function heightOf(item) {
  const n = lanesOf(item).length;
  return topOf(n) + AXIS + n * laneHeight(n) + (item.spread ? SPREAD.height : 0);
}

function laneHeight(n) {
  if (n <= 2) return 130;
  return n <= 4 ? 92 : Math.max(22, Math.round(380 / n));
}

function largest(trace, start, end) {
  const values = samplesOf(trace);
  let most = 1;
  for (let i = 0; i < values.length; i += 1) {
    const ms = trace.start_ms + i * trace.step_ms;
    if (ms >= Math.max(start, 1.2) && ms <= end) most = Math.max(most, Math.abs(values[i]));
  }
  return most;
}

/** Microvolts of the scale bar: one for each name of a scale, fitted to its largest trace, times the gain of the reader. */
export function scalesOf(item, gain) {
  const scales = {};
  for (const trace of item.traces) scales[trace.scale] = Math.max(scales[trace.scale] || 0, largest(trace, item.start_ms, item.end_ms));
  for (const name of Object.keys(scales)) {
    const index = STEPS.findIndex((step) => step >= scales[name] / 1.6);
    scales[name] = STEPS[Math.min(Math.max((index < 0 ? STEPS.length - 1 : index) - gain, 0), STEPS.length - 1)];
  }
  return scales;
}

function voltText(uv) {
  return uv >= 1000 ? `${uv / 1000} mV` : `${uv} µV`;
}

function stepOf(span) {
  return [0.5, 1, 2, 5, 10, 20, 50].find((step) => span / step <= 12) || 100;
}

/** Draw every lane. */
export function drawItem(canvas, width, item, gain) {
  const names = lanesOf(item);
  const n = names.length;
  const lane = laneHeight(n);
  const height = heightOf(item);
  const TOP = topOf(n);
  const ctx = fitCanvas(canvas, width, height);
  const c = themeColours(canvas);
  const [x0, x1] = [LEFT, width - RIGHT];
  const xOf = (ms) => x0 + ((ms - item.start_ms) / (item.end_ms - item.start_ms)) * (x1 - x0);
  const step = stepOf(item.end_ms - item.start_ms);
  const bottom = TOP + n * lane;
  for (let ms = Math.ceil(item.start_ms / step) * step; ms <= item.end_ms + 1e-9; ms += step) {
    rule(ctx, xOf(ms), TOP, xOf(ms), bottom, c.grid);
    write(ctx, `${Math.round(ms * 10) / 10}`, xOf(ms), bottom + 12, { colour: c.ink3, align: "center", font: c.font });
  }
  write(ctx, "ms", x1 + 14, bottom + 12, { colour: c.ink3, font: c.font });
  const scales = scalesOf(item, gain);
  let previous = null;
  item.traces.forEach((trace, index) => {
    const i = trace.lane ? names.indexOf(trace.lane) : index;
    const isFirst = !trace.lane || item.traces.findIndex((one) => one.lane === trace.lane) === index;
    const middle = TOP + (i + (trace.lane ? 0.5 : 0.62)) * lane; // spikes laid over one another go as far down as up
    const bar = scales[trace.scale];
    const perUv = (n > 4 ? 1.3 : trace.lane ? 0.36 : 0.5) * lane / bar / 1.1;
    if (isFirst) {
      rule(ctx, x0, middle, x1, middle, c.grid);
      trace.label.split(", ").forEach((words, k, all) => write(ctx, n > 4 ? trace.label : words, 12, middle + (n > 4 ? 0 : (k - (all.length - 1) / 2) * 15), { colour: c.ink2, font: c.font, size: n > 8 ? 10 : 12 }));
    }
    drawTrace(ctx, trace, { xOf, middle, perUv, from: item.start_ms, to: item.end_ms, colour: c.t1, clip: n > 4 ? null : [TOP + i * lane, lane], width: trace.lane ? 0.8 : 1.3 });
    if (trace.scale !== previous && trace.scale !== "level") drawBar(ctx, x1 + 12, middle, bar * perUv, voltText(bar), c);
    previous = trace.scale;
    for (const [letter, ms] of trace.marks) {
      rule(ctx, xOf(ms), TOP + i * lane + 4, xOf(ms), TOP + (i + 1) * lane - 2, c.t2);
      if (lane > 40) flag(ctx, letter, xOf(ms), TOP + i * lane + 2, c.t2, c.bg, c.font, true);
    }
  });
  if (item.spread) drawSpread(ctx, item.spread, { x0, x1, top: bottom + AXIS, c });
}

/* a histogram with its limit; the last bar holds what lies beyond the axis */
function drawSpread(ctx, spread, { x0, x1, top, c }) {
  const { counts, step, limit } = spread;
  const foot = top + SPREAD.top + SPREAD.bars;
  const wide = (x1 - x0) / counts.length;
  const most = Math.max(...counts, 4);
  write(ctx, spread.label, x0, top + 10, { colour: c.ink2, font: c.font, size: 12 });
  rule(ctx, x0, foot, x1, foot, c.ink3);
  counts.forEach((n, k) => {
    const isBeyond = k === counts.length - 1;
    const high = (n / most) * (SPREAD.bars - 12);
    ctx.fillStyle = c.t1;
    if (n) ctx.fillRect(x0 + k * wide + 2, foot - high, wide - 4, high);
    if (n) write(ctx, `${n}`, x0 + (k + 0.5) * wide, foot - high - 8, { colour: c.ink, align: "center", font: c.font });
    if (k % 2 === 0 || isBeyond) write(ctx, isBeyond ? `over ${k * step}` : `${k * step}`, isBeyond ? x1 : x0 + k * wide, foot + 10, { colour: c.ink3, align: isBeyond ? "right" : "center", font: c.font });
  });
  if (limit === null || limit >= step * (counts.length - 1)) return;
  const x = x0 + (limit / step) * wide;
  ctx.setLineDash([4, 3]);
  rule(ctx, x, top + 18, x, foot, c.t2, 1.5);
  ctx.setLineDash([]);
  write(ctx, spread.limit_label, x + 5, top + 24, { colour: c.t2, font: c.font });
}

function drawBar(ctx, x, middle, length, text, c) {
  const high = Math.min(length, 64);
  rule(ctx, x, middle - high, x, middle, c.ink, 2);
  write(ctx, high < length ? `over ${text}` : text, x + 6, middle - high / 2, { colour: c.ink, font: c.font });
}

function drawTrace(ctx, trace, { xOf, middle, perUv, from, to, colour, clip, width }) {
  const values = samplesOf(trace);
  const first = Math.max(0, Math.floor((from - trace.start_ms) / trace.step_ms));
  const last = Math.min(values.length - 1, Math.ceil((to - trace.start_ms) / trace.step_ms));
  ctx.save();
  ctx.beginPath();
  ctx.rect(xOf(from), clip ? clip[0] - 6 : 2, xOf(to) - xOf(from), clip ? clip[1] + 12 : 4000);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.beginPath();
  for (let i = first; i <= last; i += 1) {
    const [x, y] = [xOf(trace.start_ms + i * trace.step_ms), middle + values[i] * perUv];
    if (i === first) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
  }
  ctx.stroke();
  ctx.restore();
}
