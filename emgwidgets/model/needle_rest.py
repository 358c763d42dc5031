"""What was found at rest: sources of discharges with their features and the name proposed for each; needle movements; grades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from emgwidgets.errors import InputError
from emgwidgets.model.checks import check_choice, tuples

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "CANNOT_TELL", "SILENT", "Insertion", "LookAlike", "Naming", "RestActivity", "RestSource", "SpontaneousGrade",
]  # fmt: skip

#: Code of an abstention, and of a stretch without any activity.
CANNOT_TELL, SILENT = "cannot_tell", "electrical_silence"


@dataclass(frozen=True, kw_only=True)
class LookAlike:
    """Another class that fits in part: how well, and the feature that speaks most against it."""

    code: str
    score: float
    against: str


@dataclass(frozen=True, kw_only=True)
class Naming:
    """A proposed name with what it rests on.

    Parameters
    ----------
    code : str
        Class, ``"cannot_tell"`` or ``"electrical_silence"``.
    confidence : float
        0 to 1: how well the features fit, less how well the next class fits.  It is no probability.
    evidence : tuple of str
        Feature, value and range of each rule that was used, with its source.
    look_alikes : tuple of LookAlike
        The next best classes, best first.
    reason : str
        Why no name can be given; empty for a named source.
    """

    code: str
    confidence: float
    evidence: tuple[str, ...] = ()
    look_alikes: tuple[LookAlike, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        tuples(self, "evidence", "look_alikes")
        if self.code == CANNOT_TELL and not self.reason:
            raise InputError("an abstention needs its reason", expected="one sentence")

    @property
    def is_named(self) -> bool:
        """Whether a name was given."""
        return self.code != CANNOT_TELL


@dataclass(frozen=True, kw_only=True, eq=False)
class RestSource:
    """Discharges that belong together.

    Parameters
    ----------
    times_s : ndarray, shape (n,)
        Time of the largest deflection of each discharge; empty for hum and drift.
    sizes_uv : ndarray, shape (n,)
        Peak-to-peak amplitude of each.
    template_uv : ndarray
        Mean of the discharges; its sample ``template_zero`` lies at the time of the discharge.
    features : mapping
        Name with unit to number; NaN where it cannot be measured.
    naming : Naming
    """

    times_s: NDArray[np.float64] = field(repr=False)
    sizes_uv: NDArray[np.float64] = field(repr=False)
    template_uv: NDArray[np.float64] = field(repr=False)
    template_zero: int
    sampling_rate_hz: float
    features: Mapping[str, float] = field(repr=False)
    naming: Naming

    @property
    def n_discharges(self) -> int:
        """Number of discharges."""
        return len(self.times_s)


@dataclass(frozen=True, kw_only=True)
class Insertion:
    """One needle movement.

    Parameters
    ----------
    start_s, stop_s : float
        Movement of the needle.
    end_s : float
        End of the activity it called up.
    during_uv : float
        Peak-to-peak size of fast activity while the needle moved.
    naming : Naming
        Of the insertional activity: normal, increased, decreased or cannot tell.
    is_stated : bool
        Whether the movement was stated by the caller; otherwise it was found from its slow deflection.
    """

    start_s: float
    stop_s: float
    end_s: float
    during_uv: float
    naming: Naming
    is_stated: bool = False

    @property
    def after_stop_ms(self) -> float:
        """How long the activity outlasted the movement."""
        return max(self.end_s - self.stop_s, 0.0) * 1000.0


@dataclass(frozen=True, kw_only=True)
class RestActivity:
    """A stretch at rest, read.

    Parameters
    ----------
    sources : tuple of RestSource
        In order of their share of the activity.
    insertions : tuple of Insertion
    naming : Naming
        Of the stretch as a whole: that of its leading source or needle movements.
    noise_uv : float
        RMS of the noise in the band of detection.
    limits : tuple of str
        What the recording cannot support, and why.
    """

    sources: tuple[RestSource, ...]
    insertions: tuple[Insertion, ...]
    naming: Naming
    noise_uv: float
    duration_s: float
    limits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "sources", "insertions", "limits")

    def __repr__(self) -> str:
        named = f"{self.naming.code.replace('_', ' ')}, confidence {self.naming.confidence:.2f}"
        n = len(self.sources)
        limits = f", {len(self.limits)} limits" if self.limits else ""
        return f"RestActivity({named}; {n} source{'s' * (n != 1)} in {self.duration_s:.1f} s, noise {self.noise_uv:.1f} µV{limits})"

    @property
    def codes(self) -> tuple[str, ...]:
        """Names given, each once, in order."""
        return tuple(dict.fromkeys(source.naming.code for source in self.sources if source.naming.is_named))


@dataclass(frozen=True, kw_only=True)
class SpontaneousGrade:
    """Grade of one kind of activity over several insertions.

    Parameters
    ----------
    kind : str
        ``"fibrillation"``, ``"positive_sharp_wave"`` or both together as ``"denervation"``.
    grade : int, optional
        0 to 4; None where it cannot be given.
    is_plus_minus : bool
        Increased insertional activity only, not sustained.
    n_sites, n_sites_with : int
        Sites looked at, and sites with a persistent train.
    """

    kind: str
    grade: Literal[0, 1, 2, 3, 4] | None
    is_plus_minus: bool
    n_sites: int
    n_sites_with: int
    evidence: tuple[str, ...]
    scheme: str
    source: str
    mark: str
    reason: str = ""

    def __post_init__(self) -> None:
        tuples(self, "evidence")
        check_choice(self.grade, (None, 0, 1, 2, 3, 4), what="the grade")
