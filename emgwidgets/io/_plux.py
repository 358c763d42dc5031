"""Converter counts of PLUX devices into microvolts, only where the file or the user says which sensor it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emgwidgets.errors import ReadError
from emgwidgets.io._build import Scale, channel_of
from emgwidgets.io.registry import ReadOptions
from emgwidgets.model.signal import Channel, RecordingSettings, Segment
from emgwidgets.units import is_voltage, microvolts_per

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["PluxSensor", "counts_channel", "mac_free", "read_transfer", "unsaid_error"]

#: Supply voltage and gain of the sensors: input = (counts / 2^n - 1/2) * supply / gain.
#: Source: PLUX, notebook "EMG Sensor - Unit Conversion" (formula and 3 V, gain 1000) and the maker's conversion
#: routine raw_to_phy of biosignalsnotebooks (device names, ECG gain 1019, BITalino 3.3 V with 1008 and 1009).  Mark V.
_SUPPLY_GAIN: dict[tuple[str, str], tuple[float, float]] = {
    ("biosignalsplux", "emg"): (3.0, 1000.0),
    ("biosignalsplux", "ecg"): (3.0, 1019.0),
    ("bitalino", "emg"): (3.3, 1008.0),
    ("bitalino", "ecg"): (3.3, 1100.0),
    ("bitalino_rev", "emg"): (3.3, 1009.0),
    ("bitalino_rev", "ecg"): (3.3, 1100.0),
}
#: Device names a file may carry and the family whose sensors they use (same source).
_FAMILY = {
    "bioplux": "biosignalsplux", "bioplux_exp": "biosignalsplux", "biosignalsplux": "biosignalsplux",
    "rachimeter": "biosignalsplux", "channeller": "biosignalsplux", "swifter": "biosignalsplux",
    "ddme_openbanplux": "biosignalsplux", "bitalino": "bitalino", "bitalino_rev": "bitalino_rev",
    "bitalino_riot": "bitalino_rev",
}  # fmt: skip
#: Sensor texts that do not say what was connected.
_UNSAID = frozenset({"", "raw", "custom", "unknown", "none", "other"})


@dataclass(frozen=True, kw_only=True)
class PluxSensor:
    """What a file says about one channel."""

    label: str
    sensor: str
    device: str
    n_bits: int


def read_transfer(options: ReadOptions) -> dict[str, str] | str | None:
    """The option ``transfer``: a name such as ``"biosignalsplux_emg"``, or one for each channel.

    Raises
    ------
    ReadError
        If the name is not known.
    """
    given = options.options.get("transfer")
    names = [f"{family}_{sensor}" for family, sensor in _SUPPLY_GAIN]
    for name in given.values() if isinstance(given, dict) else [given]:
        if name is not None and name not in names:
            raise ReadError(
                "no such transfer function", got=repr(name), expected=", ".join(names), way_out="choose one of these"
            )
    return given


def mac_free(text: str) -> str:
    """Text that is no device address; empty otherwise."""
    return "" if text.count(":") >= 5 else text


def counts_channel(
    stored: NDArray[Any], facts: PluxSensor, rate_hz: float, segments: tuple[Segment, ...], options: ReadOptions
) -> Channel | None:
    """Channel from converter counts; None where nobody says what the counts mean.

    Parameters
    ----------
    stored : ndarray of int, shape (n_samples,)
        Counts of a converter with ``facts.n_bits`` bits; its middle is zero input.
    """
    if not 1 <= facts.n_bits <= 24:
        raise ReadError(
            f"channel {facts.label!r} states no usable resolution", got=f"{facts.n_bits} bits", expected="1 to 24 bits",
            way_out="record it again",
        )  # fmt: skip
    key = _key(facts, options)
    if key in _SUPPLY_GAIN:
        supply_v, gain = _SUPPLY_GAIN[key]
        step_uv = supply_v / gain / 2**facts.n_bits * 1e6
        half_uv = supply_v / gain / 2 * 1e6
        settings = RecordingSettings(converter_range=(-half_uv, (2**facts.n_bits - 1) * step_uv - half_uv))
        return channel_of(
            facts.label, stored, Scale(unit="uV"), rate_hz, gain=step_uv, offset=-half_uv, segments=segments, kind=key[1],
            settings=settings,
        )  # fmt: skip
    given = options.unit_of(facts.label)
    if given is None and facts.sensor.lower() in _UNSAID | {"emg", "ecg"}:
        return None
    unit = given or "counts"
    scale = Scale(unit="uV", factor=microvolts_per(unit)) if is_voltage(unit) else Scale(unit=unit)
    kind = facts.sensor.lower() if facts.sensor.lower() in {"emg", "ecg"} else None
    return channel_of(facts.label, stored, scale, rate_hz, segments=segments, kind=kind)


def _key(facts: PluxSensor, options: ReadOptions) -> tuple[str, str]:
    transfer = read_transfer(options)
    name = transfer.get(facts.label) if isinstance(transfer, dict) else transfer
    if name:
        family, _, sensor = name.rpartition("_")
        return family, sensor
    return _FAMILY.get(facts.device.lower(), ""), facts.sensor.lower()


def unsaid_error(file_name: str, labels: list[str]) -> ReadError:
    """Sentence for counts nobody explains."""
    shown = ", ".join(repr(label) for label in labels[:4])
    return ReadError(
        f"{file_name} holds converter counts and does not say which sensor and device gave {shown}", got="raw counts",
        expected="a known EMG or ECG sensor",
        way_out='state it with transfer="biosignalsplux_emg" or "bitalino_rev_emg", or take them as plain numbers with unit="counts"',
    )  # fmt: skip
