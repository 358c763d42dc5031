/* What window is seen and how gestures move it; pure functions, no drawing, no kernel. */
import { step125 } from "../_js/format.js";

export const SHORTEST_S = 0.00005; // a division; below it there is nothing between samples
export const WIDEST_DIVISION = 110; // css pixels

/** Divisions across a plot: ten, or more when they would be wider than 110 px. */
export function divisions(width) {
  return width > 10 * WIDEST_DIVISION ? Math.floor(width / 80) : 10;
}

/** Keep a window within the recording, or around it when the recording is shorter. */
export function clampStart(start, length, from, to) {
  if (length >= to - from) return from;
  return Math.min(Math.max(start, from), to - length);
}

/** Next time base, bounded so that the last step shows the whole recording. */
export function nextTimeBase(perDivision, direction, n, from, to) {
  const next = step125(perDivision, direction);
  if (direction > 0 && perDivision * n >= to - from) return perDivision;
  return Math.max(next, SHORTEST_S);
}

/** Window after the time base changed while one moment stays where it is. */
export function zoomAround(state, perDivision, moment, from, to) {
  const length = perDivision * state.n;
  const share = (moment - state.start) / (state.perDivision * state.n);
  return { ...state, perDivision, start: clampStart(moment - share * length, length, from, to) };
}

/** Stretch between both cursors, or what is seen. */
export function selected(app) {
  const [a, b] = app.cursors;
  if (a !== null && b !== null && a !== b) return [Math.min(a, b), Math.max(a, b)];
  return [app.win.start, app.end()];
}

/** The next item after a moment by start, going round at the end. */
export function nextItem(items, current, moment, direction) {
  if (!items.length) return null;
  const at = items.findIndex((item) => item === current);
  if (at >= 0) return items[(at + direction + items.length) % items.length];
  if (direction > 0) return items.find((item) => item.start_s > moment) || items[0];
  return [...items].reverse().find((item) => item.start_s < moment) || items[items.length - 1];
}

/** Rows for bars that overlap: each item gets the first free row of at most so many; the rest is counted. */
export function packRows(items, rows, gap) {
  const ends = Array(rows).fill(-Infinity);
  const placed = [];
  let left = 0;
  for (const item of items) {
    const row = ends.findIndex((end) => end + gap <= item.start_s);
    if (row < 0) { left += 1; continue; }
    ends[row] = item.end_s;
    placed.push({ item, row });
  }
  return { placed, left };
}

/** Stretches of a window that an answered window does not cover. */
export function uncovered(from, to, answer) {
  if (!answer) return [[from, to]];
  const rest = [];
  if (answer.start > from) rest.push([from, Math.min(answer.start, to)]);
  if (answer.end < to) rest.push([Math.max(answer.end, from), to]);
  return rest;
}
