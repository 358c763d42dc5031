"""The bench on paper: the chosen study as a picture, and the table of the study as a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emgwidgets.figures.ncs import ResponseRow, StudyPicture
from emgwidgets.figures.ncs_table import NumberRow, NumbersPicture
from emgwidgets.model.measure import Marker
from emgwidgets.model.signal import Side
from emgwidgets.widgets.ncs_bench.desk import NcsDesk
from emgwidgets.widgets.ncs_bench.response import Response
from emgwidgets.widgets.ncs_bench.state import response_words

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["numbers_of", "picture_of", "table_frame"]

KINDS = {"O": "onset", "P": "negative_peak", "E": "return_to_baseline"}
#: Length of the time axis and height of a division, microvolts.
SCALES = {"motor": (20.0, 5000.0), "sensory": (10.0, 10.0)}


def _row(desk: NcsDesk, site: str, response: Response) -> ResponseRow:
    markers = tuple(
        Marker(kind=KINDS[letter], time_ms=time, is_manual=letter in response.by_hand)
        for letter, time in response.markers_ms.items()
    )
    return ResponseRow(
        site=desk.info.site(site).words, sweep=response.shot.sweep, words=response_words(response), markers=markers
    )


def picture_of(desk: NcsDesk) -> StudyPicture:
    """Kept responses of the chosen study, left beside right."""
    info = desk.info
    sides: tuple[Side, Side] = ("left", "right")
    rows = tuple(
        (side.capitalize(), tuple(
            _row(desk, site.code, desk.kept[info.key, side, site.code])
            for site in (*info.sites, *info.checks) if (info.key, side, site.code) in desk.kept
        ))
        for side in sides
    )  # fmt: skip
    end_ms, division = SCALES[info.kind]
    return StudyPicture(
        title=info.title, caption=desk.source.title, sides=rows, end_ms=end_ms, per_division_uv=division
    )


def numbers_of(desk: NcsDesk, table: Mapping[str, Any]) -> NumbersPicture:
    """The table of the study, for a study without traces."""
    rows, nerve = [], ""
    for row in table["rows"]:
        nerve = row["nerve"] or nerve
        sides = {side: (row[side]["text"], row[side]["mark"]) for side in ("left", "right")}
        rows.append(NumberRow(
            nerve=nerve, measure=row["measure"], limit=row["limit"], unit=row["unit"], **sides
        ))  # fmt: skip
    legend = "N normal, A abnormal, B borderline, 0 no response, ? cannot be judged, - not tested"
    return NumbersPicture(
        title="Nerve conduction", caption=f"{desk.source.title}; limits {desk.norm_set}; {legend}", rows=tuple(rows)
    )


def table_frame(table: Mapping[str, Any]) -> pd.DataFrame:
    """The table of the study, one row a measure."""
    import pandas as pd

    columns = ["nerve", "measure", "left", "left_mark", "right", "right_mark", "limit", "unit", "limit_source"]
    made, nerve = [], ""
    for row in table["rows"]:
        nerve = row["nerve"] or nerve
        made.append((
            nerve, row["measure"], row["left"]["text"], row["left"]["mark"], row["right"]["text"], row["right"]["mark"],
            row["limit"], row["unit"], row["limit_source"],
        ))  # fmt: skip
    return pd.DataFrame(made, columns=columns)
