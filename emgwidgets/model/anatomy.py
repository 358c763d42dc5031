"""Muscles, nerves, roots, sites and disc levels as frozen data.  The tables themselves are in ``vocabulary``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emgwidgets.errors import InputError
from emgwidgets.sources import Mark

__all__ = ["Element", "Level", "Muscle", "Nerve", "Pathway", "Root", "SensoryNerve", "Site", "SkinZone"]

ElementKind = Literal[
    "cranial_nerve", "root", "dorsal_root_ganglion", "spinal_nerve", "dorsal_ramus", "ventral_ramus", "plexus", "trunk",
    "division", "cord", "nerve",
]  # fmt: skip
Fibres = Literal["motor", "sensory", "mixed"]


@dataclass(frozen=True, kw_only=True)
class Element:
    """One stretch of the way from the spinal cord to the periphery; what a lesion can sit on.

    Parameters
    ----------
    code : str
        Such as ``"root_c6"``, ``"drg_c6"``, ``"upper_trunk"``, ``"median_carpal_tunnel"``.
    kind : str
        Root, ganglion, spinal nerve, ramus, plexus, trunk, division, cord, nerve, or cranial nerve.
    nerve : str
        Code of the nerve it is a stretch of; empty above the nerves.
    """

    code: str
    name: str
    kind: ElementKind
    nerve: str = ""
    mark: Mark = Mark.V


@dataclass(frozen=True, kw_only=True)
class Pathway:
    """The way from one root to a muscle or a skin area: element codes, proximal to distal.

    Parameters
    ----------
    root : str
        Code of the root, such as ``"C6"`` or ``"CN XI"``.
    weight : int
        3 dominant, 2 regular, 1 minor: an editorial scale (mark P), not a share of axons.
    elements : tuple of str
        Codes of :class:`Element`, proximal to distal.
    """

    root: str
    weight: int
    elements: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.weight not in (1, 2, 3):
            raise InputError("no such root weight", got=repr(self.weight), expected="3 dominant, 2 regular or 1 minor")
        if not self.elements:
            raise InputError(f"the pathway from {self.root} has no element", expected="at least the root itself")

    def beyond(self, element: str) -> tuple[str, ...]:
        """Elements distal to one element; empty when it is the last or not on the way."""
        if element not in self.elements:
            return ()
        return self.elements[self.elements.index(element) + 1 :]


@dataclass(frozen=True, kw_only=True)
class _Innervated:
    """What muscles and sensory nerves share: pathways from their roots."""

    code: str
    name: str
    nerve: str
    pathways: tuple[Pathway, ...]
    source: tuple[str, ...] = ()
    mark: Mark = Mark.V
    weight_mark: Mark = Mark.P

    def __post_init__(self) -> None:
        if not self.pathways:
            raise InputError(f"{self.code} has no pathway", expected="at least one root with a weight")

    @property
    def roots(self) -> tuple[str, ...]:
        """Roots in order of the table, each once."""
        return tuple(dict.fromkeys(pathway.root for pathway in self.pathways))

    @property
    def root_weights(self) -> dict[str, int]:
        """Weight of each root: 3 dominant, 2 regular, 1 minor (editorial)."""
        return {pathway.root: pathway.weight for pathway in self.pathways}

    @property
    def dominant_roots(self) -> tuple[str, ...]:
        """Roots with the largest weight."""
        weights = self.root_weights
        return tuple(root for root, weight in weights.items() if weight == max(weights.values()))

    @property
    def elements(self) -> tuple[str, ...]:
        """Every element any of the pathways passes, each once, in order of the pathways."""
        return tuple(dict.fromkeys(element for pathway in self.pathways for element in pathway.elements))

    def path_from(self, root: str) -> tuple[str, ...]:
        """Elements from one root, proximal to distal; where a root has two ways, the main one.

        Raises
        ------
        InputError
            If the root does not supply it.
        """
        return self.paths_from(root)[0]

    def paths_from(self, root: str) -> tuple[tuple[str, ...], ...]:
        """Every way from one root, the main one first.

        Raises
        ------
        InputError
            If the root does not supply it.
        """
        found = tuple(pathway.elements for pathway in self.pathways if pathway.root == root.upper())
        if not found:
            raise InputError(f"{self.code} is not supplied by {root}", got=root, expected=f"one of {list(self.roots)}")
        return found

    def roots_through(self, element: str) -> tuple[str, ...]:
        """Roots whose fibres to it pass the element; empty when a lesion there spares it."""
        return tuple(dict.fromkeys(way.root for way in self.pathways if element in way.elements))

    def is_beyond(self, element: str) -> bool:
        """Whether any of its fibres pass the element, so that a lesion there can affect it."""
        return any(element in pathway.elements for pathway in self.pathways)


@dataclass(frozen=True, kw_only=True)
class Muscle(_Innervated):
    """A muscle with its nerve, its pathways from the roots, and the movement that activates it."""

    region: str
    action: str
    nerve_text: str = ""
    path_text: str = ""

    @property
    def is_paraspinal(self) -> bool:
        """Whether it is supplied by dorsal rami, proximal to every plexus."""
        return self.region == "paraspinal"


@dataclass(frozen=True, kw_only=True)
class SensoryNerve(_Innervated):
    """A sensory response: where it is recorded, its ganglia, and where it is expected abnormal or spared.

    Every pathway holds the dorsal root ganglion as an element; elements before it are preganglionic.
    """

    recording_site: str
    skin_area: str
    abnormal_in: str = ""
    normal_in: str = ""
    trunk_text: str = ""
    cord_text: str = ""

    def preganglionic(self, root: str) -> tuple[str, ...]:
        """Elements proximal to the ganglion of one root."""
        path = self.path_from(root)
        return path[: path.index(_ganglion(path))]

    def postganglionic(self, root: str) -> tuple[str, ...]:
        """The ganglion of one root and every element distal to it."""
        path = self.path_from(root)
        return path[path.index(_ganglion(path)) :]

    def is_response_affected_by(self, element: str) -> bool:
        """Whether axon loss at the element can lower the response: only at the ganglion or distal to it."""
        return any(
            element in path[path.index(_ganglion(path)) :] for path in (pathway.elements for pathway in self.pathways)
        )


def _ganglion(path: tuple[str, ...]) -> str:
    return next(element for element in path if element.startswith("drg_"))


@dataclass(frozen=True, kw_only=True)
class Nerve:
    """A named nerve: what it branches from, its stretches from proximal to distal, and its fibres.

    Parameters
    ----------
    parent : str
        Code of the parent nerve; empty when it leaves a plexus, a ramus or the brain stem.
    elements : tuple of str
        Its stretches, proximal to distal.
    leaves_from : str
        Element of the parent it leaves; empty without a parent.
    route : str
        How its fibres come from the roots (see ``routes.csv``); empty with a parent.
    """

    code: str
    name: str
    fibres: Fibres
    elements: tuple[str, ...]
    parent: str = ""
    leaves_from: str = ""
    route: str = ""
    sites: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    mark: Mark = Mark.M


@dataclass(frozen=True, kw_only=True)
class Site:
    """A place to stimulate or to record.

    Parameters
    ----------
    element : str
        Stretch of the nerve it lies on; empty for a recording site over a muscle or skin.
    distance_mm : tuple of float
        Distances in use from the stimulus to the active electrode, in mm; the first is this project's default, and
        limits apply only at their own distance.
    """

    code: str
    name: str
    nerve: str
    kind: Literal["stimulation", "recording"]
    study: Literal["motor", "sensory", "mixed", "late"]
    target: str
    element: str = ""
    distance_mm: tuple[float, ...] = ()
    landmark: str = ""
    source: tuple[str, ...] = ()
    mark: Mark = Mark.M


@dataclass(frozen=True, kw_only=True)
class Root:
    """A spinal root or a cranial nerve as origin of a muscle; ``disc`` is the level whose foramen it leaves through."""

    code: str
    name: str
    region: Literal["cranial", "cervical", "thoracic", "lumbar", "sacral"]
    element: str
    disc: str = ""
    dermatome: str = ""
    reflex: str = ""
    lead_action: str = ""
    source: tuple[str, ...] = ()
    mark: Mark = Mark.M

    @property
    def is_cranial(self) -> bool:
        """Whether it is a cranial nerve."""
        return self.region == "cranial"


@dataclass(frozen=True, kw_only=True)
class Level:
    """A disc level with the roots of each zone.

    Parameters
    ----------
    exiting : str
        Root that leaves through the foramen of this level.
    traversing : str
        Root that a sub-articular lesion meets: the next lower one in the lumbar spine, the same one in the neck.
    central : str
        What a central lesion meets: ``"cord"``, ``"conus"``, ``"conus / cauda"`` or ``"cauda: L5-S5"``.
    """

    code: str
    region: Literal["cervical", "thoracic", "lumbar"]
    upper: str
    lower: str
    exiting: str
    traversing: str
    central: str
    note: str = ""
    source: tuple[str, ...] = ()
    mark: Mark = Mark.V


@dataclass(frozen=True, kw_only=True)
class SkinZone:
    """One zone of a body chart, the same on both sides.

    Parameters
    ----------
    face : str
        Where it is drawn: ``"front"``, ``"back"`` or ``"both"``.
    region : str
        Part of the body, such as ``"forearm"``.
    roots, pain_roots : tuple of (str, int)
        Roots that feel it, and roots whose pain runs through it, with the editorial weight 3, 2 or 1.
    nerves : tuple of str
        Codes of :class:`SensoryNerve` that supply it; empty where the vocabulary holds no response of it.
    leaf : str
        Last known stretch of its nerve, where no sensory response is known.
    """

    code: str
    name: str
    face: Literal["front", "back", "both"]
    region: str
    roots: tuple[tuple[str, int], ...]
    pain_roots: tuple[tuple[str, int], ...]
    nerves: tuple[str, ...] = ()
    leaf: str = ""
    source: tuple[str, ...] = ()
    mark: Mark = Mark.V
