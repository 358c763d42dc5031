/* Where each chunk of live sound is put on the loudspeaker's clock, and how its edges join. It touches no browser interface.

   const queue = makeQueue();
   const place = queue.place({ start_s, n, rate, now, wall_s, edge_s });
                                             one chunk: its time at the source and its samples; now: the loudspeaker's clock,
                                             which loses time when the browser is held up; wall_s: one that does not
     -> { frame, n, isBroken, silence_s }    frame: where it begins; n: samples it is stretched to, 0 when it is left out;
                                             isBroken: it does not join the one before; silence_s: for want of samples before it
   The chunks that come latest set how long all wait: of the worst delay of each quarter of a second, over the last ten
   seconds, the greatest, unless a few stand out so much that they are not waited for. A chunk later than that leaves a
   silence, which is counted, and moves the sound back at once; the way forward again is played a little faster. Only
   after a long hold-up are samples left out.
   All constants are internal choices; their reasons stand beside them. */

const FIRST_LEAD_S = 0.02;
const SPARE_S = 0.003; // of the latest chunk, beside what the browser renders at once
const BIN_S = 0.25; // delays come in bursts: one hold-up is one of these
const N_BINS = 40;
const SILENCE_S = 0.01; // a silence in these ten seconds is as bad as to hear all of them so much later
const UNHEARD_BINS = 2; // the first chunks after listening begins come while filters are made
const DEAD_S = 0.001;
const SETTLE_S = 0.5; // the place wanted is reached about so late
const SLOWEST = 0.005; // 9 cents: not heard
const FASTEST = 0.04; // two thirds of a semitone, for a second or two: less than the rate of a motor unit varies by itself
const SKIP_S = 0.1; // nobody wants to hear what is so much later than it need be
const FADE_S = 0.002;
const TAIL_S = 0.004; // what sounds when nothing follows: a fading end instead of a click, which a reader might take for a discharge

/* the worst delay of each quarter of a second */
function makeDelays() {
  const bins = [];
  let worst = -Infinity;
  let until = null;
  let n = 0;
  function next(now) {
    if (n > UNHEARD_BINS) bins.push(worst);
    if (bins.length > N_BINS) bins.shift();
    [worst, until, n] = [-Infinity, now + BIN_S, n + 1];
  }
  return {
    add: (now, delay) => { if (until === null || now >= until) next(now); worst = Math.max(worst, delay); },
    needed: () => {
      const all = [...bins, worst].sort((a, b) => b - a);
      const cost = all.map((delay, n_later) => delay + n_later * SILENCE_S);
      return all[cost.indexOf(Math.min(...cost))];
    },
  };
}

/* how far the loudspeaker's clock is ahead of the wall's; it goes in steps, so the most of the last half second counts */
function makeAhead() {
  const bins = [-Infinity, -Infinity];
  let until = -Infinity;
  return (now, wall_s) => {
    if (wall_s >= until) { bins.shift(); bins.push(-Infinity); until = wall_s + BIN_S; }
    bins[1] = Math.max(bins[1], now - wall_s);
    return Math.max(...bins);
  };
}

/** Places chunks one after the other. */
export function makeQueue() {
  let end = null; // frame that comes next
  let nextStart = null; // its time at the source
  let delays = makeDelays(); // by the wall clock: what the loudspeaker's lost is no delay of later chunks
  let aheadOf = makeAhead();
  let carried = 0; // part of a sample still to be left out
  let isSkipping = false;
  const queue = {};

  queue.begin = () => { end = null; delays = makeDelays(); aheadOf = makeAhead(); carried = 0; isSkipping = false; };
  queue.place = ({ start_s, n, rate, now, wall_s, edge_s }) => {
    const least = edge_s + SPARE_S;
    delays.add(wall_s, wall_s - start_s);
    const ahead_s = aheadOf(now, wall_s);
    const isFirst = end === null;
    if (isFirst) { end = Math.ceil((now + least + FIRST_LEAD_S) * rate); carried = 0; }
    else if (Math.abs(start_s - nextStart) * rate > 1.5) end += Math.max(Math.round((start_s - nextStart) * rate), 0);
    const isBroken = isFirst || Math.abs(start_s - nextStart) * rate > 1.5;
    nextStart = start_s + n / rate;
    const from = Math.ceil((now + least) * rate);
    const silence_s = end / rate < now + edge_s / 2 ? (from - end) / rate : 0; // it may be rendered already
    if (silence_s) { end = from; carried = 0; }
    const frame = end;
    const excess_s = frame / rate - start_s - (delays.needed() + ahead_s + least);
    if (excess_s > SKIP_S && !isFirst) { isSkipping = true; return { frame, n: 0, isBroken: true, silence_s }; }
    const shorter = silence_s || isFirst ? 0 : shortening(n, excess_s);
    const joins = !(isBroken || silence_s || isSkipping);
    isSkipping = false;
    end += n - shorter;
    return { frame, n: n - shorter, isBroken: !joins, silence_s };
  };

  /* samples by which a chunk is played shorter (or longer) when all is that much later than it need be */
  function shortening(n, excess_s) {
    if (Math.abs(excess_s) < DEAD_S) { carried = 0; return 0; }
    carried += n * Math.sign(excess_s) * Math.min(Math.max(Math.abs(excess_s) / SETTLE_S, SLOWEST), FASTEST);
    const whole = Math.trunc(carried);
    carried -= whole;
    return whole;
  }
  return queue;
}

/** Samples stretched to n (cubic between them), with a fading end of TAIL_S behind; before: the sample before the first. */
export function shaped(samples, { n, before, isBroken, rate }) {
  const last = samples.length;
  const nTail = Math.round(TAIL_S * rate);
  const out = new Float32Array(n + nTail);
  if (n === last) out.set(samples);
  else for (let k = 0; k < n; k += 1) out[k] = between(samples, before, (k * last) / n);
  if (isBroken) fadeIn(out, Math.min(Math.round(FADE_S * rate), n));
  for (let k = 0; k < nTail; k += 1) out[n + k] = out[Math.max(n - 1 - k, 0)] * 0.5 * (1 + Math.cos((Math.PI * (k + 1)) / (nTail + 1)));
  return out;
}

function fadeIn(out, n) {
  for (let k = 0; k < n; k += 1) out[k] *= 0.5 * (1 - Math.cos((Math.PI * (k + 0.5)) / n));
}

/* the cubic through two neighbours with the slopes of theirs */
function between(samples, before, at) {
  const k = Math.min(Math.floor(at), samples.length - 1);
  const t = at - k;
  const b = samples[k];
  const a = k > 0 ? samples[k - 1] : before;
  const c = k + 1 < samples.length ? samples[k + 1] : 2 * b - a;
  const d = k + 2 < samples.length ? samples[k + 2] : 2 * c - b;
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}
