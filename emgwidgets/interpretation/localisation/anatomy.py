"""What a lesion of one stretch can reach, from the pathways of the vocabulary; nothing is listed by hand."""

from __future__ import annotations

from functools import cache

from emgwidgets import vocabulary
from emgwidgets.interpretation._tables import rows_of, studies
from emgwidgets.interpretation.localisation.candidates import rows_of as own_rows
from emgwidgets.model.anatomy import Muscle, SensoryNerve
from emgwidgets.vocabulary.lookup import words

__all__ = ["focal_share", "published", "share", "span", "target_of", "unknown_nerve", "weight_of"]


@cache
def target_of(kind: str, study: str) -> Muscle | SensoryNerve | None:
    """Muscle or sensory nerve of a study; None for one the vocabulary has no pathways of."""
    if kind in {"needle", "strength"}:
        return vocabulary.muscles().get(study)
    row = next((row for row in rows_of("studies.csv") if row["code"] == study), None)
    if row is None:  # a study the table lacks is called by its nerve and its muscle
        return next(
            (one for nerve, one in _nerve_and_muscle(study) if kind == "motor" and nerve in vocabulary.nerves()), None
        )
    code = row["target"]
    if row["kind"] == "motor":
        return vocabulary.muscles().get(code)
    mixed = {"median": "median_d3", "ulnar": "ulnar_d5"}  # mixed palm studies share the digital fibres of the palm
    return vocabulary.sensory_nerves().get(mixed.get(code, code))


def _nerve_and_muscle(study: str) -> list[tuple[str, Muscle]]:
    """Nerve and muscle a study made from both codes is called by."""
    return [
        (study.removesuffix(f"_{code}"), one)
        for code, one in vocabulary.muscles().items()
        if study.endswith(f"_{code}")
    ]


@cache
def unknown_nerve(kind: str, study: str) -> str:
    """Nerve of a study that no table knows; empty for a study that can be used or whose nerve is known."""
    if study in studies() or target_of(kind, study) is not None:
        return ""
    named = _nerve_and_muscle(study)
    nerve = named[0][0] if kind == "motor" and named else study
    return "" if nerve in vocabulary.nerves() else nerve


@cache
def share(kind: str, study: str, element: str) -> float:
    """Share of the fibres of a study's muscle or sensory nerve that pass a stretch, by the editorial root weights.

    A stretch before the ganglion gives 0 for a sensory nerve: its peripheral axons live.
    """
    target = target_of(kind, study)
    if target is None:
        return 0.0
    total = passing = 0.0
    for root in target.roots:
        ways = target.paths_from(root)
        each = target.root_weights[root] / len(ways)
        for way in ways:
            total += each
            if element in way and not (isinstance(target, SensoryNerve) and _is_before_ganglion(way, element)):
                passing += each
    return passing / total


@cache
def weight_of(kind: str, study: str, element: str) -> int:
    """Editorial weight of a root element for a study's muscle or nerve; 0 where it does not supply it."""
    target = target_of(kind, study)
    found = [way.weight for way in target.pathways if element in way.elements] if target else []
    return max(found, default=0)


def _is_before_ganglion(way: tuple[str, ...], element: str) -> bool:
    ganglion = next(n for n, one in enumerate(way) if one.startswith("drg_"))
    return way.index(element) < ganglion


@cache
def _site_element(study: str, site: str) -> str:
    """Stretch on which a stimulation site of a study lies; empty where the vocabulary does not say."""
    row = next((row for row in rows_of("studies.csv") if row["code"] == study), None)
    for part in words(row["sites"]) if row else ():
        word, _, names = part.partition("=")
        if word == site:
            for name in names.split("|"):
                if name in vocabulary.sites():
                    return vocabulary.site(name).element
    trunk = f"{row['trunk']}_{site}" if row else ""  # a comparison study is stimulated where its nerve's others are
    return vocabulary.site(trunk).element if trunk in vocabulary.sites() else ""


@cache
def site_is_mixed(study: str, site: str) -> bool:
    """Whether a response runs from the palm up to the wrist."""
    name = f"{study}_mixed"
    return site == "palm" and name in vocabulary.sites()


#: Sites stimulated below the recording, which sits on the stretch above: plantar nerves, recorded behind the malleolus.
ORTHODROMIC = frozenset({"sole"})


@cache
def span(kind: str, study: str, near: str, far: str = "") -> tuple[str, ...]:
    """Stretches between a stimulation site and the recording, or between two sites; empty where it is not known.

    Parameters
    ----------
    near, far : str
        Site of a response; or the distal and the proximal site of a segment.
    """
    target = target_of(kind, study)
    end = _site_element(study, near)
    begin = _site_element(study, far) if far else end
    if target is None or not begin or (far and not end):
        return target.pathways[0].elements[-1:] if isinstance(target, SensoryNerve) else ()
    if site_is_mixed(study, near):
        return (end,)  # stimulated in the palm, recorded at the wrist
    for pathway in target.pathways:
        way = pathway.elements
        if begin in way and end in way:
            if near in ORTHODROMIC:
                return way[way.index(end) - 1 :]
            start = way.index(begin) + 1
            return way[start : way.index(end) + 1] if far else way[start:] or way[-1:]
    return ()


@cache
def focal_share(kind: str, study: str, element: str, spanned: tuple[str, ...]) -> float:
    """Share of the fibres that a stretch holds, where the stretch lies inside what is measured; else 0."""
    return share(kind, study, element) if element in spanned else 0.0


@cache
def _series() -> dict[tuple[str, str, str], tuple[float, float]]:
    return {
        (row["element"], row["kind"], row["target"]): (float(row["abnormal"]), float(row["n"]))
        for row in own_rows("series.csv")
    }


@cache
def published(kind: str, study: str, element: str) -> float | None:
    """Share of a published series in which a test was abnormal with a lesion here; None where there is none.

    Half a case is added to each side, as the series are small.
    """
    target = target_of(kind, study)
    found = None if target is None else _series().get((element, kind, target.code))
    return None if found is None else (found[0] + 0.5) / (found[1] + 1.0)
