/* What a reader can do: move, select, set cursors, mark, filter. Each changes the view at once and asks the kernel after. */
import { clampStart, nextItem, selected, zoomAround } from "./state.js";

const CONFIDENCE = ["", "sure", "likely", "unsure"];

/** Actions bound to one view. */
export function makeActions(app) {
  const { info, model } = app;
  const middle = () => (app.win.start + app.end()) / 2;
  const chosen = () => app.marks.items.find((mark) => mark.id === app.chosenMark);
  const change = (content) => app.send({ type: "mark", ...content });

  function moveTo(start) {
    app.win = { ...app.win, start: clampStart(start, app.win.perDivision * app.win.n, info.start_s, info.end_s) };
    app.want();
  }

  function show(moment, span) {
    const isSeen = moment >= app.win.start && moment + Math.min(span, 0) <= app.end();
    if (!isSeen || moment > app.end() - app.win.perDivision) moveTo(moment - app.win.perDivision * 2);
  }

  function placeCursor(i, moment) {
    app.cursors[i] = moment;
    app.lastCursor = i;
    app.changed("cursors");
    app.wantReadout();
    app.paint();
    model.set("cursors_s", [...app.cursors]);
    clearTimeout(app.saveTimer);
    app.saveTimer = setTimeout(() => model.save_changes(), 120);
  }

  function choose(mark, jump) {
    app.chosenMark = mark.id;
    if (jump) show(mark.start_s, mark.end_s - mark.start_s);
    if (jump && mark.channel) selectChannel(info.channels.findIndex((channel) => channel.name === mark.channel));
    app.changed("marks");
  }

  function selectChannel(index) {
    if (index < 0 || index >= info.channels.length || index === app.channel) return;
    app.channel = index;
    app.readout = null;
    app.panes = null;
    app.changed("channel");
    app.wantReadout();
    app.want();
  }

  function chooseFlag(item) {
    app.chosenFlag = item;
    if (item.channel !== null) selectChannel(info.channels.findIndex((channel) => channel.name === item.channel));
    moveTo(item.start_s - app.win.perDivision * 2);
    app.changed("flags");
  }

  return {
    moveTo, placeCursor, selectChannel, chooseFlag, chooseMark: choose,
    pan: (seconds) => moveTo(app.win.start + seconds),
    setTimeBase(perDivision, moment = null) {
      const around = moment === null ? middle() : moment;
      app.win = zoomAround(app.win, perDivision, around, info.start_s, info.end_s);
      app.changed("time");
      app.want();
    },
    setSensitivity(value) {
      app.sens[app.channel] = value;
      app.audio.retune();
      app.changed("sensitivity");
      app.want();
    },
    setCursor: (i) => placeCursor(i, app.pointer === null ? middle() : app.pointer),
    clearCursors() { app.cursors = [null, null]; app.readout = null; app.changed("cursors"); app.wantReadout(); app.want(); },
    nudge(direction) {
      const now = app.cursors[app.lastCursor];
      if (now === null) return;
      const step = Math.max(1 / info.channels[app.channel].rate_hz, (app.end() - app.win.start) / (app.place.right - app.place.left));
      placeCursor(app.lastCursor, Math.min(Math.max(now + direction * step, info.start_s), info.end_s));
    },
    setFilters(filters) { app.filters = filters; model.set("_filters", filters); model.save_changes(); app.changed("filters"); },
    addMark(label) {
      const [a, b] = app.cursors;
      const both = a !== null && b !== null;
      const lone = a !== null ? a : b !== null ? b : app.pointer === null ? middle() : app.pointer;
      const [start, end] = both ? selected(app) : [lone, lone];
      change({ action: "add", label, start_s: start, end_s: end, channel: info.channels[app.channel].name, reader: model.get("reader"), confidence: "" });
    },
    changeMark: (fields) => { if (chosen()) change({ action: "change", id: app.chosenMark, fields }); },
    cycleConfidence() { const mark = chosen(); if (mark) change({ action: "change", id: mark.id, fields: { confidence: CONFIDENCE[(CONFIDENCE.indexOf(mark.confidence) + 1) % 4] } }); },
    confirm: () => { const mark = chosen(); if (mark && mark.status === "proposed") change({ action: "confirm", id: mark.id, reader: model.get("reader") }); },
    removeMark: () => { if (chosen()) change({ action: "remove", id: app.chosenMark }); },
    undo: () => change({ action: "undo" }),
    redo: () => change({ action: "redo" }),
    nextMark(direction) { const mark = nextItem(app.marks.items, chosen(), middle(), direction); if (mark) choose(mark, true); },
    nextFlag(direction) { const item = nextItem(app.flags, app.chosenFlag, middle(), direction); if (item) chooseFlag(item); },
    play() { const [start, end] = selected(app); app.audio.ask(start, end); },
    back() { if (app.audio.isPlaying()) app.audio.stop(); app.say(); app.chosenMark = null; app.changed("marks"); app.focus(); },
    showWindow(next) {
      if (!next || Math.abs(next[0] - app.win.start) + Math.abs(next[1] - app.end()) < 1e-9 || !(next[1] > next[0])) return;
      app.win = { ...app.win, start: next[0], perDivision: (next[1] - next[0]) / app.win.n };
      app.changed("time");
      app.want();
    },
    markAt(moment, y) {
      if (y < app.place.marksY || y >= app.place.qualityY) return null;
      const row = Math.floor((y - app.place.marksY) / 22);
      const found = app.place.packed.placed.find((place) => place.row === row && place.item.start_s <= moment && moment <= place.item.end_s);
      return found ? found.item : null;
    },
  };
}
