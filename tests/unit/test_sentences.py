"""An error is one sentence with one full stop; an argument that is to be filled in keeps its dots."""

from __future__ import annotations

import pytest

from emgwidgets.errors import ReadError


@pytest.mark.parametrize(
    ("way_out", "end"),
    [("copy it again.", "; copy it again."), ("state unit=...", "; state unit=..."), ("", "x is cut off.")],
)
def test_end_of_the_sentence(way_out, end):
    assert str(ReadError("x is cut off", way_out=way_out)).endswith(end)
