"""The viewer without a browser: messages in, buffers out; nothing leaves as a traceback."""

from __future__ import annotations

import base64
import re
import time
from dataclasses import replace
from xml.etree import ElementTree as ET

import nbconvert
import nbformat
import numpy as np
import pytest

from emgwidgets.analysis.signal.filters import FilterStep
from emgwidgets.cases.annotations import AnnotationStore
from emgwidgets.errors import InputError
from emgwidgets.io.registry import read
from emgwidgets.model.signal import (
    Annotation,
    ArraySamples,
    Channel,
    FileOrigin,
    QualityFlag,
    Recording,
    RecordingSettings,
    Segment,
    Stimulus,
    Sweep,
    Table,
)
from emgwidgets.widgets import _esm
from emgwidgets.widgets.trace_viewer import TraceViewer
from emgwidgets.widgets.trace_viewer.channel_view import ChannelView, pack
from emgwidgets.widgets.trace_viewer.sound import make_sound

RATE = 48000.0


def make_recording(seconds=10.0, **changes):
    rng = np.random.default_rng(0)
    needle = rng.normal(0, 20, int(RATE * seconds)).astype(np.int16)
    channels = (
        Channel(name="needle", unit="uV", sampling_rate_hz=RATE, samples=ArraySamples(stored=needle, gain=0.5)),
        Channel(
            name="flow",
            unit="L/s",
            sampling_rate_hz=1000.0,
            samples=ArraySamples(stored=rng.normal(2, 1, int(1000 * seconds))),
        ),
    )
    return Recording(**{"channels": channels, "title": "left tibialis anterior", **changes})


class Talk:
    """A viewer whose messages are kept."""

    def __init__(self, *arguments, **options):
        self.sent = []
        self.viewer = TraceViewer(*arguments, **{"quality": None, **options})
        self.viewer._desk._send = lambda content, buffers: self.sent.append((content, buffers))

    def ask(self, **content):
        assert self.viewer.wait()
        self.sent.clear()
        self.viewer._desk.handle({"view": "v", **content})
        assert self.viewer.wait()
        return self.sent[-1] if self.sent else None


@pytest.fixture
def talk():
    one = Talk(make_recording())
    one.viewer.wait()
    yield one
    one.viewer.close()


def unpack(head, buffers):
    numbers = np.frombuffer(buffers[head["buffer"]], dtype="<i2").astype(float)
    numbers[numbers == -32768] = np.nan
    return numbers * head["scale"] + head["offset"]


@pytest.mark.parametrize("window", [(0.0, 10.0), (2.0, 3.0), (4.0, 4.01), (-5.0, 15.0)])
@pytest.mark.parametrize("filters", [(), (FilterStep(kind="high_pass", frequency_hz=20.0),)])
def test_a_view_is_at_most_8_kb_a_channel(talk, window, filters):
    talk.viewer.filters = filters
    content, buffers = talk.ask(type="view", id=1, start_s=window[0], end_s=window[1], columns=5000, channels=[0, 1])
    for head in content["channels"]:
        n_bytes = sum(len(buffers[head[name]["buffer"]]) for name in ("raw", "filtered") if head[name])
        assert 0 < n_bytes <= 8192
    assert bool(content["channels"][0]["filtered"]) == bool(filters)
    assert content["channels"][1]["filtered"] is None  # a flow is no voltage


def test_columns_hold_the_extremes_in_microvolts(talk):
    content, buffers = talk.ask(type="view", id=1, start_s=0.0, end_s=10.0, columns=800, channels=[0])
    values = unpack(content["channels"][0]["raw"], buffers)
    truth = talk.viewer.recording.channels[0].samples_uv
    assert values.min() == pytest.approx(truth.min(), abs=0.01)
    assert values.max() == pytest.approx(truth.max(), abs=0.01)


def test_few_samples_come_as_samples(talk):
    content, buffers = talk.ask(type="view", id=1, start_s=4.0, end_s=4.01, columns=800, channels=[0])
    head = content["channels"][0]["raw"]
    start_s, step_s, n, is_samples = head["pieces"][0]
    assert is_samples == 1
    assert step_s == pytest.approx(1 / RATE)
    first = round(start_s * RATE)
    truth = talk.viewer.recording.channels[0].samples_uv[first : first + n]
    np.testing.assert_allclose(unpack(head, buffers), truth, atol=0.01)


def test_a_stale_request_is_dropped(talk):
    assert talk.ask(type="view", id=9, start_s=0, end_s=1, columns=10, channels=[0]) is not None
    assert talk.ask(type="view", id=8, start_s=0, end_s=1, columns=10, channels=[0]) is None


def test_a_gap_is_two_pieces():
    stored = np.arange(2000.0)
    segments = (
        Segment(first_sample=0, n_samples=1000, start_s=0.0),
        Segment(first_sample=1000, n_samples=1000, start_s=5.0),
    )
    channel = Channel(
        name="x", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=stored), segments=segments
    )
    view = ChannelView(channel)
    view.build()
    pieces = view.pieces(0.0, 6.0, 900)
    assert [round(piece.start_s) for piece in pieces] == [0, 5]
    assert sum(piece.values.shape[1] for piece in pieces) <= 2 * 900


def test_thousands_of_gaps_stay_within_the_columns():
    segments = tuple(Segment(first_sample=10 * i, n_samples=10, start_s=i * 0.02) for i in range(5000))
    channel = Channel(
        name="x",
        unit="uV",
        sampling_rate_hz=1000.0,
        samples=ArraySamples(stored=np.arange(50_000.0)),
        segments=segments,
    )
    view = ChannelView(channel)
    view.build()
    pieces = view.pieces(0.0, 100.0, 500)
    head, numbers = pack(pieces)
    assert len(head["pieces"]) <= 500
    assert len(numbers) <= 8192


def test_a_negative_gain_keeps_low_below_high():
    view = ChannelView(
        Channel(
            name="x",
            unit="uV",
            sampling_rate_hz=1000.0,
            samples=ArraySamples(stored=np.arange(50_000, dtype=np.int16) % 100, gain=-1.0),
        )
    )
    view.build()
    values = view.pieces(0.0, 50.0, 100)[0].values
    assert (values[0] <= values[1]).all()
    assert values.min() == -99


def test_missing_values_travel_as_missing():
    values = np.arange(100.0)
    values[10:20] = np.nan
    view = ChannelView(Channel(name="x", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=values)))
    head, numbers = pack(view.pieces(0.0, 0.1, 500))
    assert np.isnan(unpack({**head, "buffer": 0}, [numbers])).sum() == 10


def test_cursors_read_the_nearest_sample(talk):
    content, _ = talk.ask(type="readout", channel=0, cursors_s=[1.0, None])
    truth = talk.viewer.recording.channels[0].samples_uv
    assert content["cursors"][0]["value"] == pytest.approx(truth[48000])
    assert content["cursors"][1] is None


def test_panes_give_spectrum_and_rate(talk):
    content, _ = talk.ask(type="panes", channel=0, start_s=0.0, end_s=2.0)
    assert max(content["spectrum"]["raw_db"]) == pytest.approx(0.0, abs=0.01)
    assert content["firing"]["source"] == "threshold"


def test_point_marks_give_the_firing_rate(talk):
    for k in range(9):
        talk.ask(type="mark", action="add", start_s=1 + k / 8, end_s=1 + k / 8, label="fibrillation", channel="needle")
    content, _ = talk.ask(type="panes", channel=0, start_s=0.5, end_s=2.5)
    assert content["firing"]["source"] == "marks"
    assert content["firing"]["trains"][0]["median_hz"] == pytest.approx(8.0)


def test_sound_is_the_samples_themselves(talk):
    content, buffers = talk.ask(type="sound", id=3, channel=0, start_s=2.0, end_s=3.0)
    played = np.frombuffer(buffers[0], dtype=np.float32)
    truth = talk.viewer.recording.channels[0].samples_uv[96000:144000]
    np.testing.assert_array_equal(played, (truth - np.median(truth)).astype(np.float32))
    assert content["rate_hz"] == RATE
    assert not content["is_resampled"]


def test_a_slow_channel_is_resampled_by_a_whole_factor():
    tone = np.sin(2 * np.pi * 50 * np.arange(2000) / 1000)
    sound = make_sound(tone, sampling_rate_hz=1000.0)
    assert sound.rate_hz == 8000.0
    assert len(sound.samples) == 16000
    assert np.abs(sound.samples[4000:12000]).max() == pytest.approx(1.0, abs=0.01)


def test_nothing_to_play_is_said():
    with pytest.raises(InputError, match="nothing to play"):
        make_sound(np.full(10, np.nan), sampling_rate_hz=8000.0)


def test_a_flow_cannot_be_played(talk):
    content, _ = talk.ask(type="sound", id=1, channel=1, start_s=0, end_s=1)
    assert content["type"] == "error"
    assert "cannot be played" in content["what"]


def test_marks_are_added_confirmed_undone_and_redone(talk):
    viewer = talk.viewer
    talk.ask(type="mark", action="add", start_s=2.0, end_s=1.0, label="fibrillation", channel="needle", reader="AB")
    (mark,) = viewer.annotations
    assert (mark.start_s, mark.duration_s, mark.reader) == (1.0, 1.0, "AB")
    assert viewer._marks["items"][0]["letter"] == "f"
    talk.ask(type="mark", action="change", id=mark.id, fields={"confidence": "likely"})
    assert viewer.annotations[0].confidence == "likely"
    talk.ask(type="mark", action="undo")
    talk.ask(type="mark", action="undo")
    assert viewer.annotations == ()
    talk.ask(type="mark", action="redo")
    assert len(viewer.annotations) == 1


def test_a_proposal_becomes_confirmed_by_a_reader():
    store = AnnotationStore.in_memory([Annotation(start_s=1.0, label="positive_sharp_wave", status="proposed")])
    talk = Talk(make_recording(), annotations=store)
    talk.ask(type="mark", action="confirm", id=store.annotations[0].id, reader="CD")
    assert (store.annotations[0].status, store.annotations[0].reader) == ("confirmed", "CD")


def test_marks_in_memory_are_said_to_be_unsaved_and_marks_with_a_file_saved(tmp_path):
    assert "not saved" in Talk(make_recording()).viewer._marks["state"]
    path = tmp_path / "x.annotations.jsonl"
    talk = Talk(make_recording(), annotations=path)
    talk.ask(type="mark", action="add", start_s=1.0, end_s=1.0, label="fibrillation", channel="needle")
    assert talk.viewer._marks["state"] == "saved"
    assert path.exists()


@pytest.mark.parametrize("content", [{"type": "view"}, {"type": "mark", "action": "explode"}, {"type": "readout", "channel": 77, "cursors_s": []},
                                     {"type": "mark", "action": "change", "id": "none", "fields": {"note": "x"}}])  # fmt: skip
def test_a_bad_message_becomes_a_sentence(talk, content):
    answer, _ = talk.ask(**content)
    assert answer["type"] == "error"
    assert answer["what"]
    assert "Traceback" not in str(answer)


def test_a_file_that_cannot_be_read_is_shown_not_raised(tmp_path):
    place = tmp_path / "notes.edf"
    place.write_bytes(b"PK\x03\x04" + bytes(200))
    viewer = TraceViewer(place)
    assert viewer._error["what"]
    assert repr(viewer).startswith("TraceViewer(error: ")
    with pytest.raises(InputError, match="no recording in this viewer"):
        viewer.selection()


def test_a_recording_without_channels_and_sweeps_says_where_its_content_is():
    viewer = TraceViewer(Recording(tables=(Table(name="scan", columns=("x",), values=np.zeros((1, 1))),)))
    assert (
        viewer._info["empty"]
        == "No continuous channel and no sweep in this recording. What it holds is in recording.tables."
    )


def make_sweeps(n=12, **changes):
    times_ms = np.arange(-20, 180) / 10.0
    response = np.where(times_ms > 3, -2000 * np.exp(-(((times_ms - 6) / 1.5) ** 2)), 0.0)
    sweeps = tuple(
        Sweep(samples_uv=response * (k + 1) / n, sampling_rate_hz=10000.0, start_ms=-2.0, channel="APB", site=site,
              stimulus=Stimulus(time_s=0.0, current_ma=2.0 * (k + 1)))
        for site in ("wrist", "elbow") for k in range(n)
    )  # fmt: skip
    return Recording(**{"sweeps": sweeps, "title": "right median", **changes})


def test_sweeps_lie_on_one_axis_with_the_stimulus_at_zero():
    talk = Talk(make_sweeps())
    info = talk.viewer._info
    assert [group["name"] for group in info["sweeps"]["groups"]] == ["wrist APB", "elbow APB"]
    assert info["sweeps"]["items"][13] == {"group": 1, "number": 2, "words": "4 mA"}
    assert info["stimuli_s"] == [0.0]
    assert (info["start_s"], info["end_s"]) == (pytest.approx(-0.002), pytest.approx(0.018))
    assert len({channel["per_division"] for channel in info["channels"]}) == 1
    content, buffers = talk.ask(type="view", id=1, start_s=-0.002, end_s=0.018, columns=800, channels=[11])
    assert unpack(content["channels"][0]["raw"], buffers).min() == pytest.approx(-2000, rel=1e-3)
    content, _ = talk.ask(type="readout", channel=11, cursors_s=[0.006, None])
    assert content["cursors"][0]["value"] == pytest.approx(-2000)
    assert repr(talk.viewer) == "TraceViewer(24 sweeps, 0.020 s, 0 marks)"


def test_a_selection_of_sweeps_is_sweeps_and_a_mark_names_its_sweep():
    talk = Talk(make_sweeps())
    viewer = talk.viewer
    viewer.cursors_s = [0.004, 0.008]
    viewer.hidden = [*range(1, 24)]
    (sweep,) = viewer.selection().sweeps
    assert (sweep.start_ms, len(sweep.samples_uv), sweep.site) == (pytest.approx(4.0), 40, "wrist")
    np.testing.assert_array_equal(sweep.samples_uv, viewer.recording.sweeps[0].samples_uv[60:100])
    assert viewer.selection_table()["time_s"].iloc[0] == pytest.approx(0.004)
    viewer.hidden = []
    assert len(viewer.to_figure().axes) == 2  # one row for each place
    talk.ask(type="mark", action="add", start_s=0.005, end_s=0.005, label="onset", channel="elbow APB #3")
    assert viewer.annotations[0].channel == "elbow APB #3"


def test_a_recording_with_both_can_be_turned_over():
    channel = make_recording().channels[0]
    viewer = TraceViewer(make_sweeps(channels=(channel,)), quality=None)
    assert viewer.show == "channels"
    assert viewer._info["other"] == "sweeps"
    viewer.cursors_s = [1.0, 2.0]
    viewer.show = "sweeps"
    assert viewer._info["other"] == "channels"
    assert len(viewer.sensitivities) == 24
    assert viewer.cursors_s == [None, None]
    assert viewer.undo() == ""
    viewer.sensitivities = [1.0]  # what a view said that did not know yet
    assert len(viewer.sensitivities) == 24
    laid_end_to_end = Channel(
        name="APB", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=np.zeros(480))
    )
    assert TraceViewer(make_sweeps(channels=(laid_end_to_end,)), quality=None).show == "sweeps"


def faulty():
    rng = np.random.default_rng(3)
    values = rng.normal(0, 5, 40_000)
    gone = values.copy()
    gone[8000:8010] = np.nan
    hum = 40 * np.sin(2 * np.pi * 50 * np.arange(40_000) / 4000)
    over = np.round(rng.normal(0, 50, 40_000))
    over[20_000:20_400] += np.round(5000 * np.hanning(400))
    stored = ((over + 4096) % 8192 - 4096).astype(np.int16)
    rate = 4000.0
    limits = RecordingSettings(converter_range=(-4096.0, 4095.0))
    channels = (
        Channel(name="gone", unit="uV", sampling_rate_hz=rate, samples=ArraySamples(stored=gone)),
        Channel(name="hum", unit="uV", sampling_rate_hz=rate, samples=ArraySamples(stored=values + hum)),
        Channel(name="over", unit="uV", sampling_rate_hz=rate, samples=ArraySamples(stored=stored), settings=limits),
    )
    return Recording(channels=channels), over


def test_offered_repairs_are_switched_on_seen_and_taken_back():
    recording, truth = faulty()
    before = [channel.samples.stored.copy() for channel in recording.channels]
    viewer = TraceViewer(recording)
    assert viewer.wait()
    offered = {flag["repair"]: flag for flag in viewer._flags if flag["repair"]}
    assert {"interpolate", "notch", "unwrap"} <= set(offered)
    assert offered["unwrap"]["repair_words"] == "Unwrap"
    for code in ("interpolate", "unwrap", "notch"):
        viewer._receive(viewer, {"type": "repair", "flags": [offered[code]]}, [])
    assert viewer.filters == (FilterStep(kind="notch", frequency_hz=50.0),)
    viewer.filters = ()
    assert [flag.repair for flag in viewer.repairs] == ["interpolate", "unwrap"]
    mended = viewer.selection(is_filtered=True)
    viewer.window_s = [0.0, 10.0]
    mended = viewer.selection(is_filtered=True)
    assert np.isfinite(mended.channels[0].samples_uv).all()
    np.testing.assert_allclose(mended.channels[2].samples_uv, truth)
    assert "repaired places on gone" in mended.notes[-1]
    assert np.isnan(viewer.selection().channels[0].samples_uv).sum() == 10
    head = viewer._desk._channel(2, 0.0, 10.0, 900, [])
    assert head["filtered"] is not None
    for channel, stored in zip(recording.channels, before, strict=True):
        np.testing.assert_array_equal(channel.samples.stored, stored)
    viewer._repairs = [{**step, "is_on": False} for step in viewer._repairs]
    assert viewer.repairs == ()
    assert np.isnan(viewer.selection(is_filtered=True).channels[0].samples_uv).sum() == 10


def test_a_repair_with_nothing_to_repair_is_a_sentence_and_changes_nothing():
    viewer = TraceViewer(make_recording(), quality=None)
    flag = QualityFlag(
        kind="missing", channel="flow", start_s=1, end_s=2, size=1, unit="s", reason="", repair="interpolate"
    )
    with pytest.raises(InputError, match="nothing to repair"):
        viewer.repair(flag)
    with pytest.raises(InputError, match="no mains line is found"):
        viewer.repair(replace(flag, channel="needle", repair="notch"))
    assert viewer.repairs == ()
    assert viewer.filters == ()


def test_undo_goes_back_through_filters_gains_channels_repairs_and_marks_in_order():
    recording, _ = faulty()
    talk = Talk(recording)
    viewer = talk.viewer
    journal = viewer._desk.journal
    now = [0.0]
    journal._clock = lambda: now[0]
    first = list(viewer.sensitivities)

    def later(change):
        now[0] += 5
        change()

    later(lambda: setattr(viewer, "filters", [FilterStep(kind="high_pass", frequency_hz=20.0)]))
    later(lambda: talk.ask(type="mark", action="add", start_s=1, end_s=1, label="fibrillation"))
    later(lambda: setattr(viewer, "sensitivities", [2.0, *first[1:]]))
    later(lambda: setattr(viewer, "hidden", [1]))
    flag = QualityFlag(
        kind="missing", channel="gone", start_s=2.0, end_s=2.0025, size=1, unit="s", reason="", repair="interpolate"
    )
    later(lambda: viewer.repair(flag))
    assert viewer._undo == {"undo": "repair", "redo": ""}
    assert [viewer.undo() for _ in range(6)] == ["repair", "channels shown", "sensitivity", "mark", "filters", ""]
    assert (viewer.repairs, viewer.hidden, viewer.sensitivities, viewer.annotations, viewer.filters) == (
        (),
        [],
        first,
        (),
        (),
    )
    assert viewer._undo == {"undo": "", "redo": "filters"}
    talk.ask(type="mark", action="redo")
    assert len(viewer.filters) == 1
    assert [viewer.redo() for _ in range(5)] == ["mark", "sensitivity", "channels shown", "repair", ""]
    assert len(viewer.annotations) == 1
    assert len(viewer.repairs) == 1
    later(viewer.undo)
    later(lambda: setattr(viewer, "hidden", []))
    assert viewer.redo() == ""  # a new step ends what could be made again


def test_turns_of_one_knob_are_one_step():
    viewer = TraceViewer(make_recording(), quality=None)
    now = [0.0]
    viewer._desk.journal._clock = lambda: now[0]
    first = list(viewer.sensitivities)
    for gain in (10.0, 20.0, 50.0):
        now[0] += 0.3
        viewer.sensitivities = [gain, first[1]]
    assert viewer.undo() == "sensitivity"
    assert viewer.sensitivities == first


def test_hidden_channels_are_left_out_of_what_is_handed_out(talk):
    talk.viewer.cursors_s = [1.0, 1.1]
    talk.viewer.hidden = [1]
    assert [channel.name for channel in talk.viewer.selection().channels] == ["needle"]
    assert set(talk.viewer.selection_table()["channel"]) == {"needle"}
    talk.viewer.hidden = [0, 1]  # all of them: refused
    assert talk.viewer.hidden == [1]


def test_sixty_four_channels_are_drawn_within_the_budget_and_soon():
    rng = np.random.default_rng(0)
    recording = Recording(
        channels=tuple(
            Channel(name=f"e{i}", unit="uV", sampling_rate_hz=2048.0,
                    samples=ArraySamples(stored=rng.normal(0, 20, 2048 * 30).astype(np.int16)))
            for i in range(64)
        )
    )  # fmt: skip
    talk = Talk(recording, filters=[FilterStep(kind="high_pass", frequency_hz=20.0)])
    talk.viewer.wait()
    began = time.perf_counter()
    content, buffers = talk.ask(type="view", id=1, start_s=0.0, end_s=10.0, columns=1000, channels=[*range(64)])
    assert time.perf_counter() - began < 1.0  # about 0.1 s alone
    assert len(content["channels"]) == 64
    assert sum(map(len, buffers)) <= 64 * 8192


def shown_by_nbconvert(bundle):
    """What an exporter without widget state picks: never the widget view, the richest of the rest."""
    from nbconvert.filters.widgetsdatatypefilter import WidgetsDataTypeFilter

    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", data=bundle)])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    (kind,) = WidgetsDataTypeFilter(notebook_metadata=notebook.metadata, resources={})(bundle)
    html = nbconvert.HTMLExporter().from_notebook_node(notebook)[0]
    return kind, html


def test_where_no_kernel_runs_a_small_picture_is_shown():
    rng = np.random.default_rng(0)
    noisy = tuple(
        Channel(name=f"a long name of channel {i} <b>", unit="uV", sampling_rate_hz=RATE,
                samples=ArraySamples(stored=rng.normal(0, 60, 480_000)))
        for i in range(8)
    )  # fmt: skip
    viewer = TraceViewer(
        Recording(channels=noisy, title="left & right"),
        quality=None,
        filters=[FilterStep(kind="high_pass", frequency_hz=20.0)],
    )
    data, _ = viewer._repr_mimebundle_()
    assert set(data) == {"text/plain", "image/svg+xml", "application/vnd.jupyter.widget-view+json"}
    picture = data["image/svg+xml"]
    assert 5_000 < len(picture.encode()) <= 45_000
    root = ET.fromstring(picture)
    words = "".join(root.itertext())
    assert "left & right" in words
    assert "numbers cannot change" in words
    assert "first 6 of 8 channels" in words
    assert "0 to 1 s, between" in data["text/plain"]
    kind, html = shown_by_nbconvert(data)
    assert kind == "image/svg+xml"
    assert base64.b64encode(picture.encode()).decode() in html.replace("\n", "")
    assert root.find("{http://www.w3.org/2000/svg}title").text.startswith(
        "a long name of channel 0 <b>, 0 to 1 s, between"
    )
    assert viewer._repr_mimebundle_()[0]["image/svg+xml"] == picture
    assert "<script" not in picture
    assert "href" not in picture


@pytest.mark.parametrize("make", [make_recording, make_sweeps])
def test_the_small_picture_draws_the_trace_where_it_is(make):
    viewer = TraceViewer(make(), quality=None)
    viewer.window_s = [viewer._info["start_s"], viewer._info["end_s"]]
    picture = viewer._repr_mimebundle_()[0]["image/svg+xml"]
    strokes = [one for one in ET.fromstring(picture) if one.get("fill") == "none"]
    assert strokes
    longest = max(strokes, key=lambda one: len(one.get("d")))
    at, seen = [0, 0], []
    for letter, numbers in re.findall(r"([Mlhv])([-0-9 ]+)", longest.get("d")):
        x, y = ([*map(int, numbers.split()), 0] if letter in "Mlh" else [0, int(numbers)])[:2]
        at = [x, y] if letter == "M" else [at[0] + x, at[1] + y]
        seen.append(tuple(at))
    assert max(x for x, _ in seen) - min(x for x, _ in seen) > 550  # the whole width
    assert 44 <= min(y for _, y in seen) < max(y for _, y in seen) <= 290


def test_an_error_and_an_empty_recording_show_a_sentence_without_a_kernel(tmp_path):
    assert "does not exist" in TraceViewer(tmp_path / "nowhere.edf")._repr_mimebundle_()[0]["text/plain"]
    assert "image/svg+xml" not in TraceViewer(Recording())._repr_mimebundle_()[0]


@pytest.mark.parametrize("kind", ["npz", "edf"])
def test_the_selection_is_exported_as_a_recording(talk, tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    talk.viewer.cursors_s = [1.0, 1.5]
    talk.viewer.hidden = [1]
    talk.viewer.filters = [FilterStep(kind="high_pass", frequency_hz=20.0)]
    truth = talk.viewer.recording.channels[0].samples_uv[48000:72000]
    for is_filtered in (False, True):
        name = f"part_{is_filtered}"
        talk.viewer._receive(
            None, {"type": "export", "kind": kind, "name": name, "how": "beside", "is_filtered": is_filtered}, []
        )
        (channel,) = read(tmp_path / f"{name}.{kind}").channels
        expected = talk.viewer.selection(is_filtered=is_filtered).channels[0].samples_uv
        np.testing.assert_allclose(channel.samples_uv[: len(expected)], expected, atol=0.05)
        assert np.allclose(expected, truth) != is_filtered


def test_channels_of_unlike_rates_are_exported_as_edf_from_a_sample_they_share(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    slow = Channel(name="slow", unit="uV", sampling_rate_hz=2000.0, samples=ArraySamples(stored=np.arange(20000.0)))
    viewer = TraceViewer(Recording(channels=(make_recording().channels[0], slow)), quality=None)
    viewer.cursors_s = [1.00013, 1.50021]
    viewer._receive(None, {"type": "export", "kind": "edf", "name": "both", "how": "beside"}, [])
    needle, slow_part = read(tmp_path / "both.edf").channels
    truth = viewer.recording.channels[0].samples_uv
    np.testing.assert_allclose(needle.samples_uv[:24000], truth[48000:72000], atol=0.05)
    assert slow_part.samples_uv[0] == pytest.approx(2000, abs=0.5)


def test_identifiers_never_travel():
    recording = make_recording(identifiers={"name": "Mrs Secret"}, origin=FileOrigin(format="EDF", name="a.edf"))
    viewer = TraceViewer(recording, quality=None)
    assert "Secret" not in str(viewer.get_state()) + repr(viewer)
    assert viewer._info["identifiers"] == "1 kept on request"


def test_selection_is_between_the_cursors_as_recording_table_and_figure(talk):
    viewer = talk.viewer
    viewer.cursors_s = [2.5, 2.0]
    assert viewer.selection_s == (2.0, 2.5)
    selection = viewer.selection()
    assert selection.channels[0].n_samples == 24000
    assert selection.channels[0].start_s == pytest.approx(2.0)
    np.testing.assert_array_equal(
        selection.channels[0].samples_uv, viewer.recording.channels[0].samples_uv[96000:120000]
    )
    table = viewer.selection_table()
    assert list(table.columns) == ["channel", "time_s", "value", "unit"]
    assert len(table) == 24000 + 500
    assert len(viewer.to_figure().axes) == 2
    assert len(viewer.to_figure(backend="plotly").data) == 2
    with pytest.raises(InputError, match="no such way to draw"):
        viewer.to_figure(backend="crayon")


def test_without_cursors_the_selection_is_what_is_seen(talk):
    talk.viewer.window_s = [1.0, 2.0]
    assert talk.viewer.selection_s == (1.0, 2.0)


def test_the_same_picture_gives_the_same_bytes(talk):
    assert talk.viewer.snapshot() == talk.viewer.snapshot()
    assert talk.viewer.snapshot().startswith(b"\x89PNG")


def test_export_sends_or_writes_and_never_overwrites(talk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sent = []
    talk.viewer.send = lambda content, buffers=None: sent.append((content, buffers))
    talk.viewer.cursors_s = [1.0, 1.01]
    for how in ("download", "beside", "beside"):
        talk.viewer._receive(None, {"type": "export", "kind": "csv", "name": "part", "how": how}, [])
    assert [content["type"] for content, _ in sent] == ["file", "notice", "error"]
    assert (tmp_path / "part.csv").read_bytes() == sent[0][1][0]
    talk.viewer._receive(None, {"type": "export", "kind": "svg", "name": "../x", "how": "beside"}, [])
    assert "holds a folder" in sent[-1][0]["what"]


def test_a_filter_that_does_not_fit_a_channel_is_left_out_and_said():
    slow = Channel(name="surface", unit="uV", sampling_rate_hz=2000.0, samples=ArraySamples(stored=np.zeros(20000)))
    viewer = TraceViewer(Recording(channels=(make_recording().channels[0], slow)), quality=None,
                         filters=[FilterStep(kind="low_pass", frequency_hz=5000.0)])  # fmt: skip
    assert viewer._filter_notes == ["surface without low-pass 5 kHz: rate too low"]


def test_a_long_channel_is_filtered_in_the_background_and_kept_as_extremes():
    rng = np.random.default_rng(1)
    channel = Channel(
        name="n",
        unit="uV",
        sampling_rate_hz=RATE,
        samples=ArraySamples(stored=rng.normal(300, 9, 3_000_000).astype(np.int16)),
    )
    talk = Talk(Recording(channels=(channel,)), filters=[FilterStep(kind="high_pass", frequency_hz=20.0)])
    talk.viewer.wait()
    view = talk.viewer._desk.views[0]
    content, buffers = talk.ask(type="view", id=1, start_s=0, end_s=62.5, columns=900, channels=[0])
    filtered = unpack(content["channels"][0]["filtered"], buffers)
    assert abs(np.nanmean(filtered)) < 5  # the offset of 300 is gone
    assert view.n_bytes < 0.15 * 3_000_000 * 2


def test_quality_is_looked_for_in_the_background():
    flat = np.random.default_rng(0).normal(0, 100, 48000).astype(np.int16)
    flat[10000:40000] = 7
    channel = Channel(name="n", unit="uV", sampling_rate_hz=RATE, samples=ArraySamples(stored=flat), kind="needle_emg")
    viewer = TraceViewer(Recording(channels=(channel,)))
    assert viewer.wait()
    assert "flat" in [flag["kind"] for flag in viewer._flags]


def test_flags_and_names_of_the_recording_are_shown():
    flag = QualityFlag(
        kind="mains", channel="needle", start_s=1, end_s=2, size=52, unit="uV", reason="Amplitudes do not hold."
    )
    viewer = TraceViewer(make_recording(quality_flags=(flag,)), quality=None)
    assert viewer._flags[0]["name"] == "Mains"
    assert re.fullmatch(r"TraceViewer\(2 channels, 10\.000 s, 0 marks\)", repr(viewer))


def test_joined_module_scopes_names_and_reports_what_cannot_be_joined(tmp_path):
    (tmp_path / "a.js").write_text("const x = 1;\nexport function f() { return x; }\n")
    (tmp_path / "b.js").write_text(
        'import { f } from "./a.js";\nconst x = 2;\nexport function render() { return f() + x; }\n'
    )
    text = _esm.join_modules(tmp_path / "b.js")
    assert text.count("const x") == 2
    assert not re.search(r"^\s*import\b", text, re.MULTILINE)
    (tmp_path / "c.js").write_text('import { g } from "./a.js";\nexport function render() {}\n')
    with pytest.raises(InputError, match=r"imports what a\.js does not export"):
        _esm.join_modules(tmp_path / "c.js")
    (tmp_path / "d.js").write_text("export default {};\n")
    with pytest.raises(InputError, match="cannot be joined"):
        _esm.join_modules(tmp_path / "d.js")
    (tmp_path / "e.js").write_text('import { render } from "./e.js";\nexport function render() {}\n')
    with pytest.raises(InputError, match="in a circle"):
        _esm.join_modules(tmp_path / "e.js")


def test_no_address_is_in_what_the_browser_loads():
    assert not re.search(r"https?://|//cdn", TraceViewer._esm + TraceViewer._css)


def test_marks_that_came_with_the_recording_are_shown_and_not_changed():
    from dataclasses import replace as replaced

    from emgwidgets.model.signal import Annotation, ArraySamples, Channel, Recording

    channel = Channel(name="n", unit="uV", sampling_rate_hz=1000.0, samples=ArraySamples(stored=np.zeros(5000)))
    own = Annotation(start_s=1.0, label="rest", duration_s=1.0)
    viewer = TraceViewer(replaced(Recording(channels=(channel,)), annotations=(own,)), quality=None)
    assert [mark.label for mark in viewer.annotations] == ["rest"]
    viewer._receive(
        viewer, {"type": "mark", "action": "add", "start_s": 2.0, "end_s": 3.0, "label": "fibrillation"}, []
    )
    assert [mark.label for mark in viewer.annotations] == ["rest", "fibrillation"]
    viewer._receive(viewer, {"type": "mark", "action": "remove", "id": viewer.annotations[0].id}, [])
    assert [mark.label for mark in viewer.annotations] == ["rest", "fibrillation"]
    viewer._receive(viewer, {"type": "mark", "action": "remove", "id": viewer.annotations[1].id}, [])
    assert [mark.label for mark in viewer.annotations] == ["rest"]
