"""Where blocks belong on the count of samples: a stretch off the rate once and twice, and a clock that was set back."""

from __future__ import annotations

import numpy as np
import pytest

from emgwidgets.acquisition.continuity import Continuity
from emgwidgets.acquisition.protocols import Block, ChannelInfo, DeviceError, StreamInfo

RATE_HZ, N_BLOCK = 1000.0, 10
EVEN_S = N_BLOCK / RATE_HZ


def follower():
    return Continuity(StreamInfo(name="one", sampling_rate_hz=RATE_HZ, channels=(ChannelInfo(name="EMG"),)))


def places(follows, steps_s):
    """Place blocks whose times are so far apart."""
    time_s, found = 100.0, []
    for step_s in (0.0, *steps_s):
        time_s += step_s
        found.append(follows.place(Block(samples=np.zeros((1, N_BLOCK)), time_s=time_s)))
    return found


@pytest.mark.parametrize("step_s", [0.9 * EVEN_S, 1.1 * EVEN_S], ids=["fast", "slow"])
def test_a_rate_that_is_off_for_a_second_once_is_a_busy_machine_and_twice_another_rate(step_s):
    off, even = [step_s] * round(1.05 / step_s), [EVEN_S] * 210
    places(follower(), [*even[:100], *off, *even, *off, *even])
    with pytest.raises(DeviceError, match="changed its rate; got about"):
        places(follower(), [*even[:100], *off, *off, *off])


def test_after_a_clock_that_was_set_back_a_gap_is_as_long_as_it_was():
    follows = follower()
    found = places(follows, [*[EVEN_S] * 20, EVEN_S - 0.5, *[EVEN_S] * 20, EVEN_S + 0.2, *[EVEN_S] * 5])
    assert [one.n_lost for one in found if one.n_lost] == [200]
    assert [one.is_inferred for one in found].index(True) == 42
    assert found[-1].position == N_BLOCK * (len(found) - 1) + 200
    assert follows.lead_s == pytest.approx(-0.5, abs=1e-6)
