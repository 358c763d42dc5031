"""The queue of the live loudspeaker, with arrivals made up: what is late, what is heard, and how chunks join."""

from __future__ import annotations

import importlib.resources

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

#: Chunks of 10 ms at 50 kHz; ``held`` are hold-ups: when, and for how long nothing arrives, in seconds; ``stopped``: when,
#: and for how long, the loudspeaker itself stands still.
RUN = """async ({ code, held, stopped, n_chunks, tone_hz }) => {
  const { makeQueue, shaped } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const [rate, n] = [50000, 500];
  const queue = makeQueue();
  const out = new Float32Array(rate * (n_chunks / 100 + 2));
  const played = new Int8Array(out.length);
  const told = { late: 0, silence_s: 0, left_out: 0, lags_s: [], stretches: [] };
  let [before, seed, first, last] = [0, 7, null, 0];
  for (let k = 0; k < n_chunks; k += 1) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    let at = ((k + 1) * n) / rate + 0.003 + (0.004 * seed) / 2147483648;
    for (const [when, long] of held) if (at > when && at < when + long) at = when + long;
    const samples = Float32Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * tone_hz * (k * n + i)) / rate));
    const apart = 0.5 - (at > stopped[0] ? stopped[1] : 0); // clock of the loudspeaker
    const place = queue.place({ start_s: (k * n) / rate, n, rate, now: at + apart, wall_s: at, edge_s: 0.00256 });
    told.late += place.silence_s > 0;
    told.silence_s += place.silence_s;
    told.left_out += place.n === 0;
    if (!place.n) continue;
    const part = shaped(samples, { n: place.n, before, isBroken: place.isBroken, rate });
    before = samples.at(-1);
    told.lags_s.push([at, place.frame / rate - apart - (k * n) / rate]);
    told.stretches.push(place.n / n);
    if (!place.isBroken) out.fill(0, place.frame, place.frame + 400); // the fading end of the one before is not heard
    for (let i = 0; i < part.length; i += 1) out[place.frame + i] += part[i];
    played.fill(1, place.frame, place.frame + place.n);
    first = first ?? place.frame;
    last = place.frame + place.n;
  }
  let [zeros, jump] = [0, 0];
  for (let i = first; i < last; i += 1) zeros += played[i] === 0;
  for (let i = first + 1; i < last; i += 1) jump = Math.max(jump, Math.abs(out[i] - out[i - 1]));
  return { ...told, unplayed_s: zeros / rate, jump };
}"""
TONE_HZ = 500.0
STEP = 2 * 3.1416 * TONE_HZ / 50_000  # of a tone of amplitude 1 from one sample to the next


@pytest.fixture
def run(lab):
    code = (importlib.resources.files("emgwidgets") / "widgets" / "_js" / "sound_queue.js").read_text(encoding="utf-8")
    page = lab.browser.new_page()
    told = {"code": code, "n_chunks": 2000, "tone_hz": TONE_HZ}
    yield lambda *held, stopped=(1e9, 0.0): page.evaluate(RUN, {**told, "held": held, "stopped": stopped})
    page.close()


def lag_s(told, at_s):
    return min(told["lags_s"], key=lambda one: abs(one[0] - at_s))[1]


def test_chunks_that_come_in_time_join_without_silence_or_click(run):
    told = run()
    assert (told["late"], told["left_out"], told["unplayed_s"]) == (0, 0, 0)
    assert told["jump"] < 1.1 * STEP
    assert 0.017 < lag_s(told, 18.0) < 0.024  # block, the latest arrival and the margin, no more


def test_a_hold_up_leaves_one_counted_silence_moves_back_at_once_and_comes_near_again(run):
    told = run([8.0, 0.05])
    assert (told["late"], told["left_out"]) == (1, 0)
    assert told["unplayed_s"] == pytest.approx(told["silence_s"], abs=1e-4)
    assert 0.02 < told["silence_s"] < 0.05
    assert lag_s(told, 8.06) > 0.05
    assert lag_s(told, 12.0) < 0.026
    assert min(told["stretches"]) >= 0.95  # faster, and never so much that it sounds like another tone
    assert told["jump"] < 1.3 * STEP  # no click where it ends, begins or is played faster


def test_hold_ups_that_come_again_and_again_are_waited_for(run):
    told = run(*[[2.0 + 0.5 * k, 0.03] for k in range(30)])
    assert told["late"] <= 4  # of 30: the first ones, while they may still be rare
    assert lag_s(told, 15.0) > 0.03


def test_after_a_long_hold_up_what_is_far_too_late_is_left_out(run):
    told = run([8.0, 0.6])
    assert told["late"] == 1
    assert told["left_out"] > 30  # of 60 chunks
    assert lag_s(told, 9.0) < 0.2
    assert lag_s(told, 14.0) < 0.03
    assert told["jump"] < 1.3 * STEP


def test_time_that_the_loudspeaker_lost_is_made_up_for_at_once(run):
    told = run(stopped=(8.0, 0.04))
    assert told["late"] == 0
    assert lag_s(told, 8.02) > 0.05
    assert lag_s(told, 11.0) < 0.026
    assert told["jump"] < 1.3 * STEP
