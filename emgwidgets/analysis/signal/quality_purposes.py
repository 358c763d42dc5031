"""What rate a purpose needs, with its source, and which purposes a kind of channel is asked for."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PURPOSES", "Purpose", "purposes_of_kind"]


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """A use of a recording.

    Parameters
    ----------
    code, label : str
        Name in code and in words.
    sampling_rate_hz : float
        Least rate.
    source, mark : str
        Where the rate comes from; M from memory and D derived are shown as unverified.
    """

    code: str
    label: str
    sampling_rate_hz: float
    source: str
    mark: str


#: Twice the high filter setting is the least rate that keeps the band (derived).
PURPOSES: tuple[Purpose, ...] = (
    Purpose(
        code="spontaneous_activity", label="spontaneous activity", sampling_rate_hz=20_000.0,
        source="twice the 10 kHz high filter of Stalberg 2019", mark="D",
    ),
    Purpose(code="muap_shape", label="MUAP shape", sampling_rate_hz=20_000.0, source="Stalberg 2019; Daube & Rubin 2009",
            mark="M"),
    Purpose(code="jitter", label="jitter", sampling_rate_hz=50_000.0, source="Stalberg 2019; Daube & Rubin 2009", mark="M"),
    Purpose(
        code="ncs_latency", label="NCS latency", sampling_rate_hz=20_000.0,
        source="twice the 10 kHz high filter usual for motor studies", mark="D",
    ),
)  # fmt: skip

_NEEDLE = ("spontaneous_activity", "muap_shape", "jitter")
_BY_KIND = {"needle_emg": _NEEDLE, "emg": tuple(purpose.code for purpose in PURPOSES)}


def purposes_of_kind(kind: str) -> tuple[str, ...]:
    """Purposes a channel of this kind is checked for when the caller names none; none for a surface interference EMG."""
    return _BY_KIND.get(kind, ())
