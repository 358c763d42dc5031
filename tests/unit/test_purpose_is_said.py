"""What the software is for stands once wherever results show: widgets, results of the command line, the patient's page, the front page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emgwidgets.cli import main
from emgwidgets.cli._common import PURPOSE
from emgwidgets.interpretation.explain_patient import patient_page
from emgwidgets.model.case import Case

ROOT = Path(__file__).resolve().parents[2]
WIDGETS = ROOT / "emgwidgets" / "widgets"
SENTENCE = "teaches and documents; it is no medical device"
#: Widgets that show results, and the file that says it.
SAID_IN = (
    "case_board/view.js", "case_room/view.js", "marker_gym/view.js", "mri_bench/view.js", "ncs_bench/technique.js",
    "needle_bench/view.js", "scope/view.js", "trace_viewer/view.js", "waveform_gym/view.js",
)  # fmt: skip


def test_the_words_are_the_same_everywhere():
    assert f'"{PURPOSE}"' in (WIDGETS / "_js" / "purpose.js").read_text(encoding="utf-8")
    assert PURPOSE in (WIDGETS / "start_page" / "view.js").read_text(encoding="utf-8")
    assert SENTENCE in PURPOSE


@pytest.mark.parametrize("path", SAID_IN)
def test_a_widget_with_results_says_it_once(path):
    text = (WIDGETS / path).read_text(encoding="utf-8")
    assert len(re.findall(r"\bPURPOSE\b", text.split("\n", 1)[1])) == 2  # brought in and drawn
    folder = "\n".join(one.read_text(encoding="utf-8") for one in (WIDGETS / path).parent.glob("*.js"))
    assert "medical device" not in folder
    assert len(re.findall(r"import \{ PURPOSE \}", folder)) == 1


def test_the_front_page_and_the_page_of_the_patient_say_it_once():
    readme = re.sub(r"\s+", " ", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert readme.count(SENTENCE) == 1
    page = patient_page(Case())
    assert re.sub(r"\s+", " ", page).count(SENTENCE) == 1


def test_a_result_of_the_command_line_ends_with_it(tmp_path, capsys):
    report = tmp_path / "report.txt"
    report.write_text("MRI lumbar spine.\nFindings: L4-5: mild disc bulge.\n", encoding="utf-8")
    assert main(["mri-report", str(report)]) == 0
    said = capsys.readouterr().out
    assert said.rstrip().endswith(PURPOSE)
    assert said.count("medical device") == 1
    assert main(["mri-report", str(report), "--json"]) == 0
    assert "medical device" not in capsys.readouterr().out
