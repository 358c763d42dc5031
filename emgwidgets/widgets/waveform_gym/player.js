/* The loudspeaker of the gym: plays a clip on the audio clock; what is heard and where the line stands are one time. */

/** changed(): called when playing starts or stops. */
export function makePlayer(changed) {
  let context = null;
  let volume = null;
  let playing = null;
  let loudness = 0.6;
  let isMuted = false;

  function tune() { if (volume) volume.gain.value = isMuted ? 0 : loudness; }
  function open() {
    context = context || new AudioContext();
    if (!volume) { volume = context.createGain(); volume.connect(context.destination); tune(); }
    if (context.state === "suspended") context.resume();
  }
  function stop() {
    if (!playing) return;
    playing.source.onended = null;
    try { playing.source.stop(); } catch { /* it had ended by itself */ }
    playing = null;
    changed();
  }
  /** clip: { sound: Int16Array, sound_rate_hz }; from start_s on, at speed 1 or slower. */
  function play(clip, start_s, speed) {
    stop();
    open();
    const samples = Float32Array.from(clip.sound, (value) => value / 32768);
    const buffer = context.createBuffer(1, samples.length, clip.sound_rate_hz);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.playbackRate.value = speed;
    source.connect(volume);
    source.onended = () => { playing = null; changed(); };
    source.start(0, start_s);
    // What leaves the loudspeaker now was handed to it a little earlier.
    const late = context.outputLatency || context.baseLatency || 0;
    playing = { source, start_s, speed, began: context.currentTime + late, end_s: samples.length / clip.sound_rate_hz, samples, rate_hz: clip.sound_rate_hz };
    changed();
  }
  return {
    play, stop,
    now: () => (playing ? Math.min(playing.start_s + Math.max(context.currentTime - playing.began, 0) * playing.speed, playing.end_s) : null),
    isPlaying: () => playing !== null,
    isMuted: () => isMuted,
    loudness: () => loudness,
    setLoudness: (value) => { loudness = value; isMuted = false; tune(); },
    mute: () => { isMuted = !isMuted; tune(); changed(); },
    playing: () => playing,
    close: () => { stop(); if (context) context.close(); },
  };
}
