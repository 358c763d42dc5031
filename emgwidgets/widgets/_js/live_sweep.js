/* A sweeping live display: holds the columns that live/feed.py sends and paints them as they come. It measures nothing.

   const store = makeStore(nStreams);                 one for a widget's view
   const sweep = makeSweep(store, { host, look });    host: an element of position relative; look() returns how to draw:
     { width, height, left, right, sweep_s, colours,  css pixels, seconds across, themeColours(root)
       ground(c),                                     paints wells and grid of everything on a 2D context (called clipped)
       overlay(c, view),                              optional: drawn over the traces in every frame; view as sweep.view
       lanes: [{ stream, row, y, height, zero_y, perPixel, colour, width, isPositiveUp, centre }],   perPixel: unit a pixel
       front_s,                                       optional: draw no further than this (the loudspeaker's time)
       columns }                                      optional: an answer of live/history.py instead of the live store:
                                                        { start_s, end_s, streams: unpackColumns(heads, buffers) }
   model.on("msg:custom", (content, buffers) => { if (content.type === "live") store.receive(content, buffers); });
   Every animation frame: sweep.paint().  After a change of look: sweep.redraw().
   Tell the kernel what is needed: sweep.wish(width, sweep_s) -> { columns_per_s, span_s } for the action "columns".
   After a change of what overlay draws: sweep.touch().
   sweep.view: { start_s, front_s, timeAt(x), xOf(t), isFrozen }; sweep.drawn and sweep.timings are for tests.
   The older sweep stands paler to the right of the line; lost samples are hatched with their length. */
import { fitCanvas, hatch, rule, write } from "./canvas.js";
import { h } from "./dom.js";
import { duration } from "./format.js";

const GAP_PX = 14; // blank ahead of the line
const FADE = 0.6;
const KEPT_SWEEPS = 2.2;
const STROBE_S = 0.06; // shorter sweeps are shown whole, one a frame
const MOST_TIMINGS = 4000;
const SILENT_S = 0.5; // a stream that is further behind the others is not waited for

function floats(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)); // need not be aligned
}

/** Columns of an answer or a message: heads with { values, lo(row), hi(row) } for drawing. */
export function unpackColumns(heads, buffers) {
  return heads.map((head) => ({ ...head, values: floats(buffers[head.buffer]) }));
}

/* a ring of columns of one stream */
function makeRing() {
  const ring = { size: 0, rows: 0, lo: null, hi: null, start: 0, end: 0, columnsPerS: 1, zero: 0, hasRange: true };
  function begin(head, rows, span_s) {
    ring.rows = rows;
    ring.size = Math.max(Math.ceil(span_s * head.columns_per_s), head.n) + 64;
    ring.lo = new Float32Array(rows * ring.size).fill(NaN);
    ring.hi = head.has_range ? new Float32Array(rows * ring.size).fill(NaN) : ring.lo;
    ring.start = head.first;
    ring.end = head.first;
    ring.columnsPerS = head.columns_per_s;
    ring.hasRange = head.has_range;
  }
  function put(head, values) {
    ring.zero = head.zero_s;
    const skipped = Math.min(Math.max(head.first - ring.end, 0), ring.size);
    for (let k = head.first - skipped; k < head.first; k += 1) for (let row = 0; row < ring.rows; row += 1) { const at = row * ring.size + (k % ring.size); ring.lo[at] = NaN; ring.hi[at] = NaN; }
    const first = Math.max(head.n - ring.size, 0);
    for (let row = 0; row < ring.rows; row += 1) {
      copy(values, row * head.n + first, head.n - first, ring.lo, row, head.first + first);
      if (ring.hasRange) copy(values, (ring.rows + row) * head.n + first, head.n - first, ring.hi, row, head.first + first);
    }
    ring.end = head.first + head.n;
    ring.start = Math.max(ring.start, ring.end - ring.size);
  }
  function copy(from, at, n, to, row, column) {
    const base = row * ring.size;
    let done = 0;
    while (done < n) {
      const place = (column + done) % ring.size;
      const part = Math.min(n - done, ring.size - place);
      to.set(from.subarray(at + done, at + done + part), base + place);
      done += part;
    }
  }
  ring.begin = begin;
  ring.put = put;
  return ring;
}

/** What a view holds of the live signal. */
export function makeStore(nStreams) {
  const rings = Array.from({ length: nStreams }, makeRing);
  const store = { rings, marks: [], gaps: [], span_s: 1, resets: 0, received: 0, bytes: 0, arrivals: [], missed: 0 };
  let seq = null;
  store.receive = (content, buffers) => {
    if (seq !== null && content.seq !== seq + 1) store.missed += 1;
    seq = content.seq;
    if (content.reset) { store.resets += 1; for (const ring of rings) ring.size = 0; }
    for (const head of content.streams) {
      const values = floats(buffers[head.buffer]);
      const ring = rings[head.stream];
      if (!ring.size) ring.begin(head, values.length / head.n / (head.has_range ? 2 : 1), KEPT_SWEEPS * store.span_s);
      ring.put(head, values);
      store.bytes += values.byteLength;
    }
    store.marks.push(...content.marks);
    for (const gone of content.gone || []) { const at = store.marks.findLastIndex((mark) => mark.t_s === gone.t_s && mark.label === gone.label && mark.channel === gone.channel); if (at >= 0) store.marks.splice(at, 1); }
    store.gaps.push(...content.gaps);
    const newest = store.newest();
    store.marks = store.marks.filter((mark) => mark.t_s > newest - 120);
    store.gaps = store.gaps.filter((gap) => gap.end_s > newest - 120);
    store.received += 1;
    if (content.streams.length) store.arrivals.push({ end_s: store.ready(), at: performance.now(), age_ms: content.age_ms, sent_ms: content.sent_ms });
    if (store.arrivals.length > 400) store.arrivals.splice(0, 200);
  };
  /** Time of the newest sample of any stream. */
  store.newest = () => Math.max(0, ...rings.filter((ring) => ring.size).map((ring) => ring.zero + ring.end / ring.columnsPerS));
  /** Time up to which the picture can be painted: the slowest stream counts, unless it is silent. */
  store.ready = () => {
    const newest = store.newest();
    const ends = rings.filter((ring) => ring.size).map((ring) => ring.zero + ring.end / ring.columnsPerS);
    return Math.min(newest, ...ends.filter((end) => end > newest - SILENT_S));
  };
  return store;
}

/* where to read a row: from the ring, or from an answer */
function readerOf(look, store, lane) {
  const answer = look.columns && look.columns.streams.find((one) => one.stream === lane.stream);
  if (look.columns) {
    if (!answer) return null;
    const rows = answer.values.length / Math.max(answer.n, 1) / (answer.has_range ? 2 : 1);
    return { lo: answer.values, hi: answer.values, base: lane.row * answer.n, top: (answer.has_range ? rows + lane.row : lane.row) * answer.n, size: Infinity, shift: answer.first, start: answer.first, end: answer.first + answer.n, columnsPerS: answer.columns_per_s, zero: answer.zero_s };
  }
  const ring = store.rings[lane.stream];
  if (!ring.size) return null;
  return { lo: ring.lo, hi: ring.hi, base: lane.row * ring.size, top: lane.row * ring.size, size: ring.size, shift: 0, start: ring.start, end: ring.end, columnsPerS: ring.columnsPerS, zero: ring.zero };
}

/* one line through the ends of the columns from a to b seconds; returns the number drawn */
function strokeColumns(c, read, lane, a, b, xOf, colour) {
  const first = Math.max(Math.floor((a - read.zero) * read.columnsPerS) - 1, read.start);
  const last = Math.min(Math.ceil((b - read.zero) * read.columnsPerS) + 1, read.end);
  if (last <= first) return 0;
  const up = lane.isPositiveUp ? -1 : 1;
  const x0 = xOf(read.zero + (first + 0.5) / read.columnsPerS);
  const dx = xOf(read.zero + (first + 1.5) / read.columnsPerS) - x0;
  let isDown = false;
  c.strokeStyle = colour;
  c.lineWidth = lane.width || 1.2;
  c.lineJoin = "round";
  c.beginPath();
  for (let k = first; k < last; k += 1) {
    const at = (read.size === Infinity ? k - read.shift : k % read.size);
    const lo = read.lo[read.base + at];
    if (Number.isNaN(lo)) { isDown = false; continue; }
    const hi = read.hi[read.top + at];
    const x = x0 + dx * (k - first);
    const [p, q] = [lane.zero_y + (up * (lo - lane.centre)) / lane.perPixel, lane.zero_y + (up * (hi - lane.centre)) / lane.perPixel];
    if (isDown) c.lineTo(x, p); else c.moveTo(x, p);
    c.lineTo(x, q === p ? q + 0.01 : q);
    isDown = true;
  }
  c.stroke();
  return last - first;
}

/** The display. */
export function makeSweep(store, { host, look }) {
  const ground = h("canvas", { class: "live-ground", "aria-hidden": "true" });
  const canvas = h("canvas", { class: "live-top", tabindex: "0", role: "application" });
  ground.style.cssText = "display:block";
  canvas.style.cssText = "position:absolute;left:0;top:0;touch-action:none";
  host.append(ground, canvas);
  const sweep = { canvas, ground, view: null, drawn: null, counts: { paints: 0, redraws: 0 }, timings: [], paintedAt: [] };
  let isDirty = true;
  let isTouched = true;
  let last = null;
  let context = null;
  let timed = 0;

  sweep.redraw = () => { isDirty = true; };
  sweep.touch = () => { isTouched = true; };
  sweep.wish = (width, sweep_s) => { store.span_s = sweep_s; return { columns_per_s: Math.min(Math.max(width / sweep_s, 20), 20000), span_s: Math.min(sweep_s * 1.1, 60) }; };

  function viewOf(now) {
    if (now.columns) {
      const { start_s, end_s } = now.columns;
      const xOf = (t) => now.left + ((t - start_s) / (end_s - start_s)) * (now.right - now.left);
      return { start_s, end_s, front_s: end_s, isFrozen: true, xOf, timeAt: (x) => start_s + ((x - now.left) / (now.right - now.left)) * (end_s - start_s) };
    }
    const newest = store.ready();
    let front = Math.max(Math.min(now.front_s ?? newest, newest), 0);
    if (now.sweep_s < STROBE_S) front = Math.floor(front / now.sweep_s) * now.sweep_s; // the last whole sweep
    const isStrobe = now.sweep_s < STROBE_S;
    const start_s = isStrobe ? front - now.sweep_s : Math.floor(front / now.sweep_s + 1e-9) * now.sweep_s;
    const perS = (now.right - now.left) / now.sweep_s;
    const xOf = (t) => now.left + (t - start_s) * perS;
    const timeAt = (x) => { const t = start_s + (x - now.left) / perS; return t > front ? t - now.sweep_s : t; };
    return { start_s, end_s: start_s + now.sweep_s, front_s: front, isFrozen: false, isStrobe, xOf, timeAt };
  }

  function clipped(c, x0, x1, height, draw) {
    c.save();
    c.beginPath();
    c.rect(x0, 0, x1 - x0, height);
    c.clip();
    draw();
    c.restore();
  }

  function traces(now, view, a, b, xOf) {
    let columns = 0;
    for (const lane of now.lanes) {
      const read = readerOf(now, store, lane);
      if (!read) continue;
      context.save();
      context.beginPath();
      context.rect(now.left, lane.y, now.right - now.left, lane.height);
      context.clip();
      columns += strokeColumns(context, read, lane, a, b, xOf, lane.colour);
      context.restore();
    }
    return columns;
  }

  /* the older sweep stands paler: one wash instead of drawing it again, which would hold everything up once a sweep */
  function fade(now, from) {
    context.save();
    context.globalAlpha = FADE;
    context.fillStyle = now.colours.well;
    for (const lane of now.lanes) context.fillRect(from, lane.y, now.right - from, lane.height);
    context.restore();
  }

  /* the end of the sweep that was under way, then the new one over its paler picture */
  function wrap(now, view) {
    const perS = (now.right - now.left) / now.sweep_s;
    const start_s = last.start_s;
    stripe(now, { ...view, start_s, front_s: view.start_s, xOf: (t) => now.left + (t - start_s) * perS, timeAt: (x) => start_s + (x - now.left) / perS });
    fade(now, now.left);
    last = { ...last, start_s: view.start_s, front_s: view.start_s };
    return stripe(now, view);
  }

  function all(now, view) {
    context = fitCanvas(ground, now.width, now.height);
    now.ground(context);
    sweep.counts.redraws += 1;
    if (view.isFrozen) { gaps(now, view, view.start_s, view.end_s, view.xOf); return traces(now, view, view.start_s, view.end_s, view.xOf); }
    const shifted = (t) => view.xOf(t + now.sweep_s);
    const from = Math.max(view.xOf(view.front_s) + GAP_PX, now.left);
    let columns = 0;
    if (!view.isStrobe) clipped(context, from, now.right, now.height, () => { const a = view.timeAt(from); gaps(now, view, a, view.start_s, shifted); columns = traces(now, view, Math.min(a, view.start_s), view.start_s, shifted); fade(now, from); });
    clipped(context, now.left, view.xOf(view.front_s), now.height, () => { gaps(now, view, view.start_s, view.front_s, view.xOf); columns += traces(now, view, view.start_s, view.front_s, view.xOf); });
    return columns;
  }

  function gaps(now, view, a, b, xOf) {
    for (const gap of now.gaps || store.gaps) {
      if (gap.end_s < a || gap.start_s > b) continue;
      const [x0, x1] = [Math.max(xOf(gap.start_s), now.left), Math.min(xOf(gap.end_s), now.right)];
      const lanes = now.lanes.filter((lane) => lane.stream === gap.stream);
      for (const lane of lanes) hatch(context, x0, lane.y, Math.max(x1 - x0, 3), lane.height, now.colours.warn, 8, 0.8);
      if (lanes.length) write(context, `gap ${duration(gap.end_s - gap.start_s)}`, Math.max(x0, now.left) + 4, lanes[0].y + 9, { colour: now.colours.warn, font: now.colours.font });
    }
  }

  function stripe(now, view) {
    const slowest = Math.min(...now.lanes.map((lane) => store.rings[lane.stream]).filter((ring) => ring.size).map((ring) => ring.columnsPerS));
    const x0 = Math.floor(view.xOf(last.front_s - (Number.isFinite(slowest) ? 1.5 / slowest : 0))) - 2; // the line into the newest column was not there yet
    const x1 = Math.round(view.xOf(view.front_s)); // whole pixels: a half covered one would be painted twice
    clipped(context, Math.max(x0, now.left), Math.min(x1 + GAP_PX, now.right), now.height, () => { context.clearRect(x0, 0, x1 + GAP_PX - x0, now.height); now.ground(context); });
    let columns = 0;
    clipped(context, Math.max(x0, now.left), x1, now.height, () => {
      const from = Math.max(view.timeAt(x0) - 2e-9, view.start_s);
      gaps(now, view, from, view.front_s, view.xOf);
      columns = traces(now, view, from, view.front_s, view.xOf);
    });
    return columns;
  }

  /** Paint what is new; call it in every animation frame. Returns whether anything was painted. */
  sweep.paint = () => {
    const now = look();
    if (!now.width || !now.lanes) return false;
    const view = viewOf(now);
    sweep.view = view;
    const isWrap = Boolean(last) && !isDirty && !view.isFrozen && !last.isFrozen && !view.isStrobe && Math.abs(view.start_s - last.start_s - now.sweep_s) < 1e-6 * now.sweep_s;
    const isNew = !isWrap && (!last || isDirty || view.isFrozen !== last.isFrozen || view.start_s !== last.start_s || view.front_s < last.front_s);
    if (!isNew && view.front_s === last.front_s) { if (isTouched) top(now, view); return false; }
    const columns = isNew ? all(now, view) : isWrap ? wrap(now, view) : stripe(now, view);
    isDirty = false;
    last = { start_s: view.start_s, front_s: view.front_s, isFrozen: view.isFrozen };
    top(now, view);
    sweep.drawn = { start_s: view.start_s, front_s: view.front_s, columns, isWhole: isNew };
    sweep.counts.paints += 1;
    noteTimes(view);
    return true;
  };

  function top(now, view) {
    isTouched = false;
    const c = fitCanvas(canvas, now.width, now.height);
    if (now.overlay) now.overlay(c, view);
    else if (!view.isFrozen && !view.isStrobe) rule(c, view.xOf(view.front_s), 0, view.xOf(view.front_s), now.height, now.colours.t2, 2);
  }

  /* from the newest sample of each message to the frame that shows it */
  function noteTimes(view) {
    const at = performance.now();
    sweep.paintedAt.push(at);
    if (sweep.paintedAt.length > MOST_TIMINGS) sweep.paintedAt.splice(0, MOST_TIMINGS / 2);
    const wall = Date.now();
    for (const one of store.arrivals) {
      if (one.at <= timed || one.end_s > view.front_s + 1e-6) continue;
      sweep.timings.push({ end_s: one.end_s, sample_to_paint_ms: one.age_ms + wall - one.sent_ms, block_to_paint_ms: wall - one.sent_ms, arrival_to_paint_ms: at - one.at });
      timed = one.at;
    }
    if (sweep.timings.length > MOST_TIMINGS) sweep.timings.splice(0, MOST_TIMINGS / 2);
  }
  return sweep;
}
