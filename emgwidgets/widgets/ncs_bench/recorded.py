"""Sweeps recorded elsewhere as a source of the bench: kept as they are, to be marked and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from emgwidgets.analysis.ncs.inched import InchingStudy
from emgwidgets.errors import InputError
from emgwidgets.model.case import Subject
from emgwidgets.model.signal import Side, Sweep
from emgwidgets.widgets.ncs_bench.source import Knobs, Site, StudyInfo, check_train_rate, letters_of
from emgwidgets.widgets.ncs_bench.virtual import known_studies

__all__ = ["RecordedSource"]

#: From so many sweeps at one site the bench offers series (F waves need at least five).
SERIES_FROM = 5


@dataclass(frozen=True, kw_only=True)
class RecordedSource:
    """Sweeps that were recorded elsewhere, such as those of a CSV table or of EDF segments.

    Parameters
    ----------
    sweeps : sequence of Sweep
        Each says its side and site; a motor sweep its nerve and muscle, a sensory sweep its nerve only.
    inched : sequence of InchingStudy
        Imported inching studies; each is shown at once.
    subject : Subject, optional

    Raises
    ------
    InputError
        If a sweep does not say where it belongs.
    """

    sweeps: tuple[Sweep, ...] = ()
    inched: tuple[InchingStudy, ...] = ()
    subject: Subject = field(default=Subject())
    days_since_onset: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "sweeps", tuple(self.sweeps))
        object.__setattr__(self, "inched", tuple(self.inched))
        for number, sweep in enumerate(self.sweeps, start=1):
            missing = [name for name in ("nerve", "site", "side") if not getattr(sweep, name)]
            if missing:
                raise InputError(
                    f"sweep {number} does not say where it belongs", got=f"no {', '.join(missing)}",
                    expected="nerve, site and side", way_out="say it with emg.ncs.sweeps_at_sites",
                )  # fmt: skip

    @property
    def title(self) -> str:
        """How much there is."""
        if not self.sweeps:
            return f"{sum(len(one.points) for one in self.inched)} places of inching"
        return f"{len(self.sweeps)} recorded sweep{'s' * (len(self.sweeps) != 1)}"

    @property
    def can_stimulate(self) -> bool:
        """What was recorded cannot be stimulated again."""
        return False

    @property
    def has_series(self) -> bool:
        """Whether one site has sweeps enough for a series, or there is inching."""
        if self.inched:
            return True
        places = [(_key_of(one), one.side, one.site) for one in self.sweeps]
        return any(places.count(place) >= SERIES_FROM for place in set(places))

    def studies(self) -> tuple[StudyInfo, ...]:
        """One study for each nerve and muscle among the sweeps, with the picture of the bench where it knows the study."""
        keys = dict.fromkeys(_key_of(sweep) for sweep in self.sweeps)
        of_sweeps = tuple(_info([sweep for sweep in self.sweeps if _key_of(sweep) == key]) for key in keys)
        known = {info.key for info in of_sweeps}
        inched = {info.key: info for info in map(_info_of_inching, self.inched) if info.key not in known}
        return (*of_sweeps, *inched.values())

    def _at(self, info: StudyInfo, side: Side, site: str | None = None) -> list[Sweep]:
        return [
            one for one in self.sweeps
            if _info_key(one) == info.key and one.side == side and site in (None, one.site)
        ]  # fmt: skip

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
        return tuple(self._at(info, side))

    def f_wave_sweeps(self, info: StudyInfo, side: Side, site: str, n_stimuli: int) -> tuple[Sweep, ...]:
        """The recorded sweeps at a site, at most so many."""
        return tuple(self._enough(info, side, site)[:n_stimuli])

    def train_sweeps(
        self, info: StudyInfo, side: Side, *, rate_hz: float, n_stimuli: int, exercise_s: float, after_s: float,
        knobs: Knobs, trial: int,
    ) -> tuple[Sweep, ...]:  # fmt: skip
        """The recorded train at the standard site, when its stimuli have the rate that was asked for."""
        del exercise_s, after_s, knobs, trial
        found = self._enough(info, side, info.standard_site)[:n_stimuli]
        check_train_rate(
            found, rate_hz, what="the recorded train has another rate", way_out="set the rate to that of the recording"
        )
        return tuple(found)

    def inching_sweeps(
        self, info: StudyInfo, side: Side, *, distal: str, proximal: str, step_mm: float
    ) -> tuple[tuple[float, Sweep], ...]:
        """The recorded places between two sites, whatever the step.

        Raises
        ------
        InputError
            If none were recorded there.
        """
        for one in self.inched:
            if (_info_of_inching(one).key, one.side, one.distal, one.proximal) == (
                info.key,
                side,
                distal,
                proximal,
            ) and one.sweeps:
                return tuple((point.place_mm, point.sweep) for point in one.points if point.sweep is not None)
        raise InputError(
            "the recorded sweeps are not in steps", got=f"{info.title}, {side}, {distal} to {proximal} by {step_mm:g} mm",
            way_out="import them with emg.ncs.inching_study(recording, ..., places_mm=[...])",
        )  # fmt: skip

    def _enough(self, info: StudyInfo, side: Side, site: str) -> list[Sweep]:
        found = self._at(info, side, site)
        if len(found) < SERIES_FROM:
            raise InputError(
                "a series needs more sweeps", got=f"{len(found)} at the {site.replace('_', ' ')}, {side}",
                expected=f"{SERIES_FROM} or more",
            )  # fmt: skip
        return found


def _known(sweep: Sweep) -> StudyInfo | None:
    for one in known_studies():
        is_it = (one.nerve, one.target) == (sweep.nerve, sweep.muscle) if sweep.muscle else one.key == sweep.nerve
        if is_it and one.kind == ("motor" if sweep.muscle else "sensory"):
            return one
    return None


def _key_of(sweep: Sweep) -> str:
    return f"{sweep.nerve}_{sweep.muscle}" if sweep.muscle else str(sweep.nerve)


def _info_key(sweep: Sweep) -> str:
    known = _known(sweep)
    return known.key if known else _key_of(sweep)


def _info_of_inching(found: InchingStudy) -> StudyInfo:
    """The study of an inching study, with both its ends as sites."""
    for one in known_studies():
        if (one.kind, one.nerve, one.target) == ("motor", found.nerve, found.muscle):
            codes = [site.code for site in one.sites]
            if found.distal in codes and found.proximal in codes:
                return replace(one, checks=())
    ends = tuple(Site(code=code, letters=letters_of(code)) for code in (found.distal, found.proximal))
    return StudyInfo(
        key=f"{found.nerve}_{found.muscle}", kind="motor", nerve=found.nerve, target=found.muscle,
        title=f"{found.nerve} {found.muscle}".replace("_", " "), sites=ends, standard_site=found.distal, limb="arm",
    )  # fmt: skip


def _info(group: Sequence[Sweep]) -> StudyInfo:
    """The study of sweeps of one nerve and muscle; sites the bench does not know are set between the others."""
    first, known = group[0], _known(group[0])
    codes = list(dict.fromkeys(str(one.site) for one in group))
    if known is not None and all(code in {site.code for site in known.sites} for code in codes):
        order = [site.code for site in known.sites if site.code in codes]
        return replace(known, standard_site=order[0], checks=())
    mm = {str(one.site): one.distance_mm or 0.0 for one in group}
    sites = tuple(Site(code=code, letters=letters_of(code)) for code in sorted(codes, key=lambda code: mm[code]))
    key = known.key if known else _key_of(first)
    return StudyInfo(
        key=key, kind="motor" if first.muscle else "sensory", nerve=str(first.nerve), target=str(first.muscle or first.nerve),
        title=known.title if known else key.replace("_", " "), sites=sites, standard_site=sites[0].code,
        limb=known.limb if known else "arm", record_cm=known.record_cm if known else None,
    )  # fmt: skip
