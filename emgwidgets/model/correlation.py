"""What correlation returns: how function fits structure, complaint and examination, as frozen data that boards draw.

Nothing here decides.  Three things stay apart everywhere: structure (MRI), function (NCS and needle EMG), complaint
(symptoms and examination).  Read :class:`Correlation` from the top: urgent, timing, adequacy, sides, board, row, words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from emgwidgets.model.impression import Checklist, ChecklistPoint, Impression, Sentence
from emgwidgets.model.localisation import Localisation
from emgwidgets.sources import Cited

__all__ = [
    "COLUMNS", "SIDES", "STATES", "Adequacy", "Agreement", "BoardRow", "Cell", "Checklist", "ChecklistPoint", "Column", "Competing", "Correlation",
    "EvidenceItem", "Impression", "PossibleRow", "RedFlag", "RowFound", "Sentence", "Side", "SideCheck", "Timing", "TimingCaveat",
    "TimingEvent", "TimingWindow",
]  # fmt: skip

Side = Literal["left", "right"]
Column = Literal["symptoms", "examination", "ncs", "emg", "mri"]
State = Literal["supports", "against", "silent", "not tested"]
#: Columns of the board, in order.
COLUMNS: tuple[Column, ...] = ("symptoms", "examination", "ncs", "emg", "mri")
STATES: tuple[State, ...] = ("supports", "against", "silent", "not tested")
SIDES: tuple[Side, ...] = ("left", "right")


@dataclass(frozen=True, kw_only=True)
class EvidenceItem:
    """One finding and how it bears on one root or nerve of one side.

    Parameters
    ----------
    code : str
        Unique within a correlation, such as ``"L5.left.emg.2"``; sentences refer to it.
    state : str
        ``"supports"``, ``"against"`` or ``"silent"``.
    sentence : str
        What was found, ready to print.
    bearing : str
        Why it bears so, such as ``"L5 muscle of another nerve"``; may be empty.
    weight : float
        Natural logarithm of the likelihood ratio used; signs and symptoms are capped (mri section 5.1).
    finding : str
        The finding it came from: name of a fact, or the place in the case.
    place : str
        Where it stands in the case document, such as ``"examination.reflexes[3]"``, ``"needle[2]"``, ``"mri[0]"``.
    cited : Cited, optional
        Source of the bearing, with its mark.
    """

    code: str
    column: Column
    side: Side
    state: Literal["supports", "against", "silent"]
    sentence: str
    bearing: str = ""
    weight: float = 0.0
    finding: str = ""
    place: str = ""
    cited: Cited | None = None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of the board: one column of one root or nerve on one side.

    Parameters
    ----------
    items : tuple of EvidenceItem
        Supporting first, then against, then silent; each group with the strongest first.
    not_tested : tuple of str
        What of this column was not examined and would bear on it, in words.
    """

    column: Column
    side: Side
    items: tuple[EvidenceItem, ...] = ()
    not_tested: tuple[str, ...] = ()

    def of(self, state: str) -> tuple[EvidenceItem, ...]:
        """Items of one state."""
        return tuple(one for one in self.items if one.state == state)

    @property
    def n_supports(self) -> int:
        """Findings that support."""
        return len(self.of("supports"))

    @property
    def n_against(self) -> int:
        """Findings that speak against."""
        return len(self.of("against"))

    @property
    def n_silent(self) -> int:
        """Findings that say nothing either way."""
        return len(self.of("silent"))

    @property
    def state(self) -> State:
        """Leading state: by the sum of the weights of what supports and what speaks against; both counts are shown anyway."""
        if not self.items:
            return "not tested"
        if not (self.n_supports or self.n_against):
            return "silent"
        total = sum(one.weight for one in self.items if one.state != "silent")
        if not total:
            total = self.n_supports - self.n_against
        return "supports" if total > 0 else "against" if total < 0 else "silent"

    @property
    def text(self) -> str:
        """One line for a reader of the screen, such as ``"EMG, left: 2 support, 1 against, 1 not tested"``."""
        parts = [f"{n} {word}" for n, word in (
            (self.n_supports, "support"), (self.n_against, "against"), (self.n_silent, "silent"),
            (len(self.not_tested), "not tested"),
        ) if n]  # fmt: skip
        name = self.column.upper() if self.column in {"ncs", "emg", "mri"} else self.column
        return f"{name}, {self.side}: {', '.join(parts) or 'not tested'}"


@dataclass(frozen=True, kw_only=True)
class BoardRow:
    """One root, plexus part or nerve with its ten cells.

    Parameters
    ----------
    code : str
        Candidate of the localisation without its side, such as ``"root_l5"`` or ``"common_fibular_head"``.
    words : str
        ``"L5 root"``.
    kind : str
        ``"root"``, ``"plexus"``, ``"nerve"`` or ``"diffuse"``.
    left, right : tuple of Cell
        In the order of :data:`COLUMNS`.
    """

    code: str
    words: str
    kind: str
    left: tuple[Cell, ...]
    right: tuple[Cell, ...]

    def cell(self, column: str, side: str) -> Cell:
        """One cell; raises KeyError for a column or side that does not exist."""
        for one in {"left": self.left, "right": self.right}[side]:
            if one.column == column:
                return one
        raise KeyError(column)


@dataclass(frozen=True, kw_only=True)
class RedFlag:
    """One thing that goes before every correlation.

    Parameters
    ----------
    code : str
        ``"bladder_or_bowel"``, ``"saddle_numbness"`` ...
    state : str
        ``"present"``, ``"absent"`` (asked or examined, and not there), ``"not asked"``; absence does not exclude.
    found : tuple of str
        Sentences of what was found, with where it stands in the case in ``places``.
    meaning : str
        What it may stand for, such as ``"possible cauda equina syndrome"``.
    is_urgent : bool
        Whether it raises the banner when present; a few count only when new.
    """

    code: str
    words: str
    state: Literal["present", "absent", "not asked"]
    found: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    meaning: str = ""
    is_urgent: bool = True
    cited: Cited | None = None


@dataclass(frozen=True, kw_only=True)
class TimingEvent:
    """A mark on the timing strip: letter O onset, M MRI, E electrodiagnostic study, S surgery; ``day`` counts from onset."""

    kind: Literal["onset", "mri", "edx", "surgery"]
    letter: str
    words: str
    day: float


@dataclass(frozen=True, kw_only=True)
class TimingWindow:
    """A sign with the days in which it can be seen, and what its silence means on the day of the study.

    Parameters
    ----------
    first_day, by_day : float
        It may be seen from ``first_day``; it should be there from ``by_day``.
    until_day : float, optional
        From here on its absence says little again; None where it stays.
    state : str
        On the day of the study: ``"not yet"``, ``"opening"``, ``"open"``, ``"fading"``; ``"unknown"`` without an onset.
    sentence : str
        What a silence means that day.
    """

    code: str
    words: str
    first_day: float
    by_day: float
    until_day: float | None
    state: Literal["not yet", "opening", "open", "fading", "unknown"]
    sentence: str
    cited: Cited


@dataclass(frozen=True, kw_only=True)
class TimingCaveat:
    """One caveat of time; ``level`` is ``"note"``, ``"warn"`` or ``"strong"``."""

    code: str
    level: Literal["note", "warn", "strong"]
    sentence: str
    cited: Cited


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The timing strip.

    Parameters
    ----------
    study_day : float, optional
        Day of the electrodiagnostic study counted from onset; None when not known.
    """

    study_day: float | None
    events: tuple[TimingEvent, ...] = ()
    windows: tuple[TimingWindow, ...] = ()
    caveats: tuple[TimingCaveat, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Adequacy:
    """Whether the studies can be held against each other at all.

    Parameters
    ----------
    can_be_judged : bool
        False: no row but "not assessable" is named; ``missing`` says why.
    missing : tuple of str
        What is missing, one sentence each.
    invalid : tuple of str
        Technical faults that take the study away (temperature, plateau, filter), one sentence each.
    notes : tuple of str
        What limits the answer without forbidding it.
    """

    can_be_judged: bool
    missing: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SideCheck:
    """Side by source, as it was given; it is never swapped.

    Parameters
    ----------
    complaint, examination, edx, mri : str
        ``"left"``, ``"right"``, ``"bilateral"``, ``""`` for none.
    conflicts : tuple of str
        One sentence for each pair of sources that do not fit.
    """

    complaint: str = ""
    examination: str = ""
    edx: str = ""
    mri: str = ""
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A published figure that says how much a comparison of two tests can carry, with its interval.

    Parameters
    ----------
    percent, low_percent, high_percent : float
        Share and 95 % interval (Wilson, unless ``basis`` says otherwise); the starting figure after the modifiers
        listed in ``modifiers``.
    """

    code: str
    words: str
    percent: float
    low_percent: float
    high_percent: float
    basis: str
    modifiers: tuple[str, ...] = ()
    cited: Cited | None = None


@dataclass(frozen=True, kw_only=True)
class PossibleRow:
    """A row of the concordance table that would hold if another reading of the inputs were true.

    Parameters
    ----------
    because : str
        Which input would have to be different, such as ``"if the lesion is the common fibular nerve (8 %)"``.
    """

    number: str
    name: str
    probability: float
    low: float
    high: float
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class RowFound:
    """The row of the concordance table (mri section 6.3) this case falls into.

    Parameters
    ----------
    number : str
        ``"1"`` to ``"33"`` (there is no 30); ``"none"`` for a study that is technically invalid or no row that fits.
    name : str
        Category in capitals as in the table, such as ``"FULL CONCORDANCE (active)"``.
    mri_class, edx_class, complaint_class : str
        Codes of mri section 6.1 with ``"Eo"`` (old plus new) and ``"Et"`` (technically invalid); words beside them.
    probability, low, high : float
        Of this row, given how uncertain its inputs are: the ranking of sites and readers' agreement on the MRI.
    reasons : tuple of Sentence
        Why this row, each with its evidence.
    explanations, next_steps : tuple of str
        Possible explanations and what would settle it; for the clinician to choose.
    alternatives : tuple of PossibleRow
        Other rows that remain possible, the likeliest first.
    """

    number: str
    name: str
    mri_class: str
    mri_words: str
    edx_class: str
    edx_words: str
    complaint_class: str
    complaint_words: str
    probability: float
    low: float
    high: float
    reasons: tuple[Sentence, ...] = ()
    explanations: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    alternatives: tuple[PossibleRow, ...] = ()
    cited: Cited | None = None


@dataclass(frozen=True, kw_only=True)
class Competing:
    """A peripheral or other explanation that competes with the root, or exists beside it.

    Parameters
    ----------
    relation : str
        ``"instead"`` (could explain the complaint alone) or ``"beside"`` (coexists).
    """

    code: str
    words: str
    relation: Literal["instead", "beside"]
    probability: float
    low: float
    high: float
    sentence: str = ""


@dataclass(frozen=True, kw_only=True)
class Correlation:
    """How function, structure and complaint of one case fit together.

    Parameters
    ----------
    red_flags : tuple of RedFlag
        Every flag of the list with its state; those present first.
    urgent : str
        Sentence of the banner; empty without a flag.  Nothing below it may suppress it.
    board : tuple of BoardRow
        Roots from above downwards, then plexus, nerves, diffuse disease.
    complaint_side : str
        Side to draw first.
    row : RowFound
        Also made under a red flag, as second line; then it stands behind the banner.
    agreement : tuple of Agreement
        Published figures with intervals that bear on this comparison.
    localisation : Localisation
        What ``emg.localise`` said of the function alone.
    """

    red_flags: tuple[RedFlag, ...]
    urgent: str
    timing: Timing
    adequacy: Adequacy
    sides: SideCheck
    board: tuple[BoardRow, ...]
    row: RowFound
    localisation: Localisation
    complaint_side: str = ""
    agreement: tuple[Agreement, ...] = ()
    competing: tuple[Competing, ...] = ()
    impression: Impression = field(default=Impression(sentences=()))
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        flags = sum(one.state == "present" for one in self.red_flags)
        urgent = f"URGENT, {flags} red flags; " if self.urgent else ""
        return f"Correlation({urgent}row {self.row.number}, {self.row.name}; {100 * self.row.probability:.0f} %)"

    @property
    def evidence(self) -> dict[str, EvidenceItem]:
        """Every item of the board by its code."""
        cells = (cell for row in self.board for cell in (*row.left, *row.right))
        return {item.code: item for cell in cells for item in cell.items}

    def board_row(self, code: str) -> BoardRow:
        """One row of the board by its code; raises KeyError when it is not on it."""
        for one in self.board:
            if one.code == code:
                return one
        raise KeyError(code)

    def to_text(self) -> str:
        """The whole as plain text, red flags first."""
        from emgwidgets.model.correlation_text import correlation_lines

        return "\n".join(correlation_lines(self))
