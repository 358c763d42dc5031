/* Canvas helpers shared by all plots: sharp pixels, colours of the theme, hatching, letters in flags. */

const NAMES = ["bg", "panel", "well", "line", "line2", "ink", "ink2", "ink3", "grid", "grid2", "t1", "t2", "t3", "t4", "raw", "band", "ok", "ab", "abw", "sup", "supw", "warn", "warnw", "focus"];

/** Colours in force on an element. */
export function themeColours(element) {
  const style = getComputedStyle(element);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  colours.font = style.fontFamily;
  return colours;
}

/** Fit a canvas to its css size; returns the context in css pixels. */
export function fitCanvas(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, hh] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== hh) {
    canvas.width = w;
    canvas.height = hh;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Text in one call. */
export function write(context, text, x, y, { colour, align = "left", size = 11, weight = 400, font, base = "middle" }) {
  context.font = `${weight} ${size}px ${font}`;
  context.textAlign = align;
  context.textBaseline = base;
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

/** Text cut with an ellipsis to a width. */
export function cut(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let n = text.length;
  while (n > 1 && context.measureText(`${text.slice(0, n)}\u2026`).width > width) n -= 1;
  return n > 1 ? `${text.slice(0, n)}\u2026` : "";
}

/** A straight sharp line. */
export function rule(context, x0, y0, x1, y1, colour, width = 1) {
  const shift = width % 2 ? 0.5 : 0;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(x0 === x1 ? Math.round(x0) + shift : x0, y0 === y1 ? Math.round(y0) + shift : y0);
  context.lineTo(x0 === x1 ? Math.round(x1) + shift : x1, y0 === y1 ? Math.round(y1) + shift : y1);
  context.stroke();
}

/** Diagonal hatching of a rectangle. */
export function hatch(context, x, y, width, height, colour, spacing = 8, alpha = 1) {
  if (width <= 0 || height <= 0) return;
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  const first = Math.floor((x - height) / spacing) * spacing;
  for (let at = first; at < x + width; at += spacing) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

/** A letter in a flag, filled when placed by a reader. */
export function flag(context, letter, x, y, colour, ground, font, filled = true) {
  context.fillStyle = filled ? colour : ground;
  context.fillRect(x - 8, y, 16, 16);
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.strokeRect(x - 7.5, y + 0.5, 15, 15);
  write(context, letter, x, y + 8.5, { colour: filled ? ground : colour, align: "center", size: 11, weight: 600, font });
}
