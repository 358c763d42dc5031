/* The live loudspeaker: plays the channel that live/feed.py sends at its true rate, each chunk at its exact place.

   const sound = makeLiveSound({ send, changed });     send(content): model.send with the view's id; changed(): redraw controls
   store and sound take the same message:              if (content.type === "live") { store.receive(...); sound.receive(content, buffers); }
   sound.listen(channel, fullScale)                    start, in answer to a key or click; fullScale in the channel's unit
   sound.silence()                                     stop and tell the kernel;  sound.mute(), sound.setLoudness(0..1), sound.setFullScale(value)
   sound.heard()                                       time (s, as in the feed) that leaves the loudspeaker now; null when there is none:
                                                       give it to the sweep as look().front_s, so that the line is the loudspeaker
   sound.play(samples, rate, start_s)                  a stretch of history (Float32Array); sound.heard() then runs through it
   The clock is the AudioContext's; sound_queue.js says when each chunk plays and how its ends are shaped.
   sound.counts: chunks, late (silences for want of samples), silence_ms, skipped_ms (left out after a hold-up), stretched
   (chunks played a little faster or slower), jumps. sound.timings: of each chunk, where the first of its samples spent the
   time from its source to the loudspeaker, in ms (kernel and browser on one computer): block, kernel, way, queue, output.
   They, sound.latency_ms() and sound.graph() are for tests. */
import { makeQueue, shaped } from "./sound_queue.js";

const JUMP_S = 0.5; // the stream itself jumped: begin anew

/** One loudspeaker of one view. */
export function makeLiveSound({ send, changed }) {
  let context = null;
  let volume = null;
  let channel = null;
  let loudness = 0.6;
  let isMuted = false;
  let fullScale = 200;
  const queue = makeQueue();
  let before = 0; // last sample of the chunk before
  let planned = []; // what the loudspeaker was given, and when it plays it
  let stretch = null;
  let lastEnd = null;
  const counts = { chunks: 0, late: 0, silence_ms: 0, skipped_ms: 0, stretched: 0, jumps: 0 };
  const timings = [];

  const gain = () => (isMuted ? 0 : loudness / fullScale);
  const tune = () => { if (volume) volume.gain.value = gain(); };

  function open(rate) {
    if (context && context.sampleRate === rate) return;
    if (context) context.close();
    context = new AudioContext({ sampleRate: rate, latencyHint: 0 }); // its own rate: chunks join without a seam; 0: the smallest buffer there is
    volume = context.createGain();
    volume.connect(context.destination);
    queue.begin();
    planned = []; // of another clock
    tune();
  }

  function node(samples, rate, when) {
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(volume);
    source.start(Math.max(when, 0));
    return source;
  }

  function receive(content, buffers) {
    const head = content.sound;
    if (!head || channel === null || head.channel !== channel || stretch) return;
    const view = buffers[head.buffer];
    const samples = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    const rate = head.rate_hz;
    open(rate);
    if (context.state === "suspended") { context.resume(); queue.begin(); return; }
    const now = context.currentTime;
    if (lastEnd !== null && Math.abs(head.start_s - lastEnd) > JUMP_S) { queue.begin(); cutAt(now); counts.jumps += 1; }
    lastEnd = head.start_s + head.n / rate;
    const place = queue.place({ start_s: head.start_s, n: head.n, rate, now, wall_s: performance.now() / 1000, edge_s: context.baseLatency || 0 });
    const when = place.frame / rate;
    counts.late += place.silence_s > 0 ? 1 : 0;
    counts.silence_ms += 1000 * place.silence_s;
    if (!place.n) { counts.skipped_ms += (1000 * head.n) / rate; return; }
    if (!place.isBroken) end(planned.at(-1), when);
    const source = node(shaped(samples, { n: place.n, before, isBroken: place.isBroken, rate }), rate, when);
    before = samples.at(-1);
    planned.push({ when, start_s: head.start_s, length_s: place.n / rate, speed: head.n / place.n, source });
    if (planned.length > 400) planned.splice(0, 200);
    counts.chunks += 1;
    counts.stretched += place.n === head.n ? 0 : 1;
    noteTimes(content, head.n / rate, when - now);
  }

  /* the fading end of a chunk is heard only when nothing follows it */
  function end(one, when) {
    if (one) try { one.source.stop(Math.max(when, 0)); } catch { /* it had ended by itself */ }
  }

  /* what would still play then is left out: else it would be heard together with what follows */
  function cutAt(when) {
    for (const one of planned) if (one.when + one.length_s > when) end(one, when);
    planned = planned.filter((one) => one.when < when).map((one) => ({ ...one, length_s: Math.min(one.length_s, when - one.when) }));
  }

  function noteTimes(content, length_s, queued_s) {
    timings.push({ block: 1000 * length_s, kernel: content.age_ms, way: Date.now() - content.sent_ms, queue: 1000 * queued_s, output: 1000 * outputDelay() });
    if (timings.length > 4000) timings.splice(0, 2000);
  }

  const outputDelay = () => (context ? context.outputLatency || context.baseLatency || 0 : 0);

  function heard() {
    if (!context || context.state !== "running") return null;
    if (stretch) return Math.min(stretch.start_s + context.currentTime - outputDelay() - stretch.began, stretch.end_s);
    if (channel === null || isMuted) return null;
    const at = context.currentTime - outputDelay();
    for (let i = planned.length - 1; i >= 0; i -= 1) { const one = planned[i]; if (one.when <= at) return one.start_s + one.speed * Math.min(at - one.when, one.length_s); }
    return null;
  }

  function endStretch() {
    if (!stretch) return;
    stretch.source.onended = null;
    try { stretch.source.stop(); } catch { /* it had ended by itself */ }
    stretch = null;
    queue.begin();
    changed();
  }

  return {
    counts,
    receive,
    heard,
    listen: (index, scale) => {
      if (scale) fullScale = scale;
      if (context) cutAt(context.currentTime);
      channel = index;
      queue.begin();
      lastEnd = null;
      if (!context) open(48000);
      if (context.state === "suspended") context.resume();
      send({ type: "live", action: "listen", channel: index });
      tune();
      changed();
    },
    silence: () => { if (context) cutAt(context.currentTime); channel = null; queue.begin(); send({ type: "live", action: "listen", channel: null }); changed(); },
    mute: () => { isMuted = !isMuted; tune(); changed(); },
    setLoudness: (value) => { loudness = value; isMuted = false; tune(); changed(); },
    setFullScale: (value) => { fullScale = value; tune(); },
    play: (samples, rate, start_s) => {
      endStretch();
      open(rate);
      if (context.state === "suspended") context.resume();
      const began = context.currentTime + 0.02;
      stretch = { source: node(samples, rate, began), start_s, end_s: start_s + samples.length / rate, began };
      stretch.source.onended = () => { stretch = null; queue.begin(); changed(); };
      changed();
    },
    stopPlaying: endStretch,
    isPlaying: () => stretch !== null,
    isOn: () => channel !== null,
    isMuted: () => isMuted,
    loudness: () => loudness,
    gain,
    timings,
    latency_ms: () => (timings.length ? Object.values(timings.at(-1)).reduce((a, b) => a + b) : null),
    graph: () => ({ context, volume }),
    close: () => { channel = null; endStretch(); if (context) context.close(); context = null; },
  };
}
