/* Two sites side by side: what supports each, what speaks against it, what was not tested, and the test that would settle it. */
import { fill, h } from "../_js/dom.js";
import { evidenceMark } from "../_js/marks.js";

const TAGS = { symptoms: "symptoms", examination: "exam", ncs: "NCS", emg: "EMG", mri: "MRI" };

/** The pane; returns { element, update }. */
export function makeVersus(app) {
  const element = h("section", { class: "cb-versus", "aria-label": "two sites side by side" });

  function lines(site, side, kind, items, n) {
    if (!n) return [h("div", { class: "cb-versus-none" }, evidenceMark(kind, "", 14), h("span", { class: "caption" }, kind === "supports" ? "nothing supports it" : "nothing speaks against it"))];
    return [...items.map((one) => h("button", { class: "cb-versus-line", title: one.bearing || null, onclick: () => app.openCell(site.code, one.column, side, true) }, evidenceMark(kind, "", 14), h("span", null, h("span", { class: "caption" }, `${TAGS[one.column]} `), one.sentence, one.bearing ? h("span", { class: "caption" }, ` ${one.bearing}`) : null))),
      n > items.length ? h("div", { class: "caption cb-versus-more" }, `and ${n - items.length} more`) : null];
  }

  function column(site, side, isHeld, nListed) {
    const range = isHeld ? null : site.range;
    const chance = isHeld ? "held back" : range ? `${range[0].toFixed(2)} (${range[1].toFixed(2)} to ${range[2].toFixed(2)})` : `not among the ${nListed} likeliest`;
    return h("div", { class: "cb-versus-site" }, h("div", { class: "cb-versus-name" }, h("b", null, site.words), h("span", { class: "caption" }, chance)),
      ...lines(site, side, "supports", site.for, site.n_for), ...lines(site, side, "against", site.against, site.n_against),
      h("div", { class: "cb-versus-none" }, evidenceMark("not tested", "", 14), h("span", { class: "caption" }, site.n_not_tested ? `not tested: ${site.not_tested.join("; ")}${site.n_not_tested > site.not_tested.length ? ` and ${site.n_not_tested - site.not_tested.length} more` : ""}` : "nothing telling is left untested")));
  }

  function settle(isHeld) {
    const { next } = app;
    if (isHeld) return "What would settle it is held back with the ranking.";
    const first = next.list[0];
    if (next.stop || !first) return next.reason;
    // where the tests already part the two, the next test parts what is left of the ranking: that must be said
    const { behind } = app.state.versus;
    const isParted = behind && !first.answers.some((one) => one.leading.toLowerCase().includes(behind.toLowerCase().split(",")[0]));
    const lead = isParted ? "These tests already part the two. What would move the rest most" : "What would settle it most";
    return h("span", null, h("b", null, `${lead}: ${first.words} (${first.minutes} min). `), first.answers.map((one, n) => `${n ? "if" : "If"} ${one.result}, ${one.leading} ${one.then.toFixed(2)}`).join("; "), ". ");
  }

  function update() {
    const { versus, flags } = app.state;
    element.hidden = !versus.sites.length;
    if (element.hidden) { fill(element); return; }
    const isHeld = Boolean(flags.held);
    fill(element, h("div", { class: "cb-head" }, h("h3", null, versus.sites.map((one) => one.words).join(" or ")), h("span", { class: "cb-sub" }, `${versus.side}; ${versus.is_asked ? "the two sites of the question" : "the likeliest and its rival"}; a line opens its evidence`)),
      h("div", { class: "cb-versus-both" }, ...versus.sites.map((site) => column(site, versus.side, isHeld, versus.n_listed))),
      h("p", { class: "cb-versus-next" }, settle(isHeld), isHeld ? null : h("button", { class: "cb-link", onclick: () => app.parts.next.focus() }, "all next tests", h("kbd", null, "N"))));
  }
  return { element, update };
}
