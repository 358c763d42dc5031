"""Sweeps recorded elsewhere as a source of the bench: kept as they are, to be marked and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from emgwidgets.errors import InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.ncs_bench.source import Knobs, Site, StudyInfo, letters_of

__all__ = ["RecordedSource"]


@dataclass(frozen=True, kw_only=True)
class RecordedSource:
    """Sweeps that were recorded elsewhere, such as those of a CSV table or of EDF segments.

    Parameters
    ----------
    sweeps : sequence of Sweep
        Each says its side and site; a motor sweep its nerve and muscle, a sensory sweep its nerve only.
    subject : Subject, optional

    Raises
    ------
    InputError
        If a sweep does not say where it belongs.
    """

    sweeps: tuple[Sweep, ...]
    subject: Subject = field(default=Subject())
    days_since_onset: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sweeps", tuple(self.sweeps))
        for number, sweep in enumerate(self.sweeps, start=1):
            missing = [name for name in ("nerve", "site", "side") if not getattr(sweep, name)]
            if missing:
                raise InputError(
                    f"sweep {number} does not say where it belongs", got=f"no {', '.join(missing)}",
                    expected="nerve, site and side", way_out="set them with dataclasses.replace",
                )  # fmt: skip

    @property
    def title(self) -> str:
        """How much there is."""
        return f"{len(self.sweeps)} recorded sweep{'s' * (len(self.sweeps) != 1)}"

    @property
    def can_stimulate(self) -> bool:
        """What was recorded cannot be stimulated again."""
        return False

    def _of(self, key: str) -> Sequence[Sweep]:
        return [sweep for sweep in self.sweeps if _key_of(sweep) == key]

    def studies(self) -> tuple[StudyInfo, ...]:
        """One study for each nerve and muscle among the sweeps."""
        made = []
        for key in dict.fromkeys(_key_of(sweep) for sweep in self.sweeps):
            group = self._of(key)
            first = group[0]
            order = sorted({str(s.site): s.distance_mm or 0.0 for s in group}.items(), key=lambda pair: pair[1])
            sites = tuple(Site(code=code, letters=letters_of(code)) for code, _ in order)
            made.append(StudyInfo(
                key=key, kind="motor" if first.muscle else "sensory", nerve=str(first.nerve),
                target=str(first.muscle or first.nerve), title=key.replace("_", " "), sites=sites,
                standard_site=sites[0].code,
            ))  # fmt: skip
        return tuple(made)

    def sweep(self, info: StudyInfo, side: Side, site: str, knobs: Knobs, trial: int) -> Sweep:  # noqa: ARG002 - the protocol
        """A recorded study cannot be stimulated.

        Raises
        ------
        InputError
            Always.
        """
        raise InputError(
            "recorded sweeps cannot be stimulated again", got=f"{info.title}, {side} {site}",
            way_out="use a virtual patient or a live source",
        )  # fmt: skip

    def recorded(self, info: StudyInfo, side: Side) -> tuple[Sweep, ...]:
        """Sweeps of this study and side."""
        return tuple(sweep for sweep in self._of(info.key) if sweep.side == side)


def _key_of(sweep: Sweep) -> str:
    return f"{sweep.nerve}_{sweep.muscle}" if sweep.muscle else str(sweep.nerve)
