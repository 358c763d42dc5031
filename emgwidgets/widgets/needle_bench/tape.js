/* Samples by stretch and block, asked for when needed; what is drawn and what is heard is read from here, and only from here. */

const MOST_BLOCKS = 600; // half a second each at 48 kHz is 96 kB

/** The store; send(content) asks the kernel; onArrival() when blocks came. */
export function makeTape(app, onArrival) {
  const blocks = new Map(); // "stretch:block" -> Float32Array
  const asked = new Map(); // the same -> when
  let filters = "";
  const nBlock = (stretch) => Math.round(app.fixed.block_s * stretch.rate_hz);
  const nSamples = (stretch) => Math.round((stretch.end_s - stretch.start_s) * stretch.rate_hz);

  function want(stretch, first, last) {
    if (stretch.is_growing && last > nSamples(stretch) - nBlock(stretch)) last = nSamples(stretch) - nBlock(stretch); // what is newest is pushed
    if (last < first) return;
    const size = nBlock(stretch);
    const most = Math.ceil(nSamples(stretch) / size) - 1;
    const missing = [];
    for (let block = Math.max(Math.floor(first / size), 0); block <= Math.min(Math.floor(last / size), most); block += 1) {
      const key = `${stretch.number}:${block}`;
      if (blocks.has(key) || performance.now() - (asked.get(key) || -1e9) < 4000) continue;
      asked.set(key, performance.now());
      missing.push(block);
    }
    if (missing.length) app.send({ type: "blocks", stretch: stretch.number, blocks: missing });
  }

  function take(head, buffers) {
    const key = JSON.stringify(head.filters);
    if (key !== filters) { blocks.clear(); filters = key; }
    head.blocks.forEach((block, i) => {
      const view = buffers[i];
      const name = `${head.stretch}:${block}`;
      asked.delete(name);
      blocks.set(name, new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)));
    });
    while (blocks.size > MOST_BLOCKS) blocks.delete(blocks.keys().next().value);
    onArrival();
  }

  /* samples of a stretch that still grows, pushed by the kernel */
  function grow(head, content, buffers) {
    const view = buffers[0];
    const values = new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
    const size = nBlock(head);
    head.end_s = Math.max(head.end_s, head.start_s + (content.first + content.n) / head.rate_hz);
    for (let i = 0; i < values.length;) {
      const at = content.first + i;
      const number = Math.floor(at / size);
      const key = `${head.number}:${number}`;
      const from = at - number * size;
      const n = Math.min(size - from, values.length - i);
      const old = blocks.get(key);
      // what was held of the block and what comes now; a hole before it is left to be asked for
      if (from === 0 || (old && old.length >= from)) {
        const joined = new Float32Array(from + n);
        if (from) joined.set(old.subarray(0, from));
        joined.set(values.subarray(i, i + n), from);
        blocks.set(key, joined);
      }
      i += n;
    }
    onArrival();
  }

  /** One block as it came, or null. */
  const block = (stretch, number) => blocks.get(`${stretch.number}:${number}`) || null;

  /** Smallest and largest of samples [first, last); null where they are not here. */
  function range(stretch, first, last) {
    const size = nBlock(stretch);
    let [low, high, seen] = [Infinity, -Infinity, false];
    const end = Math.min(Math.max(last, first + 1), nSamples(stretch));
    for (let at = Math.max(first, 0); at < end;) {
      const number = Math.floor(at / size);
      const values = block(stretch, number);
      const until = Math.min((number + 1) * size, end);
      if (values) {
        for (let i = at - number * size; i < until - number * size && i < values.length; i += 1) {
          const value = values[i];
          if (value < low) low = value;
          if (value > high) high = value;
        }
        seen = true;
      }
      at = until;
    }
    return seen && low <= high ? [low, high] : null;
  }

  /** Samples [first, last) in one array; NaN where they are not here. */
  function samples(stretch, first, last) {
    const out = new Float32Array(Math.max(last - first, 0)).fill(NaN);
    const size = nBlock(stretch);
    for (let i = 0; i < out.length;) {
      const number = Math.floor((first + i) / size);
      const values = block(stretch, number);
      const from = first + i - number * size;
      const n = Math.min(size - from, out.length - i);
      if (values) out.set(values.subarray(from, Math.min(from + n, values.length)), i);
      i += n;
    }
    return out;
  }

  return { want, take, grow, block, range, samples, nBlock, nSamples, clear: () => { blocks.clear(); asked.clear(); } };
}
