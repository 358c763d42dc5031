/* One sweep as a line, negative up; no state. */

/** Draw samples of a sweep. xOf takes ms after the stimulus, yOf takes microvolts (negative goes up on the screen). */
export function drawSweep(context, sweep, xOf, yOf, colour, width, from = -Infinity, to = Infinity) {
  if (!sweep) return;
  const step = 1000 / sweep.rate_hz;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.beginPath();
  let isDown = false;
  for (let i = 0; i < sweep.n; i += 1) {
    const ms = sweep.start_ms + i * step;
    if (ms < from || ms > to) continue;
    const [x, y] = [xOf(ms), yOf(sweep.samples[i])];
    if (isDown) context.lineTo(x, y); else context.moveTo(x, y);
    isDown = true;
  }
  context.stroke();
}

/** Microvolts at a time, between samples. */
export function valueAt(sweep, ms) {
  if (!sweep) return null;
  const place = ((ms - sweep.start_ms) * sweep.rate_hz) / 1000;
  const i = Math.floor(place);
  if (i < 0 || i + 1 >= sweep.n) return null;
  return sweep.samples[i] + (sweep.samples[i + 1] - sweep.samples[i]) * (place - i);
}
