/* Columns as they come from the kernel: unpacking and drawing; the numbers are pixel-mapped and never measured. */

const NOT_A_NUMBER = -32768;

/** Unpack one channel's head { pieces, scale, offset, buffer } with its DataView. */
export function unpack(head, buffers) {
  if (!head) return null;
  const view = buffers[head.buffer];
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength); // a DataView need not be aligned
  const numbers = new Int16Array(bytes);
  let at = 0;
  const pieces = head.pieces.map(([start, step, n, isSamples]) => {
    const lo = numbers.subarray(at, at + n);
    const hi = isSamples ? lo : numbers.subarray(at + n, at + 2 * n);
    at += isSamples ? n : 2 * n;
    return { start, step, n, isSamples: Boolean(isSamples), lo, hi, end: start + step * n };
  });
  return { pieces, scale: head.scale, offset: head.offset, bytes: bytes.byteLength };
}

/** Draw columns of [from, to] seconds. xOf: seconds to pixel; yOf: value to pixel. Samples far apart get dots unless told
 * otherwise; isLow draws the columns of a low lane as one line. Returns the number of columns drawn. */
export function drawColumns(context, columns, xOf, yOf, from, to, colour, width, hasDots = true, isLow = false) {
  if (!columns) return 0;
  const { scale, offset } = columns;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  let drawn = 0;
  for (const piece of columns.pieces) {
    if (piece.end < from || piece.start > to) continue;
    const first = Math.max(0, Math.floor((from - piece.start) / piece.step) - 1);
    const last = Math.min(piece.n, Math.ceil((to - piece.start) / piece.step) + 1);
    drawn += piece.isSamples
      ? drawSamples(context, piece, first, last, scale, offset, xOf, yOf, hasDots)
      : (isLow ? drawZigzag : drawExtremes)(context, piece, first, last, scale, offset, xOf, yOf, width);
  }
  return drawn;
}

function drawSamples(context, piece, first, last, scale, offset, xOf, yOf, hasDots) {
  const dots = hasDots && (xOf(piece.start + piece.step) - xOf(piece.start)) > 6;
  let isDown = false;
  context.beginPath();
  for (let i = first; i < last; i += 1) {
    const number = piece.lo[i];
    if (number === NOT_A_NUMBER) { isDown = false; continue; }
    const x = xOf(piece.start + piece.step * i);
    const y = yOf(number * scale + offset);
    if (isDown) context.lineTo(x, y); else context.moveTo(x, y);
    isDown = true;
  }
  context.stroke();
  if (dots) {
    for (let i = first; i < last; i += 1) {
      if (piece.lo[i] === NOT_A_NUMBER) continue;
      context.fillRect(xOf(piece.start + piece.step * i) - 1.25, yOf(piece.lo[i] * scale + offset) - 1.25, 2.5, 2.5);
    }
  }
  return last - first;
}

/* where columns are a few pixels high, one line through their ends is five times as fast as a bar for each */
function drawZigzag(context, piece, first, last, scale, offset, xOf, yOf) {
  const x0 = xOf(piece.start + piece.step * first);
  const dx = xOf(piece.start + piece.step) - xOf(piece.start);
  let isDown = false;
  context.beginPath();
  for (let i = first; i < last; i += 1) {
    if (piece.lo[i] === NOT_A_NUMBER) { isDown = false; continue; }
    const x = Math.floor(x0 + dx * (i - first)) + 0.5;
    const [a, b] = [yOf(piece.lo[i] * scale + offset), yOf(piece.hi[i] * scale + offset)];
    if (isDown) context.lineTo(x, a); else context.moveTo(x, a);
    context.lineTo(x, b);
    isDown = true;
  }
  context.stroke();
  return last - first;
}

function drawExtremes(context, piece, first, last, scale, offset, xOf, yOf, width) {
  // one bar a column (much faster than one outline); breaks where there is no number
  const half = width / 2;
  const sharp = window.devicePixelRatio || 1;
  let i = first;
  while (i < last) {
    while (i < last && piece.lo[i] === NOT_A_NUMBER) i += 1;
    let until = i;
    while (until < last && piece.lo[until] !== NOT_A_NUMBER) until += 1;
    if (until > i) {
      const x0 = xOf(piece.start + piece.step * i);
      const dx = xOf(piece.start + piece.step) - xOf(piece.start);
      for (let k = i; k < until; k += 1) {
        const x = x0 + dx * (k - i);
        const a = yOf(piece.lo[k] * scale + offset);
        const b = yOf(piece.hi[k] * scale + offset);
        const top = Math.min(a, b) - half;
        const base = Math.max(a, b) + half;
        const left = Math.round(x * sharp) / sharp; // on whole device pixels, else neighbours differ in darkness
        context.fillRect(left, top, Math.max(Math.round((x + dx) * sharp) / sharp - left, 1 / sharp), Math.max(base - top, width));
      }
      joinColumns(context, piece, i, until, x0, dx, scale, offset, yOf);
    }
    i = until;
  }
  return last - first;
}

function joinColumns(context, piece, from, until, x0, dx, scale, offset, yOf) {
  // neighbours whose ranges do not touch are joined, so that a steep line is not torn
  context.beginPath();
  for (let k = from + 1; k < until; k += 1) {
    let level = null;
    if (piece.lo[k] > piece.hi[k - 1]) level = [piece.hi[k - 1], piece.lo[k]];
    else if (piece.hi[k] < piece.lo[k - 1]) level = [piece.lo[k - 1], piece.hi[k]];
    if (!level) continue;
    context.moveTo(x0 + dx * (k - from - 0.5), yOf(level[0] * scale + offset));
    context.lineTo(x0 + dx * (k - from + 0.5), yOf(level[1] * scale + offset));
  }
  context.stroke();
}
