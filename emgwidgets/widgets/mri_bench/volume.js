/* The volume beside the findings: slices that follow the level, labels placed by hand; letters only where the file knows. */
import { fill, h } from "../_js/dom.js";

/** The pane; returns { element, update, follow, step, receive }. */
export function makeVolume(app) {
  const canvas = h("canvas", { class: "mb-canvas", tabindex: "0", role: "img" });
  const planes = h("span", { class: "mb-planes" });
  const under = h("div", { class: "mb-under caption" });
  const low = h("input", { type: "range", min: "0", max: "60", value: "0", "aria-label": "darkest grey", oninput: () => ask() });
  const high = h("input", { type: "range", min: "30", max: "100", value: "100", "aria-label": "brightest grey", oninput: () => ask() });
  const named = h("select", { "aria-label": "label to place" }, ...[...app.fixed.vertebrae, ...app.fixed.levels].map((one) => h("option", { value: one }, one)));
  named.value = "L5";
  const place = h("button", { "aria-pressed": "false", onclick: () => { placing = !placing; place.setAttribute("aria-pressed", String(placing)); paint(); } }, "Place");
  const unplace = h("button", { onclick: () => app.send({ type: "unlabel", name: named.value }) }, "Remove");
  const tools = h("div", { class: "mb-tools" }, h("span", { class: "caption" }, "dark"), low, h("span", { class: "caption" }, "bright"), high, named, place, unplace);
  const note = h("div");
  const element = h("section", { class: "mb-volume", "aria-label": "volume" }, h("div", { class: "mb-head" }, h("h3", null, "Volume"), planes), note, canvas, under, tools);
  const view = { plane: "sagittal", index: null };
  const kept = new Map();
  let picture = null;
  let placing = false;
  let scale = 1;

  const count = () => app.volume.counts[view.plane];
  function ask() {
    if (!app.volume.is_there) return;
    app.send({ type: "slice", plane: view.plane, index: view.index, low: Number(low.value) / 100, high: Number(high.value) / 100 });
  }

  function to(index) {
    view.index = Math.min(Math.max(Math.round(index), 0), count() - 1);
    ask();
  }

  function show(plane) {
    view.plane = plane;
    view.index = null;
    follow();
    update();
  }

  /** Go where the chosen level is labelled; the sagittal cut goes to its middle, the axial one to its height. */
  function follow() {
    if (!app.volume.is_there) return;
    const disc = picture && picture.discs[app.at.level];
    const { middle, counts } = app.volume;
    if (view.plane === "axial") { if (disc) to(disc.voxel[2]); else if (view.index === null) to(counts.axial / 2); else paint(); } else if (view.plane === "sagittal") { if (view.index === null) to(middle); else paint(); } else if (disc) to(disc.voxel[1]); else if (view.index === null) to(counts.coronal / 2);
  }

  function receive(content, buffer) {
    const bytes = new Uint8Array(buffer.buffer ? buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) : buffer);
    picture = { ...content, bytes };
    view.plane = content.plane;
    view.index = content.index;
    paint();
  }

  function paint() {
    if (!picture || !app.volume.is_there) return;
    const { rows, columns, row_mm: rowMm, column_mm: columnMm, bytes } = picture;
    const room = Math.max(element.clientWidth - 24, 200);
    scale = Math.min(room / (columns * columnMm), 430 / (rows * rowMm));
    const [width, height] = [Math.round(columns * columnMm * scale), Math.round(rows * rowMm * scale)];
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const grey = kept.get("grey") || document.createElement("canvas");
    kept.set("grey", grey);
    grey.width = columns;
    grey.height = rows;
    const image = new ImageData(columns, rows);
    for (let i = 0; i < bytes.length; i += 1) { image.data[4 * i] = image.data[4 * i + 1] = image.data[4 * i + 2] = bytes[i]; image.data[4 * i + 3] = 255; }
    grey.getContext("2d").putImageData(image, 0, 0);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.imageSmoothingEnabled = true;
    context.drawImage(grey, 0, 0, width, height);
    const at = ([column, row]) => [(column + 0.5) * columnMm * scale, (row + 0.5) * rowMm * scale];
    const font = getComputedStyle(element).fontFamily;
    const write = (text, x, y, align, colour = "#fff", weight = 600) => { context.font = `${weight} 11px ${font}`; context.textAlign = align; context.lineWidth = 3; context.strokeStyle = "#000"; context.strokeText(text, x, y); context.fillStyle = colour; context.fillText(text, x, y); };
    const [left, right, top, bottom] = picture.edges;
    const long = width < 130 ? { A: "A", P: "P", R: "R", L: "L", S: "S", I: "I" } : { A: "front", P: "back", R: "R", L: "L", S: "head", I: "foot" };
    if (left) { write(long[left], 6, 16, "left"); write(long[right], width - 6, 16, "right"); if (view.plane === "axial") { write(long[top], width / 2, 14, "center"); write(long[bottom], width / 2, height - 6, "center"); } }
    if (view.plane === "sagittal") {
      for (const [name, spot] of Object.entries(picture.places)) { const [x, y] = at(spot); const isDisc = name.includes("-"); write(name, isDisc ? x + 14 : x - 22, y + 4, isDisc ? "left" : "right", isDisc ? "#9fd0ff" : "#fff"); context.fillStyle = isDisc ? "#9fd0ff" : "#fff"; context.fillRect(x - 1.5, y - 1.5, 3, 3); }
      const disc = picture.discs[app.at.level];
      if (disc) { const [x, y] = at(disc.place); context.strokeStyle = "#6db3ff"; context.lineWidth = 1.6; context.setLineDash([6, 4]); context.beginPath(); context.moveTo(Math.max(x - 46, 2), y); context.lineTo(Math.min(x + 66, width - 34), y); context.stroke(); context.setLineDash([]); write(app.at.level, Math.min(x + 70, width - 30), y + 4, "left", "#6db3ff"); }
    }
    const bar = 20 * scale;
    context.strokeStyle = "#fff";
    context.lineWidth = 1.6;
    context.beginPath();
    context.moveTo(10, height - 12);
    context.lineTo(10 + bar, height - 12);
    context.stroke();
    write("20 mm", 14 + bar, height - 8, "left");
    const away = view.plane === "sagittal" ? (view.index - app.volume.middle) * app.volume.spacing_mm[0] : 0;
    const where = view.plane !== "sagittal" || Math.abs(away) < 0.5 ? "" : app.volume.knows_sides ? `, ${Math.abs(away).toFixed(0)} mm ${away > 0 ? "right" : "left"} of the middle` : `, ${Math.abs(away).toFixed(0)} mm from the middle`;
    fill(under, h("span", null, `${view.plane} slice ${view.index + 1} of ${count()}${where}`), h("span", null, placing ? `click where ${named.value} is` : Object.keys(app.volume.labels).length ? `levels by ${app.volume.labels_by}` : "no level labels yet"));
    canvas.setAttribute("aria-label", `${view.plane} slice ${view.index + 1} of ${count()}${where}; levels labelled: ${Object.keys(app.volume.labels).join(", ") || "none"}`);
  }

  canvas.addEventListener("click", (event) => {
    if (!placing || !picture) return;
    const box = canvas.getBoundingClientRect();
    app.send({ type: "label", name: named.value, plane: view.plane, index: view.index, column: Math.floor((event.clientX - box.left) / (picture.column_mm * scale)), row: Math.floor((event.clientY - box.top) / (picture.row_mm * scale)) });
  });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); step(event.deltaY > 0 ? 1 : -1); }, { passive: false });
  canvas.addEventListener("keydown", (event) => { const way = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key]; if (way) { event.preventDefault(); event.stopPropagation(); step(way); } });

  function step(by) { if (app.volume.is_there && view.index !== null) to(view.index + by); }

  function update() {
    const { volume } = app;
    const isThere = volume.is_there;
    app.root.classList.toggle("has-no-volume", !isThere);
    canvas.hidden = under.hidden = tools.hidden = planes.hidden = !isThere;
    fill(planes, ...["sagittal", "axial", "coronal"].map((plane) => h("button", { "aria-pressed": String(plane === view.plane), onclick: () => show(plane) }, plane)));
    fill(note, isThere ? null : h("p", { class: "mb-none" }, volume.problem || "No volume was given. The bench works without one; MriBench(volume=\u2026) takes a NIfTI file or a DICOM folder."),
      isThere && volume.problem ? h("p", { class: "mb-none" }, volume.problem) : null,
      isThere && !volume.knows_sides ? h("p", { class: "mb-none" }, "This file does not state its left and right: it is shown without letters and cannot be tied to a side.") : null);
    if (isThere && !picture) follow();
    else if (isThere) ask();
  }
  return { element, update, follow: () => { follow(); paint(); }, step, receive, paint, focus: () => canvas.focus({ preventScroll: true }) };
}
