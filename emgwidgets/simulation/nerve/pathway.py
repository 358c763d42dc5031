"""The way of a nerve in centimetres: where each stretch begins and ends, and where one can stimulate and record.

Positions are our own proposal (mark P): cm from the spinal cord in an adult of 170 cm, chosen so that the published F
latencies follow; they grow with height, while the distal distance is fixed by technique.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.anatomy import Pathway
from emgwidgets.simulation.nerve.element_places import spans_cm

__all__ = [
    "NervePath", "Route", "Span", "Study", "path_to_muscle", "path_to_study", "studies", "study", "study_for_muscle",
    "study_for_response", "study_of_muscle",
]  # fmt: skip

_REFERENCE_HEIGHT_CM = 170.0
_STAND_IN = "axons_to_"


@dataclass(frozen=True, kw_only=True)
class Span:
    """One stretch of the way; positions in mm from the spinal cord."""

    element: str
    start_mm: float
    end_mm: float


@dataclass(frozen=True, kw_only=True)
class Route:
    """The way of one group of axons: its root and its stretches, proximal to distal."""

    root: str
    weight: float
    spans: tuple[Span, ...]

    def span(self, element: str) -> Span | None:
        """Stretch of this code, or None when the axons do not pass it."""
        return next((span for span in self.spans if span.element == element), None)

    def element_at(self, position_mm: float) -> str:
        """Code of the stretch at one position; the last one beyond its end."""
        return next((span.element for span in self.spans if position_mm < span.end_mm), self.spans[-1].element)

    @property
    def ganglion_mm(self) -> float:
        """Position of the sensory ganglion; 0 where the way names none."""
        return next((span.start_mm for span in self.spans if span.element.startswith("drg_")), 0.0)

    def spliced(self, other: Route, at_mm: float) -> Route:
        """Return this way up to one position and the other way beyond it."""
        before = [
            Span(element=s.element, start_mm=s.start_mm, end_mm=min(s.end_mm, at_mm))
            for s in self.spans if s.start_mm < at_mm
        ]  # fmt: skip
        if before and before[-1].end_mm < at_mm:  # the first way may have ended at its own target
            before[-1] = Span(element=before[-1].element, start_mm=before[-1].start_mm, end_mm=at_mm)
        after = [
            Span(element=s.element, start_mm=max(s.start_mm, at_mm), end_mm=s.end_mm)
            for s in other.spans if s.end_mm > at_mm
        ]  # fmt: skip
        return Route(root=self.root, weight=self.weight, spans=tuple(before + after))


@dataclass(frozen=True, kw_only=True)
class NervePath:
    """Every way of the axons to one target; positions in mm from the cord.

    Parameters
    ----------
    target_mm : float
        Where the response is recorded.
    end_mm : float
        Where the axons end; beyond the electrode in an orthodromic study.
    """

    target: str
    routes: tuple[Route, ...]
    target_mm: float
    end_mm: float


@dataclass(frozen=True, kw_only=True)
class Study:
    """What is stimulated and recorded in one nerve conduction study, with the healthy population's figures.

    Parameters
    ----------
    key : str
        Such as ``"median_apb"`` or ``"sural"``.
    kind : {"motor", "sensory"}
    target : str
        Code of the muscle or of the sensory nerve of the vocabulary.
    data : mapping
        The row of ``nerve_studies.toml``.
    """

    key: str
    kind: str
    target: str

    @property
    def data(self) -> dict[str, Any]:
        """Row of the table of studies; proposed figures for a muscle without a study of its own."""
        row: dict[str, Any] = (
            _stand_in(self.target) if self.key == _STAND_IN + self.target else _tables()[self.kind][self.key]
        )
        return row

    @property
    def sites(self) -> tuple[str, ...]:
        """Names of the sites of stimulation."""
        return tuple(self.data["sites"])

    @property
    def is_arm(self) -> bool:
        """Whether it is a study above the lumbar roots."""
        return _pathways(self)[0].root[0] not in "LS"

    def site_cm(self, site: str) -> float:
        """Position of a site at 170 cm of height.

        Raises
        ------
        InputError
            If the nerve has no such site.
        """
        if site not in self.data["sites"]:
            raise InputError(f"{self.key} has no such site", got=repr(site), expected=f"one of {', '.join(self.sites)}")
        return float(self.data["sites"][site])

    @property
    def target_cm(self) -> float:
        """Position of the active electrode at 170 cm of height."""
        if self.kind == "sensory":
            return float(self.data["recording_cm"])
        return self.site_cm(self.data["standard_site"]) + float(self.data["distal_cm"])

    def position_mm(self, cm: float, height_cm: float) -> float:
        """Position in a subject: proximal stretches grow with height, the distal distance does not."""
        pivot = min(self.site_cm(self.data["standard_site"]), self.target_cm)
        scale = 10.0 * height_cm / _REFERENCE_HEIGHT_CM
        return min(cm, pivot) * scale + max(cm - pivot, 0.0) * 10.0


@cache
def _tables() -> dict[str, Any]:
    text = resources.files("emgwidgets.simulation.nerve").joinpath("nerve_studies.toml").read_text(encoding="utf-8")
    tables: dict[str, Any] = tomllib.loads(text)
    for rows in tables.values():
        for key in rows:  # a row follows the one it is like, so that row is complete already
            rows[key] = {**rows.get(rows[key].get("like"), {}), **rows[key]}
    return tables


@cache
def studies(kind: str | None = None) -> tuple[str, ...]:
    """Keys of all studies, or of the motor or the sensory ones."""
    kinds = ("motor", "sensory") if kind is None else (kind,)
    return tuple(key for one in kinds for key, row in _tables()[one].items() if row.get("recorded", True))


@cache
def study(key: str) -> Study:
    """Return one study by its key.

    Raises
    ------
    InputError
        If there is no such study.
    """
    for kind, column in (("motor", "muscle"), ("sensory", "response")):
        if key in _tables()[kind]:
            return Study(key=key, kind=kind, target=_tables()[kind][key][column])
    if key.startswith(_STAND_IN):
        return study_of_muscle(key.removeprefix(_STAND_IN))
    raise InputError("no such nerve conduction study", got=repr(key), expected=f"one of {', '.join(studies())}")


def study_of_muscle(muscle: str) -> Study:
    """Return the study whose motor axons supply a muscle of the vocabulary, by any name of the muscle.

    A muscle that no nerve conduction study records from is given a stand-in: the axons along its real way, without a
    site to stimulate at.

    Raises
    ------
    InputError
        If there is no such muscle.
    """
    code = vocabulary.muscle(muscle).code
    for key, row in _tables()["motor"].items():
        if row["muscle"] == code:
            return study(key)
    return Study(key=_STAND_IN + code, kind="motor", target=code)


@cache
def _stand_in(muscle: str) -> dict[str, Any]:
    """Figures for the axons of a muscle without a study: those of the studied nerves of the limb (P)."""
    pathways = vocabulary.muscle(muscle).pathways
    _, start, end = max((spans_cm(pathway.elements, None)[-1] for pathway in pathways), key=lambda span: span[2])
    is_leg = pathways[0].root[0] in "LS"
    # The branch leaves in the middle of the last stretch and runs 5 cm to the motor point (P).
    entry = max((start + end) / 2, 0.5)
    return {
        "standard_site": "nerve_entry", "nerve": vocabulary.muscle(muscle).nerve, "muscle": muscle,
        "distal_cm": 5.0, "velocity": [50.0, 4.5] if is_leg else [58.5, 5.2], "distal_latency": [2.5, 0.3],
        "amplitude": [8.0, 2.5], "amplitude_per_year": -0.006, "velocity_per_cm": -0.15 if is_leg else 0.0,
        "units": [200, 45], "backfire": 0.008, "fibre_half_length": 35.0, "depth": [8.0, 18.0], "neighbours": [],
        "sites": {"nerve_entry": entry}, "depths": {"nerve_entry": 20.0},
    }  # fmt: skip


def study_for_muscle(nerve: str, muscle: str) -> Study:
    """Return the motor study of a nerve and a muscle, by any name of the muscle.

    Raises
    ------
    InputError
        If the muscle is not recorded from in the studies of this nerve.
    """
    code = vocabulary.muscle(muscle).code
    for key, row in _tables()["motor"].items():
        if row["nerve"] == nerve and row["muscle"] == code:
            return study(key)
    rows = [(row["nerve"], row["muscle"]) for row in _tables()["motor"].values()]
    same = [f"{one} to {other}" for one, other in rows if other == code] or [
        f"{one} to {other}" for one, other in rows if one == nerve
    ]
    raise InputError(
        "no motor study of this nerve to this muscle", got=f"{nerve} to {code}",
        expected=f"one of {', '.join(same or [f'{one} to {other}' for one, other in rows])}",
        way_out="" if same else "a muscle without a study can be examined with the needle",
    )  # fmt: skip


def study_for_response(name: str) -> Study:
    """Return the sensory study of a name such as ``"median_d2"`` or ``"sural"``.

    Raises
    ------
    InputError
        If there is none.
    """
    key = name if name in _tables()["sensory"] else vocabulary.sensory_nerve(name).code
    if key not in studies("sensory"):
        raise InputError("no such sensory study", got=repr(name), expected=f"one of {', '.join(studies('sensory'))}")
    return study(key)


def _pathways(one: Study) -> tuple[Pathway, ...]:
    """Ways of the vocabulary to the target; a target it does not know brings its own way."""
    if "way" in one.data:
        return (Pathway(root=one.data["root"], weight=3, elements=tuple(one.data["way"])),)
    find = vocabulary.muscle if one.kind == "motor" else vocabulary.sensory_nerve
    return find(one.target).pathways


@lru_cache(maxsize=512)
def path_to_study(one: Study, height_cm: float) -> NervePath:
    """Way of the axons of a study in a subject of this height."""
    end_cm = max(one.target_cm, *one.data["sites"].values()) + 1.0
    routes = []
    for pathway in _pathways(one):
        spans = tuple(
            Span(
                element=name,
                start_mm=one.position_mm(start, height_cm),
                end_mm=one.position_mm(end, height_cm),
            )
            for name, start, end in spans_cm(pathway.elements, end_cm)
        )
        routes.append(Route(root=pathway.root, weight=float(pathway.weight), spans=spans))
    return NervePath(
        target=one.target, routes=tuple(routes), target_mm=one.position_mm(one.target_cm, height_cm),
        end_mm=one.position_mm(end_cm - 1.0, height_cm),
    )  # fmt: skip


@lru_cache(maxsize=512)
def path_to_muscle(muscle: str, height_cm: float) -> NervePath:
    """Way of the axons to any muscle of the vocabulary; where no study fixes the motor point, at the end of the way."""
    return path_to_study(study_of_muscle(muscle), height_cm)
