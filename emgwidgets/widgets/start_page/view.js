// Draws the start page from plain data; no arithmetic on samples, nothing fetched.

const DOORS = [
  ["learn", "Learn", "resident: a question, no code",
   "Do a study with your own hands on a virtual patient: find the full stimulus, mark the response, hear the needle. You are told what you missed, and why."],
  ["explore", "Explore", "researcher: a folder of recordings",
   "Open a file or a folder, look at every sample without waiting, mark it, and leave with one table and the call that makes it again."],
  ["read", "Read a case", "physician: one difficult case",
   "Put the findings side by side: what supports each explanation, what argues against it, what was not tested, what would settle it."],
];

const RESPONSE = "M0,62 L70,62 L78,61 C95,56 108,14 128,14 C150,14 160,72 190,72 C215,72 230,62 330,62";
const NOISE = Array.from({ length: 83 }, (_, i) => {
  const x = i * 4, a = 4 + 26 * Math.abs(Math.sin(i * 1.7) * Math.sin(i * 0.31)) ;
  return `M${x},${46 - a}L${x},${46 + a * 0.8}`;
}).join("");

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

function svg(inner, label) {
  const box = document.createElement("div");
  box.innerHTML = `<svg class="pic" viewBox="0 0 330 92" preserveAspectRatio="none" role="img" aria-label="${label}">` +
    [33, 66, 99, 132, 165, 198, 231, 264, 297].map((x) => `<path d="M${x},0V92" stroke="var(--grid)" fill="none"/>`).join("") +
    [23, 46, 69].map((y) => `<path d="M0,${y}H330" stroke="var(--grid)" fill="none"/>`).join("") + inner + "</svg>";
  return box.firstChild;
}

const MARKS = [
  ["normal", '<circle cx="8" cy="8" r="6" fill="none" stroke="var(--ok)" stroke-width="1.5"/><text x="8" y="11" text-anchor="middle" font-size="8" fill="var(--ok)">N</text>'],
  ["supports", '<circle cx="8" cy="8" r="6.5" fill="var(--sup)"/><path d="M8,4.5V11.5M4.5,8H11.5" stroke="var(--bg)" stroke-width="1.6"/>'],
  ["abnormal", '<rect x="2" y="2" width="12" height="12" fill="var(--ab)"/><text x="8" y="11.2" text-anchor="middle" font-size="9" fill="var(--bg)">A</text>'],
  ["against", '<path d="M8,1.5L14.5,8L8,14.5L1.5,8Z" fill="none" stroke="var(--aga)" stroke-width="1.5"/><path d="M5,8H11" stroke="var(--aga)" stroke-width="1.6"/>'],
  ["borderline", '<path d="M8,1.5L14.5,8L8,14.5L1.5,8Z" fill="none" stroke="var(--ab)" stroke-width="1.4"/><text x="8" y="11" text-anchor="middle" font-size="8" fill="var(--ab)">B</text>'],
  ["silent", '<circle cx="8" cy="8" r="3" fill="none" stroke="var(--line2)" stroke-width="1.4"/>'],
  ["no response", '<rect x="2" y="2" width="12" height="12" fill="var(--ab)"/><path d="M4,8H12" stroke="var(--bg)" stroke-width="1.8"/>'],
  ["not tested", '<rect x="2" y="2" width="12" height="12" fill="none" stroke="var(--line2)" stroke-width="1.4" stroke-dasharray="3 2"/>'],
  ["cannot be judged", '<rect x="2" y="2" width="12" height="12" fill="none" stroke="var(--line2)" stroke-width="1.2"/><path d="M2,8L8,2M2,14L14,2M8,14L14,8" stroke="var(--line2)" stroke-width=".7"/><text x="8" y="11.2" text-anchor="middle" font-size="9" font-weight="600" fill="var(--ink)">?</text>'],
  ["quality, technique", '<path d="M8,2L15,14H1Z" fill="var(--warn)"/>'],
];

const EVIDENCE = [
  ["L5 root", ["supports", "against", "silent", "supports", "supports"]],
  ["Fibular nerve", ["supports", "supports", "supports", "supports", "not tested"]],
  ["Sciatic nerve", ["silent", "silent", "against", "not tested", "not tested"]],
];

function evidence() {
  const box = el("div", { class: "pic evidence", role: "img", "aria-label": "three explanations, each with its evidence from five sources" });
  for (const [name, cells] of EVIDENCE) {
    box.append(el("span", {}, name));
    for (const word of cells) {
      const cell = el("span");
      cell.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true">${MARKS.find(([one]) => one === word)[1]}</svg>`;
      box.append(cell);
    }
  }
  box.append(el("span"), ...["hist.", "exam", "NCS", "EMG", "MRI"].map((word) => el("span", {}, word)));
  return box;
}

const PICTURES = {
  learn: () => svg(`<path d="${RESPONSE}" stroke="var(--t1)" stroke-width="2" fill="none"/><path d="M78,6V92M128,6V92" stroke="var(--t1)"/>`, "a response with two markers"),
  explore: () => svg(`<path d="${NOISE}" stroke="var(--t1)" stroke-width="1.4" fill="none"/>`, "a long recording"),
  read: evidence,
};

function link(path, text, className = "") {
  const node = el("a", { href: path.split("/").pop(), "data-path": path, class: className }, text);
  node.setAttribute("data-commandlinker-command", "docmanager:open");
  node.setAttribute("data-commandlinker-args", JSON.stringify({ path }));
  return node;
}

function door(content, [key, title, who, text], number) {
  const lessons = content.lessons.filter((one) => one.door === key);
  const list = el("ul");
  for (const one of lessons) {
    list.append(el("li", {}, el("span", {}, link(content.prefix + one.path, `${one.number} ${one.title}`)), el("span", { class: "minutes" }, `${one.is_begun ? "begun, " : ""}${one.minutes} min`)));
  }
  if (key === "explore") {
    list.append(el("li", {}, el("span", {}, "a file of yours"), el("span", {}, `${content.n_formats} formats, units never guessed`)));
    for (const one of content.recordings.slice(0, 2)) list.append(el("li", {}, el("span", {}, one.what), el("span", { class: "minutes" }, "simulated")));
  }
  if (!lessons.length) list.append(el("li", { class: "empty" }, el("span", {}, "Not here yet.")));
  const heading = el("h2", {}, title, el("kbd", {}, String(number)));
  const node = el("section", { class: "door", "aria-label": title }, heading, el("p", { class: "who" }, who), PICTURES[key](), el("p", { class: "what" }, text));
  const way = content.doors[key];
  if (way) node.append(link(content.prefix + way.path, way.words, "go"));
  node.append(list);
  return node;
}

function playClick(status) {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!Context) { status.textContent = "no WebAudio in this browser"; return; }
  const context = new Context();
  const buffer = context.createBuffer(1, Math.round(context.sampleRate * 0.02), context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < samples.length; i++) samples[i] = 0.4 * Math.exp(-i / (0.002 * context.sampleRate)) * Math.sin(i * 0.35);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.onended = () => context.close();
  source.start();
  status.textContent = `sound, ${context.sampleRate / 1000} kHz`;
}

function checks(content) {
  const frames = el("span", {}, "drawing");
  const rate = el("span", {}, "measuring");
  let count = 0; const began = performance.now();
  const tick = () => {
    count += 1;
    const elapsed = performance.now() - began;
    if (elapsed < 500) requestAnimationFrame(tick);
    else rate.textContent = `${Math.round((count * 1000) / elapsed)} frames/s`;
  };
  requestAnimationFrame(tick);
  const sound = el("span", {}, "sound");
  const button = el("button", { type: "button" }, "play a click");
  button.addEventListener("click", () => playClick(sound));
  return el("div", {}, el("h3", {}, "Checked on this machine"),
    el("ul", {},
      el("li", {}, el("span", {}, "package, kernel ready"), el("span", {}, content.version)),
      el("li", {}, frames, rate), el("li", {}, sound, button)));
}

function render({ model, el: root }) {
  const paint = () => {
    const content = model.get("content");
    const page = el("div", { class: "emg-start", tabindex: "0", role: "region", "aria-label": "Start page: choose a door with 1, 2 or 3" });
    const doors = el("div", { class: "doors" }, ...DOORS.map((one, i) => door(content, one, i + 1)));
    const marks = el("div", { class: "marks" });
    for (const [word, picture] of MARKS) {
      const line = el("span");
      line.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true">${picture}</svg>${word}`;
      marks.append(line);
    }
    const notYet = el("div", {}, el("h3", {}, "Not there yet"), el("p", {}, content.not_yet.join(" ")), el("h3", {}, "What it is not"),
      el("p", {}, "It teaches and documents; it is no medical device. It states reasons, not diagnoses; a named reader concludes."));
    page.append(doors, el("div", { class: "foot" }, checks(content), notYet, el("div", {}, el("h3", {}, "How to read the marks"), marks)));
    page.addEventListener("keydown", (event) => {
      if (!["1", "2", "3"].includes(event.key)) return;
      event.preventDefault(); event.stopPropagation();
      page.querySelectorAll(".door")[Number(event.key) - 1].querySelector("a")?.focus();
    });
    root.replaceChildren(page);
  };
  paint();
  model.on("change:content", paint);
  return () => model.off("change:content", paint);
}

export default { render };
