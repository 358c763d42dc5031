"""Figures of people without symptoms: read as printed, interpolated and marked honestly."""

from __future__ import annotations

import pytest

from emgwidgets.errors import InputError
from emgwidgets.interpretation.correlation.prevalence import findings_with_prevalence, prevalence, wilson_percent


@pytest.mark.parametrize(
    ("finding", "age", "percent"),
    [("disc_bulge", 20, 30), ("disc_bulge", 50, 60), ("disc_bulge", 80, 84), ("disc_degeneration", 40, 68), ("annular_fissure", 30, 20),
     ("facet_arthropathy", 50, 32), ("spondylolisthesis", 40, 8), ("disc_protrusion", 80, 43), ("disc_height_loss", 30, 34)],
)  # fmt: skip
def test_figures_of_the_decades(finding, age, percent):
    found = prevalence(finding, age_years=age)[0]
    assert found.percent == percent
    assert found.low_percent <= found.percent <= found.high_percent


def test_between_decades_it_interpolates_and_says_derived():
    found = prevalence("disc_bulge", age_years=45)[0]
    assert found.percent == pytest.approx(55)
    assert (found.low_percent, found.high_percent) == (50, 60)
    assert found.cited.mark.word == "derived"


def test_figures_from_memory_say_so():
    assert "unverified" in prevalence("disc_bulge", age_years=70)[0].text
    assert "unverified" in prevalence("disc_bulge", age_years=65)[0].text
    assert "unverified" not in prevalence("disc_bulge", age_years=50)[0].text


def test_outside_the_decades_the_nearest_is_given_and_said():
    assert prevalence("disc_bulge", age_years=90)[0].percent == 84
    assert "the source covers 20 to 80 years" in prevalence("disc_bulge", age_years=90)[0].text


def test_a_small_cell_gets_an_interval_of_its_size():
    cell = prevalence("disc_bulge", age_years=20)[0]
    assert cell.n == 55
    assert cell.high_percent - cell.low_percent > 20


def test_wilson_against_a_worked_value():
    low, high = wilson_percent(10, 100)
    assert low == pytest.approx(5.52, abs=0.01)
    assert high == pytest.approx(17.44, abs=0.01)
    assert wilson_percent(0, 20)[0] == 0


def test_cervical_series():
    found = prevalence("cord_compression", region="cervical", age_years=60)
    assert [one.percent for one in found] == [5.3]
    assert found[0].n == 1211
    assert found[0].low_percent == pytest.approx(4.2, abs=0.1)


def test_no_series_is_not_zero():
    assert prevalence("tumour") == ()
    assert "disc_bulge" in findings_with_prevalence()


def test_a_figure_without_a_sample_has_no_interval():
    found = prevalence("foraminal_stenosis", region="cervical")[0]
    assert found.low_percent is None
    assert "no interval can be given" in found.text


def test_errors():
    with pytest.raises(InputError, match=r"no series of people without symptoms for this region; got 'thoracic'"):
        prevalence("disc_bulge", region="thoracic")
    with pytest.raises(InputError, match="the age cannot be used"):
        prevalence("disc_bulge", age_years=150)
