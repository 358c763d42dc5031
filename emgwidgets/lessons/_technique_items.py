"""Motor studies with one error of technique, or none: recognised by its signature, with the smallest thing to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emgwidgets.analysis.ncs import measure_motor_response
from emgwidgets.analysis.ncs.plateau import STEP_UP
from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.model.measure import Absent
from emgwidgets.model.signal import Sweep
from emgwidgets.simulation.nerve.stimulation import Pulse
from emgwidgets.simulation.nerve.technical_errors import technical_error
from emgwidgets.simulation.patient import VirtualPatient

__all__ = ["technique_item"]

NONE = "No error"
#: Codes of the errors on offer, in the order of the options.
OFFERED = (
    "", "submaximal", "costimulation", "reversed_electrodes", "cold_limb", "wrong_distance", "off_motor_point", "mains",
    "low_filter_high",
)  # fmt: skip
SITES = ("wrist", "elbow")


def _sweep(patient: VirtualPatient, site: str, error: str, pulse: Pulse | None = None) -> Sweep:
    return patient.motor_study(
        nerve="median", muscle="abductor_pollicis_brevis", side="right", site=site, trial=5, error=error, pulse=pulse
    ).sweep


def _weaker(patient: VirtualPatient, kept: Sweep, error: str) -> Sweep:
    """The same stimulus with 20 % less current, the error kept."""
    given = kept.stimulus
    assert given is not None
    assert given.current_ma is not None
    share = technical_error(error).pulse_changes.get("current_share", 1.0) if error else 1.0
    pulse = Pulse(current_ma=given.current_ma / STEP_UP / share, pulse_width_ms=given.pulse_width_ms or 0.2)
    return _sweep(patient, str(kept.site), error, pulse)


def _numbers(sweeps: Mapping[str, Sweep]) -> dict[str, float]:
    """Latencies in ms, amplitudes in mV, velocity in m/s by the distance that was written down."""
    found: dict[str, float] = {}
    for site, sweep in sweeps.items():
        wave = measure_motor_response(sweep)
        if not isinstance(wave, Absent):
            found[f"{site} latency"], found[f"{site} amplitude"] = wave.onset_latency_ms.value, wave.amplitude_mv.value
    ends = [sweeps[site].distance_mm for site in SITES]
    if "wrist latency" in found and "elbow latency" in found and None not in ends:
        found["velocity"] = (ends[1] - ends[0]) / (found["elbow latency"] - found["wrist latency"])  # type: ignore[operator]
    return found


def _text(numbers: Mapping[str, float]) -> str:
    parts = [
        f"{site} {numbers[f'{site} latency']:.2f} ms, {numbers[f'{site} amplitude']:.1f} mV"
        for site in SITES
        if f"{site} latency" in numbers
    ]
    return "; ".join([*parts, *([f"{numbers['velocity']:.0f} m/s"] if "velocity" in numbers else [])])


def technique_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item; ``error`` is its code, ``at`` the only site that has it (both without)."""
    patient, code = person(row, seed), row.get("error", "")
    errors = {site: code for site in SITES if row.get("at", site) == site}
    sweeps = {site: _sweep(patient, site, errors.get(site, "")) for site in SITES}
    clean = {site: _sweep(patient, site, "") for site in SITES}
    seen, usual = _text(_numbers(sweeps)), _text(_numbers(clean))
    options = tuple(technical_error(one).title if one else NONE for one in OFFERED)
    skin = sweeps["wrist"].skin_temperature_degc
    settings = sweeps["wrist"].settings
    return Item(
        question="Which error, if any?", options=options, truth=OFFERED.index(code), feedback=_feedback(code, seen),
        why=_why(code, usual),
        traces=tuple(
            ItemTrace(label=label, sweep=sweep, scale="motor")
            for site, kept in sweeps.items()
            for label, sweep in ((f"{site}, 20 % less", _weaker(patient, kept, errors.get(site, ""))), (site, kept))
        ),
        known=(known_of(patient), ("median nerve", seen), ("skin", f"{skin:.0f} °C"),
               ("filter", f"{settings.high_pass_hz:g} Hz to {settings.low_pass_hz:g} Hz"),
               ("tape", f"{sweeps['elbow'].distance_mm - sweeps['wrist'].distance_mm:.0f} mm")),  # type: ignore[operator]
        found=(("the same hand done well", usual),), end_ms=24.0,
    )  # fmt: skip


def _feedback(code: str, seen: str) -> tuple[str, ...]:
    told = []
    for one in OFFERED:
        if not one:
            told.append(
                "Latencies, sizes, shapes and velocity fit one another."
                if one == code
                else f"Something does not fit: {seen}."
            )
        elif one == code:
            told.append(f"{_capital(technical_error(one).signature)}.")
        else:
            told.append(f"That would show {technical_error(one).signature}. Here: {seen}.")
    return tuple(told)


def _why(code: str, usual: str) -> str:
    if not code:
        return "Nothing to repeat. An error that is looked for and not found makes a number worth more."
    error = technical_error(code)
    return f"It is: {error.title.lower()}. Smallest repeat: {error.remedy}. Done well, the same hand gives {usual}."


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
