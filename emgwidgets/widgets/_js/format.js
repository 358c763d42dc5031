/* Numbers to words and back, and the 1-2-5 steps of knobs; no drawing. */

const PREFIXED = /^(m|\u00b5|u|k)?(.*)$/;

/** Neighbour of a value on the 1-2-5 scale. */
export function step125(value, direction) {
  const power = Math.floor(Math.log10(value) + 1e-9);
  const scale = [];
  for (let p = power - 1; p <= power + 1; p += 1) for (const step of [1, 2, 5]) scale.push(step * 10 ** p);
  const next = direction > 0 ? scale.find((step) => step > value * 1.001) : scale.reverse().find((step) => step < value * 0.999);
  return Number(next.toPrecision(6));
}

/** At most so many significant digits, without trailing noughts, with a true minus sign. */
export function plain(value, digits = 4) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const text = String(Number(value.toPrecision(digits)));
  return text.replace("-", "\u2212");
}

/** A fixed number of decimals with a true minus sign. */
export function fixed(value, decimals) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "\u2013";
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? (0).toFixed(decimals) : text).replace("-", "\u2212");
}

/** A time base in words: 100 ms/div. */
export function timeBase(seconds) {
  return seconds >= 1 ? `${plain(seconds)} s/div` : `${plain(seconds * 1000)} ms/div`;
}

/** A size with its unit; microvolts become millivolts or volts when large. */
export function size(value, unit, digits = 4) {
  if (unit === "\u00b5V" && Math.abs(value) >= 1e6) return `${plain(value / 1e6, digits)} V`;
  if (unit === "\u00b5V" && Math.abs(value) >= 1000) return `${plain(value / 1000, digits)} mV`;
  return `${plain(value, digits)} ${unit}`;
}

/** A rate in words: 48 kHz. */
export function rate(hz) {
  return hz >= 1000 ? `${plain(hz / 1000)} kHz` : `${plain(hz)} Hz`;
}

/** A length of time in the unit that suits it. */
export function duration(seconds) {
  const size_s = Math.abs(seconds);
  if (size_s < 1) return `${fixed(seconds * 1000, size_s < 0.1 ? 2 : 1)} ms`;
  if (size_s < 120) return `${fixed(seconds, size_s < 10 ? 3 : 1)} s`;
  return clock(seconds);
}

/** Hours, minutes and seconds: 1:02:03. */
export function clock(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = parts.slice(1).map((part) => String(part).padStart(2, "0"));
  return (seconds < 0 ? "\u2212" : "") + (parts[0] ? [parts[0], ...tail].join(":") : `${parts[1]}:${tail[1]}`);
}

/** Decimals that tell neighbouring ticks apart. */
export function decimalsFor(step) {
  return Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
}

/** A round step of about so many parts. */
export function niceStep(span, parts) {
  const raw = span / parts;
  const power = 10 ** Math.floor(Math.log10(raw));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= raw * 0.999);
}

/** Read "50 ms", "0.2 s", "100 uV", "1 mV" or a bare number in the base unit; null when it is none. */
export function parseSize(text, unit, bare) {
  const match = /^\s*([0-9.,]+(?:e[-+]?\d+)?)\s*([^\s/]*)/i.exec(text);
  if (!match) return null;
  const number = Number(match[1].replace(",", "."));
  if (!(number > 0)) return null;
  const word = match[2].replace("\u03bc", "\u00b5");
  if (!word) return number * bare;
  if (word === unit) return number;
  const given = PREFIXED.exec(word);
  const base = PREFIXED.exec(unit);
  const factors = { m: 1e-3, "\u00b5": 1e-6, u: 1e-6, k: 1e3 };
  if (given && base && given[1] && given[2] === (base[2] || unit)) return (number * factors[given[1]]) / (factors[base[1]] || 1);
  if (base && base[1] && word === base[2]) return number / factors[base[1]];
  return null;
}
