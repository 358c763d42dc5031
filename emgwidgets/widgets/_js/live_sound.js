/* The live loudspeaker: plays the channel that live/feed.py sends at its true rate, each chunk at its exact place.

   const sound = makeLiveSound({ send, changed });     send(content): model.send with the view's id; changed(): redraw controls
   store and sound take the same message:              if (content.type === "live") { store.receive(...); sound.receive(content, buffers); }
   sound.listen(channel, fullScale)                    start, in answer to a key or click; fullScale in the channel's unit
   sound.silence()                                     stop and tell the kernel;  sound.mute(), sound.setLoudness(0..1), sound.setFullScale(value)
   sound.heard()                                       time (s, as in the feed) that leaves the loudspeaker now; null when there is none:
                                                       give it to the sweep as look().front_s, so that the line is the loudspeaker
   sound.play(samples, rate, start_s)                  a stretch of history (Float32Array); sound.heard() then runs through it
   The clock is the AudioContext's. Of the last seconds the chunk that came latest keeps a small lead: a chunk that
   comes too late (sound.counts.late) moves the sound back, leads that are all long move it forward (sound.counts.nearer).
   sound.counts, sound.latency_ms() (from the sample to the loudspeaker, kernel and browser on one computer) and
   sound.graph() are for tests. */

const FIRST_LEAD_S = 0.02;
const SPARE_S = 0.006; // lead of the latest chunk, beside what the browser renders at once
const SLACK_S = 0.01; // leads longer than the spare by this are shortened
const STALL_S = 0.06; // ... by this, at once
const SEEN = 500; // chunks looked at: some five seconds; fewer would shorten to what the next second cannot keep
const SEEN_SOON = 64;
const JUMP_S = 0.5; // the stream itself jumped: begin anew

/** One loudspeaker of one view. */
export function makeLiveSound({ send, changed }) {
  let context = null;
  let volume = null;
  let channel = null;
  let loudness = 0.6;
  let isMuted = false;
  let fullScale = 200;
  let offset = null; // context time of stream time 0
  let leads = [];
  let planned = []; // what the loudspeaker was given, and when it plays it
  let stretch = null;
  let lastEnd = null;
  const counts = { chunks: 0, late: 0, nearer: 0, jumps: 0, latencies_ms: [] };

  const gain = () => (isMuted ? 0 : loudness / fullScale);
  const tune = () => { if (volume) volume.gain.value = gain(); };

  function open(rate) {
    if (context && context.sampleRate === rate) return;
    if (context) context.close();
    context = new AudioContext({ sampleRate: rate, latencyHint: 0 }); // its own rate: chunks join without a seam; 0: the smallest buffer there is
    volume = context.createGain();
    volume.connect(context.destination);
    offset = null;
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
    open(head.rate_hz);
    if (context.state === "suspended") { context.resume(); offset = null; return; }
    const end_s = head.start_s + head.n / head.rate_hz;
    const now = context.currentTime;
    if (lastEnd !== null && Math.abs(head.start_s - lastEnd) > JUMP_S) { offset = null; cutAt(now); counts.jumps += 1; }
    lastEnd = end_s;
    if (offset === null) { offset = now + FIRST_LEAD_S + spare_s() - head.start_s; leads = []; }
    let lead = head.start_s + offset - now;
    if (lead < (context.baseLatency || 0) / 2) { // it may be rendered already
      counts.late += 1; offset += spare_s() + SLACK_S - lead; lead = spare_s() + SLACK_S; leads = []; }
    leads.push(lead);
    const soon = leads.length % SEEN_SOON === 0 ? Math.min(...leads.slice(-SEEN_SOON)) - spare_s() : 0;
    const spare = leads.length >= SEEN ? Math.min(...leads) - spare_s() : 0;
    const shift = soon > STALL_S ? soon - STALL_S / 2 : spare > SLACK_S ? spare / 2 : 0; // after a hold-up at once, else little by little
    if (shift) { offset -= shift; counts.nearer += 1; cutAt(head.start_s + offset); }
    if (shift || leads.length >= SEEN) leads = [];
    const when = Math.max(head.start_s + offset, now);
    planned.push({ when, start_s: head.start_s, length_s: head.n / head.rate_hz, source: node(samples, head.rate_hz, when) });
    if (planned.length > 400) planned.splice(0, 200);
    counts.chunks += 1;
    noteLatency(content, head.n / head.rate_hz, head.start_s + offset - now);
  }

  /* what would still play then is left out: else it would be heard together with what follows */
  function cutAt(when) {
    for (const one of planned) if (one.when + one.length_s > when) { try { one.source.stop(Math.max(when, 0)); } catch { /* it had ended by itself */ } }
    planned = planned.filter((one) => one.when < when).map((one) => ({ ...one, length_s: Math.min(one.length_s, when - one.when) }));
  }

  /* every sample is heard so long after it was taken */
  function noteLatency(content, length_s, lead) {
    counts.latencies_ms.push(content.age_ms + Date.now() - content.sent_ms + 1000 * (lead + length_s + outputDelay()));
    if (counts.latencies_ms.length > 4000) counts.latencies_ms.splice(0, 2000);
  }

  const spare_s = () => SPARE_S + (context.baseLatency || 0);
  const outputDelay = () => (context ? context.outputLatency || context.baseLatency || 0 : 0);

  function heard() {
    if (!context || context.state !== "running") return null;
    if (stretch) return Math.min(stretch.start_s + context.currentTime - outputDelay() - stretch.began, stretch.end_s);
    if (channel === null || isMuted) return null;
    const at = context.currentTime - outputDelay();
    for (let i = planned.length - 1; i >= 0; i -= 1) { const one = planned[i]; if (one.when <= at) return one.start_s + Math.min(at - one.when, one.length_s); }
    return null;
  }

  function endStretch() {
    if (!stretch) return;
    stretch.source.onended = null;
    try { stretch.source.stop(); } catch { /* it had ended by itself */ }
    stretch = null;
    offset = null;
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
      offset = null;
      leads = [];
      if (!context) open(48000);
      if (context.state === "suspended") context.resume();
      send({ type: "live", action: "listen", channel: index });
      tune();
      changed();
    },
    silence: () => { if (context) cutAt(context.currentTime); channel = null; offset = null; send({ type: "live", action: "listen", channel: null }); changed(); },
    mute: () => { isMuted = !isMuted; tune(); changed(); },
    setLoudness: (value) => { loudness = value; isMuted = false; tune(); changed(); },
    setFullScale: (value) => { fullScale = value; tune(); },
    play: (samples, rate, start_s) => {
      endStretch();
      open(rate);
      if (context.state === "suspended") context.resume();
      const began = context.currentTime + 0.02;
      stretch = { source: node(samples, rate, began), start_s, end_s: start_s + samples.length / rate, began };
      stretch.source.onended = () => { stretch = null; offset = null; changed(); };
      changed();
    },
    stopPlaying: endStretch,
    isPlaying: () => stretch !== null,
    isOn: () => channel !== null,
    isMuted: () => isMuted,
    loudness: () => loudness,
    gain,
    latency_ms: () => counts.latencies_ms.at(-1) ?? null,
    graph: () => ({ context, volume, offset }),
    close: () => { channel = null; endStretch(); if (context) context.close(); context = null; },
  };
}
