/* The stimuli given at one site: superimposed sweeps, and size against current. The learner must see the plateau. */
import { fitCanvas, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { niceStep, plain } from "../_js/format.js";
import { drawSweep } from "./sweep.js";

/** The pane; returns { element, paint }. */
export function makeRamp(app) {
  const head = h("div", { class: "nb-head" });
  const canvas = h("canvas", { role: "img" });
  const sentence = h("div", { class: "nb-sentence", "aria-live": "polite" });
  const element = h("section", { class: "nb-ramp", "aria-label": "supramaximal ramp" }, head, canvas, sentence);

  function curve(c, box, shots, kept) {
    const { colours } = app;
    const most = Math.max(...shots.map((shot) => shot.current_ma || 0), 10);
    const top = (Math.max(...shots.map((shot) => shot.size || 0)) || 1) * 1.15; // nothing came back: an axis of one unit
    const stepX = niceStep(most, 3);
    const stepY = niceStep(top, 3);
    const xOf = (ma) => box.x + (ma / (most * 1.05)) * box.width;
    const yOf = (size) => box.y + box.height - (size / top) * box.height;
    for (let v = 0; v <= top; v += stepY) { rule(c, box.x, yOf(v), box.x + box.width, yOf(v), colours.grid); write(c, plain(v, 3), box.x - 6, yOf(v), { colour: colours.ink3, align: "right", font: colours.font }); }
    for (let v = 0; v <= most; v += stepX) write(c, plain(v, 3), xOf(v), box.y + box.height + 11, { colour: colours.ink3, align: "center", font: colours.font });
    write(c, "mA", box.x + box.width, box.y + box.height + 23, { colour: colours.ink3, align: "right", font: colours.font });
    write(c, (shots.find((shot) => shot.unit) || { unit: app.unit() }).unit.replace("uV", "\u00b5V"), box.x - 6, box.y - 10, { colour: colours.ink3, align: "right", font: colours.font });
    const sorted = [...shots].filter((shot) => shot.current_ma !== null).sort((a, b) => a.current_ma - b.current_ma);
    c.strokeStyle = colours.t1;
    c.lineWidth = 1.4;
    c.beginPath();
    sorted.forEach((shot, i) => { const [x, y] = [xOf(shot.current_ma), yOf(shot.size || 0)]; if (i) c.lineTo(x, y); else c.moveTo(x, y); });
    c.stroke();
    for (const shot of sorted) {
      c.beginPath();
      c.arc(xOf(shot.current_ma), yOf(shot.size || 0), shot.id === kept ? 4.6 : 3.4, 0, 7);
      c.fillStyle = shot.id === kept ? colours.t1 : colours.well;
      c.fill();
      c.strokeStyle = colours.t1;
      c.stroke();
    }
    const chosen = sorted.find((shot) => shot.id === kept);
    if (chosen) {
      const less = xOf(chosen.current_ma / 1.2);
      c.setLineDash([3, 3]);
      rule(c, less, box.y - 4, less, box.y + box.height, colours.ink2);
      c.setLineDash([]);
      write(c, `kept ${plain(chosen.current_ma, 3)}; 20 % less ${plain(chosen.current_ma / 1.2, 3)}`, box.x + box.width, box.y - 10, { colour: colours.ink, align: "right", font: colours.font });
    }
  }

  function paint() {
    const { ramp } = app.state;
    const { colours } = app;
    const width = Math.max(element.clientWidth - 24, 260);
    const height = 176;
    fill(head, h("strong", null, app.fixed.can_stimulate ? `Ramp ${ramp.place}` : `Recorded ${ramp.place}`), h("span", { class: "caption" }, `${ramp.shots.length} sweep${ramp.shots.length === 1 ? "" : "s"}, ${app.state.side}`));
    const c = fitCanvas(canvas, width, height);
    const left = Math.round(width * 0.56);
    c.fillStyle = colours.well;
    c.fillRect(0, 4, left, height - 24);
    const view = app.view();
    const xOf = (ms) => (ms / (view.msPerDiv * 10)) * left;
    for (let i = 0; i <= 10; i += 1) rule(c, (i * left) / 10, 4, (i * left) / 10, height - 20, colours.grid);
    const zero = height * 0.62;
    const yOf = (uv) => zero + (uv / view.uvPerDiv) * 22;
    rule(c, 0, zero, left, zero, colours.grid2);
    c.save();
    c.beginPath();
    c.rect(0, 4, left, height - 24);
    c.clip();
    const last = ramp.shots.length - 1;
    ramp.shots.forEach((shot, i) => { if (i !== last && shot.id !== ramp.kept) drawSweep(c, app.sweep(shot.id), xOf, yOf, colours.raw, 1); });
    for (const shot of ramp.shots) if (shot.id === ramp.kept) drawSweep(c, app.sweep(shot.id), xOf, yOf, colours.t1, 1.8);
    if (last >= 0) drawSweep(c, app.sweep(ramp.shots[last].id), xOf, yOf, ramp.shots[last].id === ramp.kept ? colours.t1 : colours.t2, 1.5);
    c.restore();
    write(c, "0", 2, height - 10, { colour: colours.ink3, font: colours.font });
    write(c, `${plain(view.msPerDiv * 10)} ms`, left, height - 10, { colour: colours.ink3, align: "right", font: colours.font });
    if (ramp.shots.some((shot) => shot.current_ma !== null)) curve(c, { x: left + 44, y: 24, width: width - left - 52, height: height - 60 }, ramp.shots, ramp.kept);
    else if (!ramp.shots.length) (app.fixed.can_stimulate ? ["Up and Down change the current,", "Space stimulates"] : ["nothing recorded at this site"]).forEach((line, i) => write(c, line, left / 2, 40 + 16 * i, { colour: colours.ink3, align: "center", font: colours.font, size: 12 }));
    fill(sentence, ramp.shots.length ? ramp.sentence : "A response is judged only when 20 % more current adds nothing.");
    sentence.classList.toggle("is-warn", ramp.kept !== null && ramp.is_supramaximal === false);
    canvas.setAttribute("aria-label", `${ramp.shots.length} stimuli ${ramp.place}: ${ramp.shots.map((shot) => `${plain(shot.current_ma, 3)} mA ${shot.size === null ? "no response" : `${plain(shot.size, 3)} ${shot.unit}`}`).join(", ")}. ${ramp.sentence}`);
  }
  return { element, paint };
}
