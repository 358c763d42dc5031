"""A finding about how a study was done: its evidence, the rule behind it, and the verdicts it takes away.  It judges no patient."""

from __future__ import annotations

from dataclasses import dataclass

from emgwidgets.errors import InputError
from emgwidgets.model.checks import Strict, check_choice, tuples

__all__ = ["TECHNIQUE_CODES", "VERDICTS", "TechniqueFinding"]

TECHNIQUE_CODES = (
    "submaximal", "costimulation", "reversed_electrodes", "recording_reversed", "cold_limb", "temperature_unknown", "distance_implausible",
    "distance_missing", "velocity_implausible", "filter_unknown", "filter_unsuitable", "off_motor_point", "mains",
    "artefact_at_onset", "not_above_noise", "unit_implausible", "martin_gruber", "both_nerves", "riche_cannieu", "accessory_fibular",
)  # fmt: skip
#: What a finding can make unjudgeable.
VERDICTS = ("latency", "velocity", "amplitude", "duration", "block", "dispersion", "comparison", "decrement", "grading")


@dataclass(frozen=True, kw_only=True)
class TechniqueFinding(Strict):
    """One doubt about the technique of a study.

    Parameters
    ----------
    code : str
        One of :data:`TECHNIQUE_CODES`.
    sentence : str
        What is wrong, in one sentence.
    evidence : tuple of str
        The numbers it rests on.
    rule, limit : str
        What was compared with what.
    source, mark : str
        Where the rule comes from, and its mark (V, M, D, P).
    unjudgeable : tuple of str
        Verdicts of :data:`VERDICTS` that cannot be given while it stands.
    way_out : str
        What to do at the bench.
    sites : tuple of str
        Sites it concerns; empty for the whole study.
    """

    code: str
    sentence: str
    evidence: tuple[str, ...]
    rule: str
    limit: str
    source: str
    mark: str
    unjudgeable: tuple[str, ...]
    way_out: str
    sites: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        tuples(self, "evidence", "unjudgeable", "sites")
        check_choice(self.code, TECHNIQUE_CODES, what="the technique finding")
        check_choice(self.mark, ("V", "M", "D", "P"), what="the mark of a technique finding")
        for verdict in self.unjudgeable:
            check_choice(verdict, VERDICTS, what="the verdict")
        if not self.evidence:
            raise InputError(f"the finding {self.code} needs its evidence", expected="at least one number in words")
