"""Words of Spike2 events: the key that was pressed where a marker has one, else its number."""

from __future__ import annotations

import pytest

from emgwidgets.io.spike2 import _event_label


@pytest.mark.parametrize(
    ("kind", "text", "label"),
    [(5, "97", "Keyboard a"), (5, "32", "Keyboard 32"), (5, "127", "Keyboard 127"), (5, "200", "Keyboard 200"),
     (5, "353", "Keyboard a"), (5, "note", "Keyboard note"), (8, "97", "Keyboard 97"), (8, " two  words ", "Keyboard two words")],
)  # fmt: skip
def test_an_event_is_called_by_its_key_or_its_number(kind, text, label):
    assert _event_label("Keyboard", kind, text) == label
