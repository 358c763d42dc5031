/* The live loudspeaker: plays the channel that live/feed.py sends at its true rate, each chunk at its exact place.

   const sound = makeLiveSound({ send, changed });     send(content): model.send with the view's id; changed(): redraw controls
   store and sound take the same message:              if (content.type === "live") { store.receive(...); sound.receive(content, buffers); }
   sound.listen(channel, fullScale)                    start, in answer to a key or click; fullScale in the channel's unit
   sound.silence()                                     stop and tell the kernel;  sound.mute(), sound.setLoudness(0..1), sound.setFullScale(value)
   sound.heard()                                       time (s, as in the feed) that leaves the loudspeaker now; null when there is none:
                                                       give it to the sweep as look().front_s, so that the line is the loudspeaker
   sound.play(samples, rate, start_s)                  a stretch of history (Float32Array); sound.heard() then runs through it
   The clock is the AudioContext's. The margin between arrival and playing follows the jitter of arrival; a chunk that
   comes too late is counted in sound.counts.late and the margin grows. sound.counts, sound.graph() are for tests. */

const SHORTEST_MARGIN_S = 0.012;
const LONGEST_MARGIN_S = 0.3;
const SPARE_S = 0.004; // beside the jitter seen
const SEEN = 200; // arrivals whose jitter counts: some 3 s
const SLACK_S = 0.06; // more than the margin by this: the device's clock is ahead, skip
const STEP_S = 0.008;

/** One loudspeaker of one view. */
export function makeLiveSound({ send, changed }) {
  let context = null;
  let volume = null;
  let channel = null;
  let loudness = 0.6;
  let isMuted = false;
  let fullScale = 200;
  let offset = null; // context time of stream time 0
  let margin = 0.025;
  let lateness = [];
  let stretch = null;
  let lastEnd = null;
  const counts = { chunks: 0, late: 0, resyncs: 0, leads: [] };

  const gain = () => (isMuted ? 0 : loudness / fullScale);
  const tune = () => { if (volume) volume.gain.value = gain(); };

  function open(rate) {
    if (context && context.sampleRate === rate) return;
    if (context) context.close();
    context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" }); // its own rate: chunks join without a seam
    volume = context.createGain();
    volume.connect(context.destination);
    offset = null;
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

  /* jitter: how much later than the promptest a chunk comes, by its own time */
  function marginFor(end_s) {
    lateness.push(performance.now() / 1000 - end_s);
    if (lateness.length > SEEN) lateness.shift();
    const sorted = [...lateness].sort((a, b) => a - b);
    const jitter = sorted[Math.floor(0.98 * (sorted.length - 1))] - sorted[0];
    return Math.min(Math.max(jitter + SPARE_S, SHORTEST_MARGIN_S), LONGEST_MARGIN_S);
  }

  function receive(content, buffers) {
    const head = content.sound;
    if (!head || channel === null || head.channel !== channel || stretch) return;
    const view = buffers[head.buffer];
    const samples = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    open(head.rate_hz);
    if (context.state === "suspended") { context.resume(); offset = null; return; }
    const end_s = head.start_s + head.n / head.rate_hz;
    const wanted = marginFor(end_s);
    margin += Math.max(Math.min(wanted - margin, 0.002), -0.00005); // up at once, down slowly
    const now = context.currentTime;
    if (lastEnd !== null && Math.abs(head.start_s - lastEnd) > 0.5) offset = null; // the stream jumped
    lastEnd = end_s;
    if (offset === null) { offset = now + margin - head.start_s; counts.resyncs += 1; }
    let lead = head.start_s + offset - now;
    if (lead < 0) { counts.late += 1; margin = Math.min(margin + STEP_S, LONGEST_MARGIN_S); offset += margin - lead; lead = margin; }
    else if (lead > margin + SLACK_S) { counts.resyncs += 1; offset -= lead - margin; lead = margin; }
    node(samples, head.rate_hz, head.start_s + offset);
    counts.chunks += 1;
    counts.leads.push(lead);
    if (counts.leads.length > 2000) counts.leads.splice(0, 1000);
  }

  const outputDelay = () => (context ? context.outputLatency || context.baseLatency || 0 : 0);

  function heard() {
    if (!context || context.state !== "running") return null;
    if (stretch) return Math.min(stretch.start_s + context.currentTime - outputDelay() - stretch.began, stretch.end_s);
    if (channel === null || offset === null || isMuted) return null;
    return context.currentTime - outputDelay() - offset;
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
      channel = index;
      offset = null;
      lateness = [];
      if (!context) open(48000);
      if (context.state === "suspended") context.resume();
      send({ type: "live", action: "listen", channel: index });
      tune();
      changed();
    },
    silence: () => { channel = null; offset = null; send({ type: "live", action: "listen", channel: null }); changed(); },
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
    margin_s: () => margin,
    latency_s: () => margin + outputDelay(),
    graph: () => ({ context, volume, offset }),
    close: () => { channel = null; endStretch(); if (context) context.close(); context = null; },
  };
}
