"""Ulnar nerves: the site of a lesion from motor segments and three sensory branches, or an anomaly that only looks like one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emgwidgets.analysis.ncs import measure_motor_response, measure_sensory_response
from emgwidgets.interpretation.reference import limit
from emgwidgets.lessons._people import known_of, person
from emgwidgets.lessons.item import Item, ItemTrace
from emgwidgets.model.measure import Absent
from emgwidgets.model.signal import Sweep
from emgwidgets.model.verdict import Limit
from emgwidgets.simulation.patient import VirtualPatient
from emgwidgets.work_up import subject_of

__all__ = ["ulnar_item"]

OPTIONS = ("Nothing found", "At the wrist", "At the elbow", "Above the ganglion: C8 root", "Martin-Gruber: no lesion")
#: Condition or anomaly of the row -> option that is true.
TRUTHS = {
    "normal": 0, "ulnar_neuropathy_at_wrist": 1, "ulnar_neuropathy_at_elbow": 2, "radiculopathy_c8": 3,
    "martin_gruber_adm": 4,
}  # fmt: skip
SITES = ("wrist", "below_elbow", "above_elbow")
#: Options whose item must lie below the limit at the wrist to be fair; the others above, so that size does not mislead.
LOW_AT_THE_WRIST = (1, 3)
#: People tried for that; internal choice.
MOST_PEOPLE = 8
BRANCHES = {"ulnar_d5": "little finger", "dorsal_ulnar_cutaneous": "back of the hand"}


def ulnar_item(row: Mapping[str, Any], seed: int) -> Item:
    """Make an item: ADM from three sites, the sensory branches as numbers."""
    truth = TRUTHS[row.get("anomaly", row.get("condition", ""))]
    for extra in range(MOST_PEOPLE):
        patient = person(row, seed + 1000 * extra)
        sweeps, seen, low_mv = _examined(patient)
        is_low = (seen["wrist"] or 0.0) < low_mv
        if is_low == (truth in LOW_AT_THE_WRIST) or truth == OPTIONS.index("At the elbow"):
            break
    return Item(
        question="Where is the lesion, if there is one?", options=OPTIONS, truth=truth,
        feedback=tuple(_about(option, truth, seen) for option in range(len(OPTIONS))), why=_WHY[truth],
        traces=tuple(ItemTrace(label=site.replace("_", " "), sweep=sweep, scale="motor") for site, sweep in sweeps.items()),
        known=(known_of(patient), *((name, f"{seen[name]:.1f} mV") for name in ("wrist", "below elbow", "above elbow") if seen[name] is not None),
               ("limit at the wrist", f"{low_mv:g} mV or more (aanem_2016, unverified)"), ("distal latency", f"{seen['latency']:.1f} ms"), ("forearm", f"{seen['forearm']:.0f} m/s"), ("across the elbow", f"{seen['elbow']:.0f} m/s"),
               *((words, "no response" if seen[words] is None else f"{seen[words]:.0f} µV") for words in BRANCHES.values())),
        found=(("planted", " ".join((row.get("anomaly") or row["condition"], row.get("severity", ""))).replace("_", " ").strip()),),
        end_ms=24.0,
    )  # fmt: skip


def _examined(patient: VirtualPatient) -> tuple[dict[str, Sweep], dict[str, float | None], float]:
    """Sweeps of ADM, numbers, and the lower limit of the amplitude at the wrist in mV."""
    sweeps = {
        site: patient.motor_study(nerve="ulnar", muscle="abductor_digiti_minimi_hand", side="right", site=site).sweep
        for site in SITES
    }
    seen = _motor(sweeps)
    for key, words in BRANCHES.items():
        wave = measure_sensory_response(patient.sensory_study(response=key, side="right", n_averaged=20).sweep)
        seen[words] = None if isinstance(wave, Absent) else wave.amplitude_uv.value
    found = limit("ulnar_adm", "amplitude_mv", subject=subject_of(patient), convention="baseline_to_peak", site="wrist")
    return sweeps, seen, found.low if isinstance(found, Limit) and found.low is not None else 0.0


def _motor(sweeps: Mapping[str, Sweep]) -> dict[str, float | None]:
    waves = {site: measure_motor_response(sweep) for site, sweep in sweeps.items()}
    seen: dict[str, float | None] = {
        site.replace("_", " "): None if isinstance(wave, Absent) else wave.amplitude_mv.value
        for site, wave in waves.items()
    }
    onsets = [0.0 if isinstance(wave, Absent) else wave.onset_latency_ms.value for wave in waves.values()]
    places = [sweep.distance_mm or 0.0 for sweep in sweeps.values()]
    seen["latency"] = onsets[0]
    for name, i in (("forearm", 0), ("elbow", 1)):
        seen[name] = (places[i + 1] - places[i]) / (onsets[i + 1] - onsets[i])
    return seen


def _fall(seen: Mapping[str, float | None], first: str, second: str) -> float:
    one, other = seen[first], seen[second]
    return 100.0 * (1.0 - (other or 0.0) / one) if one else 0.0


def _about(option: int, truth: int, seen: Mapping[str, float | None]) -> str:
    """The feature that speaks for or against an option."""
    forearm, elbow = _fall(seen, "wrist", "below elbow"), _fall(seen, "below elbow", "above elbow")
    finger = seen["little finger"]
    branch = seen["back of the hand"]
    texts = (
        f"Wrist {seen['wrist']:.1f} mV, fall {forearm:.0f} % in the forearm and {elbow:.0f} % across the elbow, {seen['elbow']:.0f} m/s there",
        f"Distal latency {seen['latency']:.1f} ms, back of the hand {'absent' if branch is None else f'{branch:.0f} µV'}, little finger {'absent' if finger is None else f'{finger:.0f} µV'}",
        f"Across the elbow {seen['elbow']:.0f} m/s against {seen['forearm']:.0f} in the forearm, fall {elbow:.0f} %",
        f"Wrist {seen['wrist']:.1f} mV with {'no' if finger is None else f'{finger:.0f} µV'} at the little finger",
        f"The fall lies {'between wrist and below the elbow' if forearm > elbow else 'across the elbow'}: {forearm:.0f} and {elbow:.0f} %; the forearm conducts at {seen['forearm']:.0f} m/s",
    )  # fmt: skip
    return f"{texts[option]}{'' if option == truth else ': ' + _AGAINST[option]}."


#: What speaks against an option that is not true.
_AGAINST = (
    "not all of it healthy", "not what a lesion at the wrist does", "not what a lesion at the elbow does",
    "not what a root does to motor and sensory fibres", "not the pattern of a crossing",
)  # fmt: skip
_WHY = (
    "Nothing was planted. A normal study does not exclude a lesion: a 10 cm segment finds about half of them (ncs.S70).",
    "The little finger and the hand muscles are hit, the branch to the back of the hand leaves the nerve before the wrist and is kept.",
    "Speed and size fall in the same short segment. The branch to the back of the hand may be kept all the same (unverified).",
    "Axons are lost to the muscle, the sensory cell bodies lie beyond the lesion: the finger response is kept. The needle has to show the root.",
    "Fibres cross from the median nerve in the forearm: the loss lies between wrist and below elbow at normal speed (ncs.S92, ncs.S93). Stimulate the median nerve at the elbow over this muscle.",
)
