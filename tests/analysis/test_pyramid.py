"""The pyramid against brute force: nothing is lost, nothing is invented, samples are not copied."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgwidgets.analysis.signal.pyramid import BASE_BIN, Pyramid, bin_extremes
from emgwidgets.errors import InputError
from emgwidgets.model.signal import ArraySamples


class CountingSource:
    """Lazy samples that remember the longest read."""

    gain, offset = 1.0, 0.0

    def __init__(self, stored):
        self.stored, self.longest = stored, 0

    @property
    def dtype(self):
        return self.stored.dtype

    def __len__(self):
        return len(self.stored)

    def read_stored(self, start, stop):
        self.longest = max(self.longest, stop - start)
        return self.stored[start:stop]


def brute(values, envelope):
    pairs = [values[a:b] for a, b in zip(envelope.edges[:-1], envelope.edges[1:], strict=True)]
    if values.dtype.kind != "f":
        return np.array([p.min() for p in pairs]), np.array([p.max() for p in pairs])
    return (np.array([np.fmin.reduce(p) for p in pairs]), np.array([np.fmax.reduce(p) for p in pairs]))


@settings(max_examples=150, deadline=None)
@given(
    n=st.integers(1, 30_000), seed=st.integers(0, 9), start=st.floats(0, 1), length=st.floats(0, 1), columns=st.integers(1, 1200),
    kind=st.sampled_from(["int16", "float64", "float32"]), holes=st.booleans(),
)  # fmt: skip
def test_every_column_holds_the_extremes_of_its_samples(*, n, seed, start, length, columns, kind, holes):
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1000, n).astype(kind)
    if holes and kind != "int16":
        values[rng.random(n) < 0.3] = np.nan
        values[n // 3 : n // 3 + 500] = np.nan
    first = int(start * (n - 1))
    last = min(n, first + max(1, int(length * n)))
    envelope = Pyramid.build(ArraySamples(stored=values)).window(first, last, columns)
    lo, hi = brute(values, envelope)
    np.testing.assert_array_equal(envelope.lo, lo)
    np.testing.assert_array_equal(envelope.hi, hi)
    assert envelope.edges[0] <= first
    assert envelope.edges[-1] >= last
    assert (np.diff(envelope.edges) > 0).all()
    reach = (last - first) / columns
    assert first - envelope.edges[0] <= reach
    assert envelope.edges[-1] - last <= reach
    assert len(envelope) <= max(columns, 2 * columns if last - first <= 2 * columns else columns)


def test_few_samples_come_as_they_are():
    values = np.arange(5000, dtype=np.int16)
    envelope = Pyramid.build(ArraySamples(stored=values)).window(100, 400, 200)
    np.testing.assert_array_equal(envelope.lo, values[100:400])
    assert envelope.lo is envelope.hi


def test_a_spike_of_one_sample_is_seen_in_an_hour():
    values = np.zeros(4_000_000, dtype=np.int16)
    values[3_123_457] = -999
    envelope = Pyramid.build(ArraySamples(stored=values)).window(0, len(values), 900)
    column = int(np.argmin(envelope.lo))
    assert envelope.lo[column] == -999
    assert envelope.edges[column] <= 3_123_457 < envelope.edges[column + 1]


def test_memory_stays_under_four_percent_of_the_samples_and_reads_are_blocks():
    source = CountingSource(np.zeros(5_000_000, dtype=np.int16))
    pyramid = Pyramid.build(source)
    assert pyramid.n_bytes < 0.04 * source.stored.nbytes
    assert source.longest <= 1 << 20


def test_a_long_window_reads_no_sample():
    source = CountingSource(np.random.default_rng(0).integers(-999, 999, 3_000_000).astype(np.int16))
    pyramid = Pyramid.build(source)
    source.longest = 0
    pyramid.window(0, 3_000_000, 1000)
    assert source.longest == 0


def test_a_window_without_samples_is_empty():
    pyramid = Pyramid.build(ArraySamples(stored=np.arange(10.0)))
    assert len(pyramid.window(5, 5, 100)) == 0
    assert len(pyramid.window(50, 60, 100)) == 0


def test_extremes_of_the_last_broken_bin_do_not_reach_over():
    lo, hi = bin_extremes(np.array([1, 2, 3, 9, -9]), 2)
    assert lo.tolist() == [1, 3, -9]
    assert hi.tolist() == [2, 9, -9]


def test_blocks_must_end_on_a_bin():
    with pytest.raises(InputError, match="ends inside a bin"):
        Pyramid.from_blocks([np.zeros(BASE_BIN + 1), np.zeros(BASE_BIN)], n_samples=2 * BASE_BIN + 1)


def test_blocks_must_hold_what_was_promised():
    with pytest.raises(InputError, match="do not hold the samples promised"):
        Pyramid.from_blocks([np.zeros(BASE_BIN)], n_samples=BASE_BIN * 2)
