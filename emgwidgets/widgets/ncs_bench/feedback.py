"""What a learner did on the bench, held against what the simulation knows: plateau, markers, distance, technique."""

from __future__ import annotations

from emgwidgets.errors import InputError
from emgwidgets.lessons.marks import latency_feedback
from emgwidgets.simulation.nerve.recording_setup import SweepTruth
from emgwidgets.widgets.ncs_bench.response import Response
from emgwidgets.widgets.ncs_bench.virtual import VirtualSource
from emgwidgets.widgets.ncs_bench.widget import NcsBench

__all__ = ["bench_feedback"]

#: Share of the axons from which a response counts as maximal (curriculum, lesson 10; internal choice).
MAXIMAL_SHARE = 0.95


def bench_feedback(bench: NcsBench) -> str:
    """Say what holds and what does not of the responses that were kept, against the truth of the simulation.

    Parameters
    ----------
    bench : NcsBench
        Of a virtual patient.

    Returns
    -------
    str
        One line for each kept response; what to do first when there is none.

    Raises
    ------
    InputError
        If the bench shows recorded sweeps, which have no truth.
    """
    desk = bench.desk
    if not isinstance(desk.source, VirtualSource):
        raise InputError("recorded sweeps have no truth to compare with", got=desk.source.title)
    if not desk.kept:
        return (
            "Nothing kept yet: choose a site, raise the current, stimulate until the response stops growing, then keep."
        )
    lines = []
    for (study, side, site), response in desk.kept.items():
        info = desk.studies[study]
        head = f"{info.title}, {side}, {info.site(site).words}: "
        n_most = desk.source.n_excitable(info, side, site)
        parts = _parts(desk.source.truths[response.shot.number], n_most, response)
        # the answer of another nerve tells of a crossing by its size; its markers are not asked for
        lines.append(head + "; ".join(parts[:1] if info.site(site).of else parts))
    return "\n".join(lines)


def _parts(truth: SweepTruth, n_most: int, response: Response) -> list[str]:
    share = float(truth.activated.sum()) / n_most if n_most else 1.0
    parts = [f"{100 * share:.0f} % of the axons fired"]
    if share < MAXIMAL_SHARE:
        parts[0] += ", so no plateau: raise the current"
    if truth.is_absent:
        return [*parts, "no response is there"]
    times = {"O": truth.onset_ms, "P": truth.peak_ms}
    kind = "sensory" if response.is_sensory else "motor"
    for letter, placed in response.markers_ms.items():
        true_ms = times.get(letter)
        if true_ms is not None:
            said = latency_feedback(kind, letter, placed, true_ms, half_ms=response.onset_half_ms)
            parts += [f"{said}{'' if letter in response.by_hand else ' (proposed, not placed by you)'}"] if said else []
    return parts
