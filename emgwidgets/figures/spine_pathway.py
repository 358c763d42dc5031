"""Teaching pictures of the way from root to muscle and skin with a lesion on it, and of structure beside function.

Ways come from the vocabulary; what a lesion lets expect follows from them alone: beyond it a muscle can be denervated, and
a sensory response falls only when the lesion lies at the ganglion or beyond.  Nothing here is a probability.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emgwidgets import vocabulary
from emgwidgets.errors import InputError
from emgwidgets.model.anatomy import Muscle, SensoryNerve
from emgwidgets.model.correlation import BoardRow, Cell, Correlation

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LIMB_TARGETS", "PathwayRow", "draw_pathway", "draw_structure_and_function", "pathway_rows"]

#: What a common screen of a limb examines (internal choice: the muscles and responses that separate root, plexus, nerve).
LIMB_TARGETS = {
    "leg": (
        "vastus_medialis", "tensor_fasciae_latae", "gluteus_medius", "tibialis_anterior", "fibularis_longus",
        "biceps_femoris_short_head", "tibialis_posterior", "gastrocnemius_medial_head", "lumbar_paraspinals_multifidus_lower",
        "saphenous", "superficial_fibular", "sural",
    ),
    "arm": (
        "infraspinatus", "deltoid_middle", "biceps_brachii", "pronator_teres", "triceps_brachii_lateral_head",
        "extensor_digitorum_communis", "extensor_indicis_proprius", "flexor_pollicis_longus", "abductor_pollicis_brevis",
        "first_dorsal_interosseous_hand", "cervical_paraspinals_c7_c8", "median_d2", "superficial_radial", "ulnar_d5",
        "medial_antebrachial_cutaneous",
    ),
}  # fmt: skip
COLUMNS = ("root", "ganglion", "ramus", "trunk", "division", "cord", "nerve", "target")
HEADS = {
    "root": "Root", "ganglion": "Ganglion", "ramus": "Ramus", "trunk": "Trunk, plexus", "division": "Division", "cord": "Cord",
    "nerve": "Nerve, from proximal to distal", "target": "Muscle or skin response",
}  # fmt: skip
WIDTHS = {
    "root": 0.7,
    "ganglion": 1.0,
    "ramus": 1.0,
    "trunk": 1.7,
    "division": 1.0,
    "cord": 1.2,
    "nerve": 4.4,
    "target": 3.2,
}
STAGE = {
    "root": "root", "dorsal_root_ganglion": "ganglion", "dorsal_ramus": "ramus", "ventral_ramus": "ramus", "plexus": "trunk",
    "trunk": "trunk", "division": "division", "cord": "cord", "nerve": "nerve",
}  # fmt: skip
INK, GREY, LINE, PANEL = "#14191e", "#5b646e", "#d6dade", "#f4f6f7"
BAD, WASH, OK, SUPPORTS, AGAINST = "#a8123f", "#fdeef2", "#4a6f7c", "#0b5cad", "#9c4300"


@dataclass(frozen=True, kw_only=True)
class PathwayRow:
    """One muscle or sensory response with its way from a root.

    Parameters
    ----------
    way : tuple of str
        Elements, proximal to distal.
    is_beyond : bool
        Whether it lies beyond the lesion.
    is_expected_abnormal : bool
        Whether a lesion with loss of axons there is expected to change it: one of its main roots runs through the lesion,
        and, for a sensory response, the lesion lies at the ganglion or beyond.
    is_minor : bool
        Whether only minor roots of it run through the lesion, so that it may change or not.
    """

    code: str
    name: str
    root: str
    way: tuple[str, ...]
    is_sensory: bool
    is_beyond: bool
    is_expected_abnormal: bool
    is_minor: bool

    @property
    def words(self) -> str:
        """What is expected, in words."""
        what = "response" if self.is_sensory else "needle"
        if self.is_expected_abnormal:
            return f"{what} abnormal"
        if self.is_minor:
            return f"{what} may change: minor root"
        if self.is_sensory and self.is_beyond:
            return "response kept: before the ganglion"
        return f"{what} normal"


def _target(code: str) -> Muscle | SensoryNerve:
    if code in vocabulary.muscles():
        return vocabulary.muscle(code)
    return vocabulary.sensory_nerve(code)


def _limb(element: str) -> str:
    ends = {limb: sum(_target(code).is_beyond(element) for code in codes) for limb, codes in LIMB_TARGETS.items()}
    best = max(ends, key=lambda limb: ends[limb])
    if not ends[best]:
        raise InputError(
            "no muscle of a screen lies beyond this element", got=repr(element), expected="a root, trunk, cord or nerve of a limb",
            way_out="name the targets yourself",
        )  # fmt: skip
    return best


def pathway_rows(element: str, *, targets: Sequence[str] = ()) -> tuple[PathwayRow, ...]:
    """Ways of a screen's muscles and responses, with what a lesion of one element lets expect.

    Parameters
    ----------
    element : str
        Code of the vocabulary, such as ``"root_l5"``, ``"upper_trunk"``, ``"common_fibular_head"``.
    targets : sequence of str
        Muscles and sensory responses; those of :data:`LIMB_TARGETS` when left out.

    Raises
    ------
    InputError
        If there is no such element or target.
    """
    code = vocabulary.element(element).code
    made = []
    for name in targets or LIMB_TARGETS[_limb(code)]:
        one = _target(name)
        through = one.roots_through(code)
        root = through[0] if through else one.dominant_roots[0]
        if through:
            root = max(through, key=lambda found: one.root_weights[found])
        ways = one.paths_from(root)
        way = next((found for found in ways if code in found), ways[0])
        is_sensory = isinstance(one, SensoryNerve)
        is_main = bool(set(through) & set(one.dominant_roots))
        can_change = one.is_response_affected_by(code) if isinstance(one, SensoryNerve) else one.is_beyond(code)
        made.append(
            PathwayRow(
                code=one.code, name=one.name, root=root, way=way, is_sensory=is_sensory, is_beyond=one.is_beyond(code),
                is_expected_abnormal=can_change and is_main, is_minor=can_change and not is_main,
            )
        )  # fmt: skip
    order = list(vocabulary.roots())
    return tuple(sorted(made, key=lambda row: (row.is_sensory, order.index(row.root))))


def _cells(row: PathwayRow) -> dict[str, str]:
    """Words of each stage of a way."""
    found: dict[str, list[str]] = {}
    for code in row.way:
        one = vocabulary.element(code)
        stage = STAGE.get(one.kind)
        if stage is None or (stage == "ganglion" and not row.is_sensory):
            continue
        name = one.name
        if stage == "nerve":
            name = (
                vocabulary.nerve(one.nerve).name.removesuffix(" nerve")
                if one.nerve in vocabulary.nerves()
                else one.name
            )
        elif stage == "division":
            name = name.split(" division")[0].split()[-1].capitalize()
        elif stage in {"root", "ganglion", "ramus"}:
            name = {"root": row.root, "ganglion": f"{row.root} ganglion", "ramus": name.split()[1]}[stage]
        if name not in found.setdefault(stage, []):
            found[stage].append(name)
    return {stage: " > ".join(names[-2:]) for stage, names in found.items()}


def _stage_of(element: str) -> str:
    return STAGE.get(vocabulary.element(element).kind, "root")


def draw_pathway(element: str, *, side: str = "", targets: Sequence[str] = ()) -> Figure:
    """Draw the ways from root to muscle and skin with a lesion marked, and what each study is then expected to show.

    Parameters
    ----------
    element : str
        Where the lesion sits; a code of the vocabulary.
    side : str
        Named in the title.
    targets : sequence of str
        Muscles and sensory responses to draw.

    Raises
    ------
    InputError
        If there is no such element or target.
    """
    from matplotlib.figure import Figure

    rows = pathway_rows(element, targets=targets)
    code = vocabulary.element(element).code
    used = [stage for stage in COLUMNS if stage == "target" or any(stage in _cells(row) for row in rows)]
    edges = [0.0]
    for stage in used:
        edges.append(edges[-1] + WIDTHS[stage])
    figure = Figure(figsize=(11.5, 1.3 + 0.38 * len(rows)), layout="constrained")
    axes = figure.add_subplot(1, 1, 1)
    for n, stage in enumerate(used):
        axes.text((edges[n] + edges[n + 1]) / 2, -0.75, HEADS[stage], ha="center", va="center", fontsize=8, color=GREY)
        _column(axes, stage, rows, (edges[n], edges[n + 1]), code)
    for n, row in enumerate(rows):
        _expected(axes, row, n, edges[-1])
    axes.set_xlim(0, edges[-1] + 3.0)
    axes.set_ylim(len(rows) - 0.3, -1.2)
    axes.axis("off")
    of = f", {side}" if side else ""
    figure.suptitle(
        f"Lesion at: {vocabulary.element(element).name}{of}",
        fontsize=11,
        fontweight="bold",
        color=INK,
        x=0.01,
        ha="left",
    )
    figure.supxlabel(
        "Red: at the lesion and beyond it. Expected with loss of axons; a lesion without it, or a young one, changes less. "
        "One way of each target is drawn.", fontsize=7.5, color=GREY,
    )  # fmt: skip
    return figure


def _column(axes: Axes, stage: str, rows: Sequence[PathwayRow], edges: tuple[float, float], code: str) -> None:
    """Cells of one stage; neighbours that are the same stretch of the same way become one."""
    from matplotlib.patches import Rectangle

    words = [row.name if stage == "target" else _cells(row).get(stage, "") for row in rows]
    state = [_state(row, stage, code) for row in rows]
    start = 0
    for n in range(1, len(rows) + 1):
        if n < len(rows) and words[n] == words[start] and state[n] == state[start] and words[n] and stage != "target":
            continue
        if words[start]:
            where = state[start]
            box = Rectangle(
                (edges[0] + 0.04, start - 0.44), edges[1] - edges[0] - 0.08, n - start - 0.12,
                fc={"at": BAD, "beyond": WASH}.get(where, PANEL), ec=BAD if where in {"at", "beyond"} else LINE, lw=0.8,
            )  # fmt: skip
            axes.add_patch(box)
            axes.text(
                (edges[0] + edges[1]) / 2, (start + n - 1) / 2, _short(words[start], edges[1] - edges[0]), ha="center", va="center",
                fontsize=7.2, linespacing=0.95, color="white" if where == "at" else INK,
            )  # fmt: skip
        start = n


def _short(words: str, width: float) -> str:
    return "\n".join(textwrap.wrap(words, round(width * 12.5))[:2])


def _state(row: PathwayRow, stage: str, code: str) -> str:
    """Whether a stage of a way holds the lesion, lies beyond it, or before it or aside."""
    if not row.is_beyond:
        return "aside"
    own = _stage_of(code)
    if own == stage:
        return "at"
    return "beyond" if COLUMNS.index(stage) > COLUMNS.index(own) else "before"


def _expected(axes: Axes, row: PathwayRow, n: int, left: float) -> None:
    is_bad = row.is_expected_abnormal
    axes.plot(
        left + 0.2,
        n - 0.05,
        "s" if is_bad else "o",
        ms=8,
        mfc=BAD if is_bad else "white",
        mec=BAD if is_bad else OK,
        mew=1.2,
    )
    axes.annotate(
        "A" if is_bad else "N", (left + 0.2, n - 0.05), ha="center", va="center_baseline", fontsize=5.5, fontweight="bold",
        color="white" if is_bad else OK,
    )  # fmt: skip
    axes.text(left + 0.42, n - 0.05, row.words, va="center", fontsize=7.8, color=BAD if is_bad else GREY)


# structure beside function -------------------------------------------------------------------------------------------
def _net(cells: Sequence[Cell]) -> tuple[int, int]:
    return sum(cell.n_supports for cell in cells), sum(cell.n_against for cell in cells)


def draw_structure_and_function(found: Correlation, *, side: str = "") -> Figure:
    """Draw, root by root, what the MRI shows beside what the nerve tests and the complaint say; counts of findings, no sum.

    Parameters
    ----------
    found : Correlation
    side : str
        ``"left"`` or ``"right"``; the side of the complaint when left out.
    """
    from matplotlib.figure import Figure

    shown = side or (found.complaint_side if found.complaint_side in {"left", "right"} else "left")
    roots: list[BoardRow] = [row for row in found.board if row.kind == "root"]
    figure = Figure(figsize=(9.0, 1.5 + 0.42 * max(len(roots), 1)), layout="constrained")
    axes: Any = figure.add_subplot(1, 1, 1)
    groups = (
        ("Structure: MRI", ("mri",), -9.0),
        ("Complaint: symptoms, examination", ("symptoms", "examination"), 0.0),
        ("Function: NCS, needle EMG", ("ncs", "emg"), 9.0),
    )
    for title, columns, centre in groups:
        axes.text(centre, -0.9, title, ha="center", fontsize=9, fontweight="bold", color=INK)
        axes.axvline(centre, color=LINE, lw=0.8)
        for n, row in enumerate(roots):
            cells = [row.cell(column, shown) for column in columns]
            plus, minus = _net(cells)
            axes.barh(n, min(plus, 7) * 0.5, left=centre, height=0.5, color=SUPPORTS)
            axes.barh(n, -min(minus, 7) * 0.5, left=centre, height=0.5, fc="none", ec=AGAINST, lw=1.4)
            words = (
                "not tested"
                if not any(cell.items for cell in cells)
                else "silent"
                if not plus + minus
                else f"+{plus}  −{minus}"
            )
            axes.text(centre, n + 0.42, words, ha="center", va="center", fontsize=6.8, color=GREY)
    for n, row in enumerate(roots):
        axes.text(-14.2, n, row.words, va="center", fontsize=9, fontweight="bold", color=INK)
    axes.set_xlim(-14.4, 13.5)
    axes.set_ylim(len(roots) - 0.2, -1.4)
    axes.axis("off")
    fit = found.row
    figure.suptitle(
        f"{fit.name.capitalize()} ({shown}): row {fit.number}, {fit.probability:.2f} ({fit.low:.2f} to {fit.high:.2f})",
        fontsize=10.5,
        color=INK,
        x=0.01,
        ha="left",
    )
    figure.supxlabel(
        "Filled: findings that support the root. Open: findings against it. The three kinds of evidence are not added up.",
        fontsize=7.5,
        color=GREY,
    )
    return figure
