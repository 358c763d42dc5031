/* The loudspeaker: plays a stretch at its true rate; full scale is four divisions, as a gain knob would have it. */

export const FULL_SCALE_DIVISIONS = 4;

/** Put samples into a WebAudio graph: buffer at its own rate, gain, output. Works with an OfflineAudioContext too. */
export function connectSound(context, samples, rate, gain) {
  const buffer = context.createBuffer(1, samples.length, rate);
  buffer.copyToChannel(samples, 0);
  const source = context.createBufferSource();
  const volume = context.createGain();
  source.buffer = buffer;
  volume.gain.value = gain;
  source.connect(volume);
  volume.connect(context.destination);
  return { source, volume };
}

/** One loudspeaker of one view. */
export function makeAudio(app) {
  let context = null;
  let playing = null;
  let wanted = 0;
  let loudness = 0.6;
  let isMuted = false;
  let last = null;

  const gainFor = (channel) => (isMuted ? 0 : loudness / (FULL_SCALE_DIVISIONS * app.sens[channel]));

  function stop() {
    wanted += 1;
    if (playing) {
      playing.source.onended = null;
      try { playing.source.stop(); } catch { /* it had ended by itself */ }
      playing = null;
    }
    app.changed("sound");
  }

  function ask(start, end) {
    if (playing) { stop(); return; }
    wanted += 1;
    context = context || new AudioContext();
    if (context.state === "suspended") context.resume();
    app.send({ type: "sound", id: wanted, channel: app.channel, start_s: start, end_s: end });
  }

  function receive(head, buffers) {
    if (head.view !== app.id || head.id !== wanted) return;
    const view = buffers[0];
    const samples = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    last = { head, samples };
    const node = connectSound(context, samples, head.rate_hz, gainFor(head.channel));
    playing = { ...node, start: head.start_s, end: head.end_s, channel: head.channel, began: context.currentTime };
    node.source.onended = () => { playing = null; app.changed("sound"); };
    node.source.start();
    app.changed("sound");
  }

  function retune() {
    if (playing) playing.volume.gain.value = gainFor(playing.channel);
  }

  return {
    ask, stop, receive, retune,
    now: () => (playing ? Math.min(playing.start + context.currentTime - playing.began, playing.end) : null),
    isPlaying: () => playing !== null,
    isMuted: () => isMuted,
    loudness: () => loudness,
    setLoudness: (value) => { loudness = value; isMuted = false; retune(); app.changed("sound"); },
    mute: () => { isMuted = !isMuted; retune(); app.changed("sound"); },
    last: () => last,
    gain: () => (playing ? playing.volume.gain.value : gainFor(app.channel)),
    close: () => { stop(); if (context) context.close(); },
  };
}
