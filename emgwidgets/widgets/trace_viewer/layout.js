/* Which channels or sweeps are drawn and where their lanes lie; pure functions, no drawing. */
import { packRows } from "./state.js";

export const GUTTER = 76;
export const RIGHT = 8;
export const HEAD = 22;
export const MARK_ROW = 22;
export const COMPACT = 40; // css pixels; lanes lower than this have one line of text and may run into one another
export const MOST_AT_ONCE = 64;
const FIRST_AT_ONCE = 32;
const RASTER_AT_ONCE = 20;
const MOST_SUPERIMPOSED = 120;

/** Channels or sweeps that are not hidden. */
export function shown(app) {
  const hidden = new Set(app.hidden);
  return app.info.channels.map((_, i) => i).filter((i) => !hidden.has(i));
}

/** Whether sweeps of one place are drawn over one another. */
export function isSuperimposed(app) {
  return Boolean(app.info.sweeps) && !app.isRaster;
}

/** Lanes a page holds before the reader says otherwise. */
export function firstAtOnce(info) {
  return info.sweeps ? RASTER_AT_ONCE : FIRST_AT_ONCE;
}

/** The page of channels that holds the selected one: { items, first, count, n }. */
export function page(app) {
  const all = shown(app);
  const count = Math.min(app.atOnce, all.length);
  const at = Math.max(all.indexOf(app.channel), 0);
  let first = Math.min(app.first, all.length - count);
  if (at < first) first = at;
  if (at >= first + count) first = at - count + 1;
  app.first = Math.max(first, 0);
  return { items: all.slice(app.first, app.first + count), first: app.first, count, n: all.length };
}

/** Members of a group that are drawn: all that are shown, or evenly chosen ones and the selected. */
function drawnMembers(app, group) {
  const hidden = new Set(app.hidden);
  const members = group.members.filter((i) => !hidden.has(i));
  if (members.length <= MOST_SUPERIMPOSED) return members;
  const step = members.length / MOST_SUPERIMPOSED;
  const chosen = Array.from({ length: MOST_SUPERIMPOSED }, (_, k) => members[Math.floor(k * step)]);
  return chosen.includes(app.channel) || !members.includes(app.channel) ? chosen : [...chosen, app.channel];
}

/** Lanes as { index, members, isSelected }. */
export function lanesOf(app) {
  if (!isSuperimposed(app)) return page(app).items.map((index) => ({ index, members: [index], isSelected: index === app.channel }));
  return app.info.sweeps.groups.map((group) => {
    const members = drawnMembers(app, group);
    const isSelected = group.members.includes(app.channel);
    return { index: isSelected ? app.channel : members[0], members, isSelected, total: group.members.length };
  }).filter((lane) => lane.members.length);
}

/** Channels whose columns are needed. */
export function visibleChannels(app) {
  return lanesOf(app).flatMap((lane) => lane.members);
}

function sizes(app, n) {
  if (isSuperimposed(app)) return { main: [10, n > 1 ? 24 : 30], other: [4, 15], gap: 8 };
  if (app.info.sweeps) { const height = Math.max(18, Math.min(40, Math.floor(640 / n))); return { main: [1, height], other: [1, height], gap: 0 }; }
  if (n === 1) return { main: [10, 32], other: [4, 15], gap: 8 };
  if (n <= 4) return { main: [10, 28], other: [4, 15], gap: 8 };
  if (n <= 7) return { main: [10, 22], other: [4, 15], gap: 8 };
  if (n <= 12) return { main: [8, 22], other: [4, 9], gap: 2 };
  if (n <= 20) return { main: [6, 22], other: [4, 6.5], gap: 1 };
  return { main: [6, 20], other: [4, n > 40 ? 3 : 4.5], gap: 1 };
}

/** Places of lanes for a width. */
export function layout(app, width) {
  const found = lanesOf(app);
  const { main, other, gap } = sizes(app, found.length);
  let y = HEAD;
  const lanes = found.map((lane) => {
    const [n, division] = lane.isSelected ? main : other;
    const placed = { ...lane, y, n, division, height: n * division };
    y += placed.height + gap;
    return placed;
  });
  const bars = app.marks.items.filter((mark) => mark.end_s > mark.start_s && mark.end_s >= app.win.start && mark.start_s <= app.end());
  const packed = packRows(bars, 3, 0);
  const rows = Math.max(1, packed.placed.reduce((most, place) => Math.max(most, place.row + 1), 0));
  const marksY = y + (gap < 8 ? 8 : 0);
  const qualityY = marksY + rows * MARK_ROW;
  const axisY = qualityY + MARK_ROW + 2;
  return { width, left: GUTTER, right: width - RIGHT, lanes, bottom: y - gap, marksY, rows, packed, qualityY, axisY, height: axisY + 20 };
}

/** Colour of a channel: at most four hues; sweeps of one place share one. */
export function hue(app, index) {
  const number = app.info.sweeps ? app.info.sweeps.items[index].group : index;
  return [app.colours.t1, app.colours.t3, app.colours.t4, app.colours.ok][number % 4];
}

/** Names for the narrow gutter: what long names share at their begin is left out, as far as a word's end. */
export function shortNames(names) {
  if (names.length < 2 || names.every((name) => name.length <= 11)) return names;
  let n = 0;
  while (names.every((name) => n < name.length && name[n] === names[0][n])) n += 1;
  while (n > 0 && !" ,.:/_-".includes(names[0][n - 1])) n -= 1;
  return names.map((name) => name.slice(n) || name);
}
