/* Waves of units by key, asked for when needed, and how one is drawn; nothing is measured here. */

/** The store of waves. */
export function makeWaves(app, onArrival) {
  const held = new Map();
  const asked = new Set();
  let isWaiting = false;
  function get(key) {
    if (!held.has(key) && !asked.has(key)) {
      asked.add(key);
      if (!isWaiting) { isWaiting = true; setTimeout(() => { isWaiting = false; app.send({ type: "waves", keys: [...asked].filter((one) => !held.has(one)) }); }, 0); }
    }
    return held.get(key) || null;
  }
  function take(content, buffers) {
    content.keys.forEach((key, i) => {
      const view = buffers[i];
      held.set(key, new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)));
    });
    asked.clear();
    if (held.size > 400) for (const key of [...held.keys()].slice(0, 200)) held.delete(key);
    onArrival();
  }
  return { get, take };
}

/** The scale of the knob, or the next coarser one that shows every wave whole: one scale for all. */
export function fittingScale(waves, wanted, divisions, gains) {
  let peak = 0;
  for (const wave of waves) if (wave) for (const value of wave) { const size = Math.abs(value); if (size > peak) peak = size; }
  return gains.find((one) => one >= wanted * 0.999 && peak <= one * divisions) || gains[gains.length - 1];
}

/** Draw a wave of { start_ms, step_ms }; xOf: ms to pixel, yOf: microvolts to pixel. */
export function drawWave(c, wave, head, xOf, yOf, colour, width) {
  if (!wave || !wave.length) return;
  const perPixel = Math.max(Math.floor(1 / Math.abs(xOf(head.step_ms) - xOf(0)) / 2), 1);
  c.strokeStyle = colour;
  c.lineWidth = width;
  c.lineJoin = "round";
  c.beginPath();
  for (let i = 0; i < wave.length; i += perPixel) {
    const x = xOf(head.start_ms + i * head.step_ms);
    const y = yOf(wave[i]);
    if (i) c.lineTo(x, y); else c.moveTo(x, y);
  }
  c.stroke();
}
