"""Which sweep a number or an absence of the bench was taken from: links into the one file that lies beside the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from emgwidgets.model.measure import Marker, Measure, Measures, Result, TraceLink
from emgwidgets.model.signal import Sweep
from emgwidgets.widgets.ncs_bench.series import FWaveRun, Run, TrainRun

__all__ = ["SweepBook"]

#: The response of a train that its decrement compares with the first, from 0.
FOURTH = 3


@dataclass
class SweepBook:
    """Sweeps in the order they are kept, and the links that lead back to them.

    Parameters
    ----------
    name : str
        File the sweeps are written to, beside the case.
    """

    name: str
    sweeps: list[Sweep] = field(default_factory=list)
    known: dict[int, tuple[Sweep, TraceLink]] = field(default_factory=dict, repr=False)

    def keep(self, sweep: Sweep, study: str) -> TraceLink:
        """Put a sweep in, once, and say where it is: its number among those of its channel."""
        known = self.known.get(id(sweep))
        if known is not None:
            return known[1]
        named = sweep if sweep.channel else replace(sweep, channel=study)
        number = sum(one.channel == named.channel for one in self.sweeps)
        self.sweeps.append(named)
        link = TraceLink(recording=self.name, channel=named.channel, sweep=number)
        self.known[id(sweep)] = sweep, link  # held, so that its identity stays its own
        return link

    def linked(self, measures: Mapping[str, Result], sweep: Sweep, study: str) -> Measures:
        """Measures, or their absence, with the link to their sweep."""
        link = self.keep(sweep, study)
        return Measures({name: replace(one, trace=link) for name, one in measures.items()})

    def of_run(self, measures: Mapping[str, Result], run: Run) -> Measures:
        """Measures of a series with links: the shortest F wave; of a train the first and the fourth response.

        Every sweep of the series is kept.
        """
        links = [self.keep(sweep, run.study) for sweep in run.sweeps]
        found = dict(measures)
        if isinstance(run, FWaveRun):
            self._shortest(found, run, links)
        elif isinstance(run, TrainRun):
            for name, one in measures.items():
                at = FOURTH if "decrement" in name else 0
                if name != "increment_percent" and at < len(links):
                    found[name] = replace(one, trace=links[at])
        return Measures(found)

    @staticmethod
    def _shortest(found: dict[str, Result], run: FWaveRun, links: list[TraceLink]) -> None:
        least = found.get("f_min_latency_ms")
        if not isinstance(least, Measure):
            return
        waves = getattr(run.found, "waves", ())
        times_ms = {n: wave.latency_ms.value for n, wave in enumerate(waves) if hasattr(wave, "latency_ms")}
        if not times_ms:
            return
        at = min(times_ms, key=lambda n: abs(times_ms[n] - least.value))
        markers = (Marker(kind="onset", time_ms=times_ms[at], is_manual=at in run.placed),)
        found["f_min_latency_ms"] = replace(least, trace=links[at], markers=markers)
