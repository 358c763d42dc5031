"""What a stimulus does: which axons it activates and what artefact it leaves; knows nothing of the responses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgwidgets.errors import InputError
from emgwidgets.simulation.nerve.nerve_parameters import value

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Pulse", "activation_probability", "stimulus_artefact_uv", "threshold_current_ma"]


#: Limit of the stimulator (internal choice: high-voltage stimulators reach it).
MAX_CURRENT_MA = 400.0


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """One rectangular pulse.

    Parameters
    ----------
    current_ma, pulse_width_ms : float
        Size and width.
    extra_depth_mm : float
        Tissue between cathode and nerve beyond the usual: obesity, oedema, or a misplaced cathode.
    is_reversed : bool
        Cathode and anode exchanged.
    """

    current_ma: float
    pulse_width_ms: float = 0.1
    extra_depth_mm: float = 0.0
    is_reversed: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.current_ma <= MAX_CURRENT_MA:
            raise InputError("the current cannot be used", got=f"{self.current_ma} mA", expected="0 to 400 mA")
        if not 0.02 <= self.pulse_width_ms <= 2.0:
            raise InputError("the pulse width cannot be used", got=f"{self.pulse_width_ms} ms", expected="0.02 to 2 ms")
        if not 0 <= self.extra_depth_mm <= 80:
            raise InputError("the extra depth cannot be used", got=f"{self.extra_depth_mm} mm", expected="0 to 80 mm")


def threshold_current_ma(
    excitability: NDArray[np.float64], *, depth_mm: float, pulse_width_ms: float, sensory: bool
) -> NDArray[np.float64]:
    """Threshold of each axon, shape ``(n_axons,)``.

    Parameters
    ----------
    excitability : ndarray, shape (n_axons,)
        Threshold relative to the median axon of the nerve.

    Notes
    -----
    Weiss: threshold grows with ``1 + tau / width``; depth adds ``1 + (r / r0)**2``.  Both kinds of axon have the same
    median threshold at 0.1 ms, so that long pulses favour sensory axons.
    """
    tau_ms = value("strength_duration_sensory" if sensory else "strength_duration_motor")
    width = (1 + tau_ms / pulse_width_ms) / (1 + tau_ms / 0.1)
    depth = 1 + (depth_mm / value("depth_constant")) ** 2
    threshold: NDArray[np.float64] = value("threshold_current") * depth * width * excitability
    return threshold


def activation_probability(current_ma: float, threshold_ma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability that each axon fires: a normal ogive with relative spread 1.65 % of its threshold (Sleutjes 2021)."""
    from scipy.special import ndtr

    z = (current_ma - threshold_ma) / (value("relative_spread") * threshold_ma)
    return np.asarray(ndtr(z), dtype=np.float64)


def stimulus_artefact_uv(
    times_ms: NDArray[np.float64], pulse: Pulse, *, closeness: float, slow_share: float = -0.05
) -> NDArray[np.float64]:
    """Stimulus artefact: the pulse itself and two decays of the tissue and the input (form of McGill 1982).

    Parameters
    ----------
    closeness : float
        Factor for distance and ground: about 1 at 8 cm.
    slow_share : float
        Size and sign of the slow decay against the pulse.
    """
    peak_uv = value("artefact_per_ma") * pulse.current_ma * closeness * (-1.0 if pulse.is_reversed else 1.0)
    during = (times_ms >= 0) & (times_ms < pulse.pulse_width_ms)
    after = np.clip(times_ms - pulse.pulse_width_ms, 0.0, None)
    tail = 0.25 * np.exp(-after / value("artefact_fast")) + slow_share * np.exp(-after / value("artefact_slow"))
    return peak_uv * (during * 1.0 + (times_ms >= pulse.pulse_width_ms) * tail)


def shift_of_reversed_ms(velocity_m_per_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Delay added when the cathode is the far pole."""
    shift: NDArray[np.float64] = value("reversed_shift") / velocity_m_per_s
    return shift


def log_size_threshold(n_axons: int, rank: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Relative threshold of each axon; large axons are a little easier to excite.

    Parameters
    ----------
    rank : ndarray, shape (n_axons,)
        Standardised size, mean 0 and SD 1.
    """
    rho = value("threshold_size_correlation")
    mixed = rho * rank + math.sqrt(1 - rho**2) * rng.standard_normal(n_axons)
    result: NDArray[np.float64] = np.exp(value("threshold_spread") * mixed)
    return result
