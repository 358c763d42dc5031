/* The axial cut at the chosen level, as radiology sees it: zones, roots, sac; and what is known of the chosen cell. */
import { fill, h } from "../_js/dom.js";
import { s } from "../_js/svg.js";

/* centre of each zone on the cut: x from the midline, y; order of the grid's columns */
const PLACES = { extraforaminal: [88, 66], foraminal: [62, 84], subarticular: [33, 84], central: [0, 82] };

/** The pane; returns { element, update }. */
export function makeAxial(app) {
  const svg = s("svg", { viewBox: "0 0 260 168", class: "mb-axial", role: "img" });
  const told = h("div", { class: "mb-told" });
  const element = h("section", { class: "mb-cut", "aria-label": "axial cut" }, svg, told);

  function update() {
    const { grid, region, findings } = app.state;
    const row = grid.find((one) => one.level === app.at.level);
    if (!row) return;
    const cell = row.cells[app.at.column];
    const x = (side, way) => 130 + (side === "right" ? -1 : side === "left" ? 1 : 0) * way;
    const isNeck = region === "cervical";
    const zones = [[24, "central"], [46, "sub"], [74, "foram."], [110, "extra"]];
    const shapes = [
      s("ellipse", { cx: 130, cy: 44, rx: isNeck ? 62 : 84, ry: isNeck ? 34 : 40, class: "mb-disc" }),
      s("text", { x: 130, y: 42, "text-anchor": "middle", class: "mb-word" }, `disc ${app.at.level}`),
      s("path", { d: "M86 82C92 104 108 122 130 122S168 104 174 82C160 78 100 78 86 82Z", class: "mb-sac" }),
      region === "lumbar" ? null : s("ellipse", { cx: 130, cy: 98, rx: 20, ry: 11, class: "mb-cord" }),
      ...[-1, 1].map((sign) => s("path", { d: `M${130 + sign * 52} 118L${130 + sign * 78} 104L${130 + sign * 92} 128L${130 + sign * 62} 140Z`, class: "mb-bone" })),
      s("path", { d: "M112 132L130 126L148 132L138 160H122Z", class: "mb-bone" }),
    ];
    if (region === "lumbar") for (let i = 0; i < 12; i += 1) shapes.push(s("circle", { cx: 108 + (i % 6) * 9, cy: 96 + Math.floor(i / 6) * 11 + (i % 2) * 3, r: 2, class: "mb-rootlet" }));
    let from = 0;
    for (const [to, name] of zones) {
      for (const sign of from ? [-1, 1] : [1]) {
        if (to < 110) shapes.push(...[-1, 1].map((way) => s("line", { x1: 130 + way * to, x2: 130 + way * to, y1: 12, y2: 150, class: "mb-zone" })));
        shapes.push(s("text", { x: from ? 130 + (sign * (from + to)) / 2 : 130, y: 9, "text-anchor": "middle", class: "mb-word" }, name));
      }
      from = to;
    }
    row.cells.forEach((one, i) => {
      const [dx, y] = PLACES[one.zone];
      const isRoot = /^[CTLS]\d/.test(one.root);
      const isHere = i === app.at.column;
      if (one.state === "finding") shapes.push(s("ellipse", { cx: x(one.side, dx * 0.9), cy: y - 6, rx: 13, ry: 8, class: "mb-lesion" }));
      if (isRoot && one.zone !== "foraminal") shapes.push(s("g", { class: `mb-nerve${isHere ? " is-here" : ""}` }, s("circle", { cx: x(one.side, dx + (one.zone === "subarticular" ? 6 : 0)), cy: y + 12, r: 9.5 }), s("text", { x: x(one.side, dx + (one.zone === "subarticular" ? 6 : 0)), y: y + 15.5, "text-anchor": "middle" }, one.root)));
      if (isHere) shapes.push(s("ellipse", { cx: x(one.side, dx * 0.9), cy: y - 6, rx: 17, ry: 12, class: "mb-here" }));
    });
    shapes.push(s("text", { x: 8, y: 92, class: "mb-letter" }, "R"), s("text", { x: 246, y: 92, class: "mb-letter" }, "L"));
    fill(svg, ...shapes.filter(Boolean));
    svg.setAttribute("aria-label", `axial cut at ${app.at.level}, right on the left; chosen: ${cell.side} ${cell.zone}, ${cell.words}`);
    const here = cell.findings.map((n) => findings[n]);
    const reached = cell.reached.map(([root, weight]) => `${root} ${weight.toFixed(2)}`).join(", ");
    fill(told, h("b", null, `${app.at.level}, ${cell.side}, ${cell.zone}`), ...(here.length ? here.map((one) => h("div", null, one.words, one.effect ? `; ${one.effect}` : "", one.conflict ? h("span", { class: "mb-unsure" }, " side in conflict") : null)) : [h("div", null, cell.words)]),
      /^[CTLS]\d/.test(cell.root) ? h("div", null, "reaches ", h("b", null, reached), h("span", { class: "caption" }, " by level and zone, derived")) : h("div", null, `reaches the ${cell.root}`),
      ...here.filter((one) => one.prevalence).slice(0, 1).map((one) => h("div", null, one.prevalence)),
      h("div", { class: "caption" }, "Two readers agree on an effect on a root with kappa 0.42 to 0.69 (mri.S50)."),
      h("div", { class: "mb-set" }, h("span", { class: "caption" }, cell.zone === "central" ? "canal: " : `effect on ${cell.root}: `), ...["0", "1", "2", "3"].map((n) => h("button", { "aria-pressed": String(cell.state === "finding" && cell.effect === Number(n)), onclick: () => app.send({ type: "effect", level: app.at.level, zone: cell.zone, side: cell.side, effect: Number(n) }) }, n))));
  }
  return { element, update };
}
