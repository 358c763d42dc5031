/* The loudspeaker and the one clock of the bench: what the sweep draws is what the loudspeaker plays at that moment.

 * A programme is a list of stretches to play; each block is a buffer that begins at its own sample of the audio clock.
 * "u" counts played seconds; the log says which samples each moment of u was.  Before the browser lets sound begin (it
 * waits for a click or a key) the computer's clock carries the sweep, silently, and is handed over without a jump. */

const AHEAD_S = 0.35; // scheduled before it is heard
const LEAD_S = 0.04; // between an action and its first sound
const TICK_MS = 40;
const FULL_SCALE_DIVISIONS = 4;
const REPLAY_S = 30;
const LIVE_S = 0.12; // how far behind the newest sample a live signal is heard, so that late messages are not heard
const LATE_S = 0.5; // farther behind, the rest is skipped

/** The player of one view. */
export function makePlayer(app, tape) {
  let context = null;
  let volume = null;
  let tap = null;
  let loudness = 0.6;
  let isMuted = false;
  let isAwake = false;
  let isPlaying = false;
  let isWaiting = false;
  let isRefused = false; // the browser or the machine gives no sound at all
  let programme = []; // { stretch, at, end, loop } in samples; the first is being played
  let after = null; // programme to go back to when a replay has ended
  let kind = "live"; // "live", "replay", "once"
  let log = []; // { u0, u1, stretch, first, kind }: what was scheduled, in order
  let sounding = [];
  let anchor = { u: 0, t: 0 }; // u at a time of the clock
  let uEnd = 0; // scheduled up to here
  let timer = 0;
  const started = performance.now();

  const isSounding = () => context !== null && context.state === "running";
  const clock = () => (isSounding() ? context.currentTime : performance.now() / 1000);
  const latency = () => (isSounding() && Number.isFinite(context.outputLatency) ? Math.min(context.outputLatency, 0.3) : 0);
  let wasSounding = false;

  function rateOf() { return programme.length ? programme[0].stretch.rate_hz : 48000; }

  /* browsers play 8 to 96 kHz; a slower signal is held, sample by sample, for a whole number of steps */
  const holdOf = (rate) => Math.max(Math.ceil(8000 / rate), 1);

  function open() {
    if (!isAwake) return; // a view that was never touched moves silently
    const rate = Math.min(rateOf() * holdOf(rateOf()), 96000);
    if (isRefused) return;
    if (context && Math.abs(context.sampleRate - rate) < 1) { wakeUp(); return; }
    if (context) leave();
    try { context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" }); } catch { context = null; isRefused = true; app.changed("player"); return; }
    context.onstatechange = () => app.changed("player");
    volume = context.createGain();
    tap = context.createAnalyser();
    tap.fftSize = 32768;
    volume.connect(context.destination);
    retune();
    wakeUp();
  }

  function wakeUp() { if (context.state === "suspended") context.resume().catch(() => { /* asked again with the next click or key */ }); }

  function leave() { context.onstatechange = null; context.close(); context = null; }

  function retune() { if (volume) volume.gain.value = isMuted ? 0 : loudness / (FULL_SCALE_DIVISIONS * app.knobs.uv); }

  /** u now at the ear; never beyond what is scheduled. */
  function heard() {
    const u = isPlaying ? anchor.u + (clock() - latency() - anchor.t) : anchor.u;
    return Math.max(Math.min(u, uEnd), 0);
  }

  function silence() {
    for (const one of sounding) { try { one.node.stop(); } catch { /* ended by itself */ } one.node.disconnect(); }
    sounding = [];
  }

  /* throw away what is scheduled and not yet heard; the next sound begins at once */
  function cut() {
    const u = heard();
    silence();
    log = log.filter((one) => one.u0 < u).map((one) => (one.u1 > u ? { ...one, u1: u } : one));
    uEnd = u;
    anchor = { u, t: clock() + LEAD_S };
  }

  function place(u) {
    for (let i = log.length - 1; i >= 0; i -= 1) {
      const one = log[i];
      if (u >= one.u0 && u < one.u1 + 1e-9) return { stretch: one.stretch, sample: one.first + (u - one.u0) * one.stretch.rate_hz, kind: one.kind };
    }
    return null;
  }

  function begin(list, what) {
    cut();
    programme = list;
    kind = what;
    isPlaying = true;
    isWaiting = false;
    open();
    schedule();
    app.changed("player");
  }

  function item(stretch, from, to, loop) { return { stretch, at: Math.round(from), end: to === Infinity ? to : Math.round(to), loop }; }

  /** Play a stretch from a second on; it loops or ends as its head says. */
  function listen(stretch, start_s) {
    after = null;
    const n = tape.nSamples(stretch);
    if (stretch.is_growing) { begin([item(stretch, Math.max((start_s - stretch.start_s) * stretch.rate_hz, n - LIVE_S * stretch.rate_hz, 0), Infinity, null)], "live"); return; }
    const loop = stretch.loop_s === null ? null : Math.round((stretch.loop_s - stretch.start_s) * stretch.rate_hz);
    begin([item(stretch, (start_s - stretch.start_s) * stretch.rate_hz, n, loop)], "live");
  }

  /** Make ready to play from a second on, without a sound. */
  function cue(stretch, start_s) {
    const n = tape.nSamples(stretch);
    const loop = stretch.loop_s === null ? null : Math.round((stretch.loop_s - stretch.start_s) * stretch.rate_hz);
    programme = [item(stretch, (start_s - stretch.start_s) * stretch.rate_hz, n, loop)];
    app.changed("player");
  }

  function remember() { if (kind === "live") after = programme.map((one) => ({ ...one })); }

  /** Play one stretch once, then stop. */
  function once(stretch, start_s, end_s) {
    if (isPlaying) rewindToHeard();
    remember();
    const from = (start_s - stretch.start_s) * stretch.rate_hz;
    begin([item(stretch, from, (end_s - stretch.start_s) * stretch.rate_hz, null)], "once");
  }

  /* scheduled but not heard: the live programme goes on from what was heard */
  function rewindToHeard() {
    const now = place(heard());
    if (now && programme.length && kind === "live") programme[0].at = Math.round(now.sample);
  }

  /** Play the last half minute again, then go on. */
  function replay() {
    if (kind === "replay" && isPlaying) { resume(); return; }
    rewindToHeard();
    remember();
    const until = heard();
    const list = [];
    let left = REPLAY_S;
    for (let i = log.length - 1; i >= 0 && left > 0; i -= 1) {
      const one = log[i];
      if (one.kind !== "live" || one.u0 >= until) continue;
      const seconds = Math.min(Math.min(one.u1, until) - one.u0, left);
      const last = one.first + (Math.min(one.u1, until) - one.u0) * one.stretch.rate_hz;
      list.unshift(item(one.stretch, last - seconds * one.stretch.rate_hz, last, null));
      left -= seconds;
    }
    if (list.length) begin(list, "replay");
  }

  function freeze() {
    if (!isPlaying) return;
    rewindToHeard();
    const u = heard();
    isPlaying = false;
    isWaiting = false;
    silence();
    log = log.filter((one) => one.u0 < u).map((one) => (one.u1 > u ? { ...one, u1: u } : one));
    uEnd = u;
    anchor = { u, t: clock() };
    app.changed("player");
  }

  function resume() {
    const list = after || programme;
    if (!list.length) return;
    const live = list.map((one) => ({ ...one }));
    if (live[0].stretch.is_growing) live[0].at = Math.max(tape.nSamples(live[0].stretch) - Math.round(LIVE_S * live[0].stretch.rate_hz), 0);
    after = null;
    begin(live, "live");
  }

  /* sound begins or ends being allowed: the clocks change hands */
  function handOver() {
    if (isSounding() === wasSounding) return;
    const u = Math.min(Math.max(wasSounding ? anchor.u + (context.currentTime - anchor.t) : anchor.u + (performance.now() / 1000 - anchor.t), 0), uEnd);
    wasSounding = isSounding();
    if (!isPlaying) { anchor = { u: anchor.u, t: clock() }; return; }
    silence();
    log = log.filter((one) => one.u0 < u).map((one) => (one.u1 > u ? { ...one, u1: u } : one));
    const now = place(u - 1e-6);
    if (now && programme.length) {
      // what had been scheduled silently is scheduled again, with sound
      const rest = programme[0].stretch === now.stretch ? programme : [item(now.stretch, now.sample, tape.nSamples(now.stretch), null), ...programme];
      rest[0].at = Math.round(now.sample);
      programme = rest;
    }
    uEnd = u;
    anchor = { u, t: clock() + LEAD_S };
  }

  function schedule() {
    handOver();
    if (!isPlaying) return;
    while (programme.length) {
      const one = programme[0];
      const size = tape.nBlock(one.stretch);
      tape.want(one.stretch, one.at, Math.min(one.at + 3 * size, one.end - 1));
      tape.want(one.stretch, one.at, Math.min(one.at + 24 * size, one.end - 1)); // ahead, so that a busy kernel is not heard
      if (one.at >= one.end) {
        if (one.loop !== null) { one.at = one.loop; continue; }
        if (programme.length > 1) { programme = programme.slice(1); continue; }
        if (heard() >= uEnd - 0.005) finish();
        return;
      }
      const now = isPlaying ? anchor.u + (clock() - anchor.t) : anchor.u;
      if (uEnd > now + AHEAD_S) return;
      if (one.stretch.is_growing && kind === "live" && tape.nSamples(one.stretch) - one.at > LATE_S * one.stretch.rate_hz) one.at = tape.nSamples(one.stretch) - Math.round(LIVE_S * one.stretch.rate_hz);
      const values = tape.block(one.stretch, Math.floor(one.at / size));
      if (!values) {
        // the sweep waits for what is not here; it never runs ahead of the sound
        waitHere(now);
        return;
      }
      if (isWaiting) { isWaiting = false; app.changed("player"); }
      if (now > uEnd) anchor = { u: uEnd, t: clock() + LEAD_S };
      const from = one.at % size;
      const n = Math.min(values.length - from, one.end - one.at);
      if (n <= 0) {
        if (one.stretch.is_growing) { waitHere(now); return; }
        one.at = one.end;
        continue;
      }
      sound(one.stretch, values, from, n);
      const last = log[log.length - 1];
      const seconds = n / one.stretch.rate_hz;
      if (last && last.stretch === one.stretch && last.kind === kind && Math.abs(last.first + (last.u1 - last.u0) * last.stretch.rate_hz - one.at) < 1 && Math.abs(last.u1 - uEnd) < 1e-9) last.u1 = uEnd + seconds;
      else log.push({ u0: uEnd, u1: uEnd + seconds, stretch: one.stretch, first: one.at, kind });
      if (log.length > 4000) log = log.slice(-2000);
      uEnd += seconds;
      one.at += n;
    }
  }

  function waitHere(now) {
    if (now < uEnd) return;
    anchor = { u: uEnd, t: clock() + LEAD_S };
    if (!isWaiting) { isWaiting = true; app.changed("player"); }
  }

  function sound(stretch, values, from, n) {
    if (!isSounding()) return;
    const hold = holdOf(stretch.rate_hz);
    const buffer = context.createBuffer(1, n * hold, stretch.rate_hz * hold);
    let played = values.subarray(from, from + n);
    if (hold > 1) { const held = new Float32Array(n * hold); for (let i = 0; i < held.length; i += 1) held[i] = played[Math.floor(i / hold)]; played = held; }
    buffer.copyToChannel(played, 0);
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(volume);
    node.connect(tap);
    const at = anchor.t + (uEnd - anchor.u);
    const frame = Math.round(at * context.sampleRate) / context.sampleRate;
    node.start(Math.max(frame, context.currentTime));
    const held = { node, until: at + n / stretch.rate_hz };
    node.onended = () => { sounding = sounding.filter((one) => one !== held); };
    sounding.push(held);
  }

  function finish() {
    if (kind === "replay") { resume(); return; }
    isPlaying = false;
    anchor = { u: uEnd, t: clock() };
    programme = after || programme;
    kind = "live";
    after = null;
    app.changed("player");
  }

  timer = setInterval(schedule, TICK_MS);
  return {
    listen, cue, once, replay, freeze, resume, heard, place, schedule,
    toggle: () => (isPlaying ? freeze() : resume()),
    state: () => ({ isPlaying, isWaiting, isMuted, loudness, kind, isSounding: isSounding(), isRefused }),
    log: () => log,
    left: () => (kind === "replay" ? programme.reduce((sum, one) => sum + (one.end - one.at) / one.stretch.rate_hz, 0) + (uEnd - heard()) : 0),
    setLoudness: (value) => { loudness = value; isMuted = false; retune(); app.changed("player"); },
    mute: () => { isMuted = !isMuted; retune(); app.changed("player"); },
    retune, wake: () => { isAwake = true; if (programme.length || context) open(); }, sounds: () => context,
    /** What went to the loudspeaker last, before the volume, and the u of its last sample: for tests. */
    tapped: () => {
      if (!isSounding()) return null;
      const samples = new Float32Array(tap.fftSize);
      tap.getFloatTimeDomainData(samples);
      return { samples, u: anchor.u + (context.currentTime - anchor.t), heard: heard(), latency_s: latency(), rate: context.sampleRate, since: performance.now() - started };
    },
    close: () => { clearInterval(timer); silence(); if (context) leave(); },
  };
}
