/* What a reader can do: move, select, set cursors, mark, filter. Each changes the view at once and asks the kernel after. */
import { shown } from "./layout.js";
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
    cursorsMoved();
  }

  function cursorsMoved() {
    app.changed("cursors");
    app.wantReadout();
    app.paint();
    clearTimeout(app.saveTimer);
    app.saveTimer = setTimeout(() => { model.set("cursors_s", [...app.cursors]); model.save_changes(); }, 120); // set when sent: the echo of an older value must not move them back
  }

  function choose(mark, jump) {
    app.chosenMark = mark.id;
    if (jump) show(mark.start_s, mark.end_s - mark.start_s);
    if (jump && mark.channel) selectChannel(info.channels.findIndex((channel) => channel.name === mark.channel));
    app.changed("marks");
  }

  function select(a, b) {
    app.cursors = [Math.min(a, b), Math.max(a, b)];
    app.lastCursor = b >= a ? 1 : 0;
    cursorsMoved();
  }

  /* the next channel that is shown, in the order of the lanes */
  function stepChannel(way) {
    const all = shown(app);
    selectChannel(all[Math.max(0, Math.min(all.length - 1, all.indexOf(app.channel) + way))]);
  }

  function nudgeBy(seconds) {
    const now = app.cursors[app.lastCursor];
    if (now === null) return;
    const to = Math.min(Math.max(now + seconds, info.start_s), info.end_s);
    placeCursor(app.lastCursor, to);
    show(to, 0);
  }

  /* what the reader turned must be on its way before the kernel is asked to take it back */
  function turn(action) {
    app.flush();
    change({ action });
  }

  function selectChannel(index) {
    if (index === undefined || index < 0 || index >= info.channels.length || index === app.channel) return;
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
    moveTo, placeCursor, select, selectChannel, stepChannel, chooseFlag, chooseMark: choose,
    pan: (seconds) => moveTo(app.win.start + seconds),
    setTimeBase(perDivision, moment = null) {
      const around = moment === null ? middle() : moment;
      app.win = zoomAround(app.win, perDivision, around, info.start_s, info.end_s);
      app.changed("time");
      app.want();
    },
    setSensitivity(value) {
      const group = info.sweeps ? info.sweeps.groups[info.sweeps.items[app.channel].group].members : [app.channel];
      for (const index of group) app.sens[index] = value;
      app.audio.retune();
      app.changed("sensitivity");
      app.want();
    },
    setCursor(i) {
      const now = app.cursors[i];
      const isSeen = now !== null && now >= app.win.start && now <= app.end();
      placeCursor(i, app.pointer !== null ? app.pointer : isSeen ? now : middle());
    },
    selectMiddle() { const around = app.pointer === null ? middle() : app.pointer; select(Math.max(around - app.win.perDivision, info.start_s), Math.min(around + app.win.perDivision, info.end_s)); },
    fitSelection() {
      const [a, b] = selected(app);
      app.win = { ...app.win, start: a, perDivision: (b - a) / app.win.n };
      app.changed("time");
      app.want();
    },
    clearCursors() { app.cursors = [null, null]; app.readout = null; app.changed("cursors"); app.wantReadout(); app.want(); },
    nudge(direction) { nudgeBy(direction * Math.max(1 / info.channels[app.channel].rate_hz, (app.end() - app.win.start) / (app.place.right - app.place.left))); },
    nudgeFar(direction) { nudgeBy((direction * app.win.perDivision) / 10); },
    setFilters(filters) { app.filters = filters; model.set("_filters", filters); model.save_changes(); app.changed("filters"); },
    setZeroPhase(isOn) { model.set("is_zero_phase", isOn); model.save_changes(); app.changed("filters"); },
    setRepairs(repairs) { app.repairs = repairs; model.set("_repairs", repairs); model.save_changes(); app.changed("filters"); app.changed("flags"); },
    repair: (flags) => app.send({ type: "repair", flags: flags.map(({ kind, channel, start_s, end_s, repair }) => ({ kind, channel, start_s, end_s, repair })) }),
    setHidden(hidden) {
      app.hidden = [...hidden].sort((a, b) => a - b);
      if (app.hidden.includes(app.channel)) { const all = shown(app); selectChannel(all.find((i) => i > app.channel) ?? all[all.length - 1]); }
      model.set("hidden", app.hidden);
      model.save_changes();
      app.changed("channels");
      app.want();
    },
    setAtOnce(count) { app.atOnce = count; app.changed("channels"); app.want(); },
    toggleRaster() { if (!info.sweeps) return; app.isRaster = !app.isRaster; app.changed("channels"); app.want(); },
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
    undo: () => turn("undo"),
    redo: () => turn("redo"),
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
