"""What a recording as a whole can no longer support, said before anything of it is measured; single stretches are judged elsewhere."""

from __future__ import annotations

from emgwidgets.analysis.needle._rest_checks import check_rest, usable_trace
from emgwidgets.errors import EmgError
from emgwidgets.model.signal import Trace

__all__ = ["recording_limits"]


def recording_limits(trace: Trace, *, is_surface: bool = False) -> tuple[str, ...]:
    """Say what a needle trace does not allow: too low a rate, cut peaks, a surface electrode, silence, a high low filter.

    Parameters
    ----------
    trace : Trace
        As much of the recording as is to be looked at.
    is_surface : bool
        Whether the channel calls itself a surface channel.

    Returns
    -------
    tuple of str
        One sentence each; empty where nothing speaks against it.
    """
    try:
        usable = usable_trace(trace, is_surface=is_surface)
    except EmgError as error:
        here = "; ".join(
            filter(None, (error.got and f"here {error.got}", error.expected and f"needed {error.expected}"))
        )
        return (f"{error.what[:1].upper()}{error.what[1:]}{f' ({here})' if here else ''}.",)
    return tuple(check_rest(usable, noise_uv=0.0))
