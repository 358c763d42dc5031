"""The rule sets themselves: every name known, every source in the bibliography, every clause with its three answers."""

from __future__ import annotations

import importlib.util
import itertools
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from emgwidgets.errors import InputError
from emgwidgets.interpretation._tables import measures, rows_of, studies
from emgwidgets.interpretation.criteria import criteria, criteria_codes, criteria_set, read_criteria
from emgwidgets.interpretation.criteria.engine import Evaluation
from emgwidgets.interpretation.criteria.rules import COMPARISONS
from emgwidgets.interpretation.facts import Facts, body_region, check_name
from emgwidgets.interpretation.reference import norm_set, norm_sets
from emgwidgets.interpretation.reference.limits import limit_of_fact
from emgwidgets.model.measure import Conditions, unit_of
from emgwidgets.model.verdict import Fact, Limit
from emgwidgets.sources import sources

_spec = importlib.util.spec_from_file_location("typed_study", Path(__file__).with_name("typed_study.py"))
typed = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(typed)

SETS = criteria()
IDS = [one.code for one in SETS]
CLAUSES = [(one, clause) for one in SETS for clause in one.clauses.values()]
CLAUSE_IDS = [f"{one.code}-{clause.code}" for one, clause in CLAUSES]

#: Members a rule may be asked of, enough for two nerves, regions and sides.
MOTOR = {
    "median_apb": ("wrist-elbow", "elbow-axilla", "axilla-erb"), "ulnar_adm": ("wrist-below_elbow", "below_elbow-above_elbow"),
    "ulnar_fdi": ("wrist-below_elbow", "below_elbow-above_elbow"), "fibular_edb": ("ankle-below_head", "below_head-above_head"),
    "fibular_ta": ("below_head-above_head",), "tibial_ah": ("ankle-popliteal",), "tibial_adqp": ("ankle-popliteal",),
    "median_adm": ("wrist-elbow",), "median_fdi": ("wrist-elbow",),
}  # fmt: skip
SENSORY = (
    "median_d2", "ulnar_d5", "superficial_radial", "sural", "superficial_fibular", "median_palm", "median_d4", "medial_plantar",
    "lateral_plantar",
)  # fmt: skip
MUSCLES = (
    "tongue_genioglossus", "deltoid_middle", "first_dorsal_interosseous_hand", "abductor_pollicis_brevis",
    "triceps_brachii_lateral_head", "thoracic_paraspinals", "tibialis_anterior", "vastus_lateralis",
    "gastrocnemius_medial_head",
)  # fmt: skip
TRAINS = ("rest_3hz", "after_10s_3hz")


@pytest.mark.parametrize("one", SETS, ids=IDS)
def test_every_clause_is_reached_from_an_outcome(one):
    reached, todo = set(), [when for _, when in one.outcomes] + list(one.requires)
    while todo:
        code = todo.pop()
        if code not in reached:
            reached.add(code)
            todo += [*one.clauses[code].parts, *one.clauses[code].requires]
    assert set(one.clauses) - reached == set()


@pytest.mark.parametrize(("one", "clause"), CLAUSES, ids=CLAUSE_IDS)
def test_every_source_is_in_the_bibliography_and_every_fact_in_the_grammar(one, clause):
    assert clause.cited.key in sources()
    assert clause.words[0].isupper() or clause.code in {
        part for other in one.clauses.values() for part in other.requires
    } | set(one.requires)
    for name in clause.facts:
        check_name(name)


@pytest.mark.parametrize("one", SETS, ids=IDS)
def test_a_set_says_where_it_comes_from_and_what_its_outcomes_are(one):
    assert one.code in criteria_codes()
    assert one.cited.key in sources()
    assert one.group
    codes = [outcome.code for outcome, _ in one.outcomes]
    assert len(set(codes)) == len(codes)
    assert (one.skin_cited is not None) == bool(one.skin_min_degc)


def test_the_sets_asked_for_are_there():
    wanted = {
        "conduction_block_aaem_1999", "conduction_block_efns_2010", "conduction_block_ean_2021", "cidp_efns_2010",
        "cidp_ean_2021", "cidp_ean_2021_sensory", "cidp_aan_1991", "gbs_albers_1985", "gbs_ho_1995", "gbs_dutch",
        "gbs_hadden_1998", "gbs_rajabally_2015", "cts_comparison", "cts_csi", "cts_bland", "cts_padua", "cts_stevens",
        "ulnar_elbow_aaem_1999", "ulnar_elbow_ndtf", "fibular_head", "tarsal_tunnel", "polyneuropathy_ratio",
        "junction_decrement", "junction_increment", "als_el_escorial_revised", "als_awaji", "als_gold_coast",
    }  # fmt: skip
    assert wanted <= set(criteria_codes())


# -- three answers of every clause, by cases made from the clauses themselves --------------------------------------------


def fact(name: str, value) -> Fact:
    kind, *rest = name.split(".")
    study, side = (rest[0], rest[1]) if len(rest) > 2 else ("", "")
    site = rest[2] if len(rest) > 3 else ""
    if kind in {"motor", "sensory"} and not site and study in studies():
        site = studies()[study].main_site
        name = f"{kind}.{study}.{side}.{site}.{rest[-1]}"
    return Fact(
        name=name, value=value, unit=unit_of(rest[-1]), kind=kind, study=study, side=side, site=site, measure=rest[-1],
        convention="baseline_to_peak" if name.endswith(("amplitude_mv", "amplitude_uv")) else "", absent="no response" if value is None else "",
        conditions=Conditions(
            skin_temperature_degc=34.0, high_pass_hz=2.0, is_supramaximal=True, distance_mm=distance(study, rest[-1])
        ),
    )  # fmt: skip


def distance(study: str, measure: str) -> float | None:
    """The distance the limits of a study hold for, and that of the comparison tests."""
    compared = {"ring": 140.0, "thumb": 100.0, "palm": 80.0}
    if study in compared:
        return compared[study]
    rows = [row for code in norm_sets()[:2] for row in norm_set(code).rows_for(study, measure) if row.distance]
    return rows[0].distance[0] if rows else None


def names_of(clause, rules) -> list[str]:
    """Names a clause may ask for, with its placeholders filled in by every member."""
    found = []
    for template in clause.facts:
        fields = [part[1:-1] for part in template.split(".") if part.startswith("{")]
        if not fields:
            found.append(template)
            continue
        sides = ("right",) if rules.scope == "side" else ("left", "right")
        for study, side in itertools.product(members_for(template), sides):
            for place in places(template, study):
                found.append(template.format(study=study, muscle=study, side=side, segment=place, train=place))
    return found


def members_for(template: str) -> tuple[str, ...]:
    if "{study}" not in template and "{muscle}" not in template:
        return (template.split(".")[1],)
    if template.startswith("sensory"):
        return SENSORY
    if template.startswith("needle"):
        return MUSCLES
    return (
        ("ulnar_adm",)
        if template.startswith("rns")
        else ("median_apb", "ulnar_adm", "ulnar_fdi", "fibular_edb", "tibial_ah")
    )


def places(template: str, study: str) -> tuple[str, ...]:
    if "{segment}" in template:
        return MOTOR[study]
    return TRAINS if "{train}" in template else ("",)


def interesting(clause, name: str, rules) -> list[object]:
    """Values on both sides of the clause's threshold, or the words it asks for and another one."""
    probe = fact(name, 1.0)
    if clause.operator == "word":
        wanted = [one for one in clause.wanted if one not in {"absent", "present"}]
        return [*wanted, not wanted[0] if isinstance(wanted[0], bool) else "normal"]
    edge = clause.threshold.value
    if clause.threshold.edge:
        owner = clause.threshold.norm_set or "aanem_2016"
        found = limit_of_fact(probe, subject=typed.ADULT, norm_set=owner)
        if not isinstance(found, Limit):
            return []
        limit = found.low if clause.threshold.edge == "lower_limit" else found.high
        edge = limit * edge / 100.0
    return [edge - max(abs(edge) * 0.02, 0.01), edge + max(abs(edge) * 0.02, 0.01)]


def table_of(rules) -> dict[str, list[object]]:
    """Name of a fact -> values that matter to any clause of the set, from low to high."""
    found: dict[str, set[object]] = {}
    for clause in rules.clauses.values():
        for name in names_of(clause, rules) if clause.operator in {"number", "word"} else ():
            found.setdefault(name, set()).update(interesting(clause, name, rules))
            if clause.absent:
                found[name].add(None)
    return {
        name: sorted(values, key=lambda value: (n_met(rules, name, value), str(value)))
        for name, values in found.items()
    }


def n_met(rules, name: str, value: object) -> int:
    """How many clauses of the set a value meets, so that the first value of a name is the healthiest."""
    made = fact(name, value)
    facts = Facts({made.name: made}, subject=typed.ADULT)
    asked = Evaluation(rules, facts, norm_set("aanem_2016"), frozenset())
    rest = name.split(".")
    place = rest[3] if len(rest) > 4 else ""
    binding = {
        "study": rest[1],
        "muscle": rest[1],
        "side": rest[2] if len(rest) > 2 else "",
        "segment": place,
        "train": place,
    }
    leaves = (clause for clause in rules.clauses.values() if clause.operator in {"number", "word"})
    return sum(
        (-1 if is_kept(clause) else 1) * (asked._leaf(clause, binding).answer == "met")
        for clause in leaves
        if any(one.format_map(binding) == name for one in clause.facts)
    )


def is_kept(clause) -> bool:
    """Whether a clause asks that a response be large enough, which is what the healthy have."""
    return (
        clause.facts[0].endswith(("amplitude_mv", "amplitude_uv")) and COMPARISONS.get(clause.comparison, (False,))[0]
    )


def drawn(table, draw: random.Random) -> Facts:
    """A random case: each case leans to low or high values, to absent responses, and to leaving facts out."""
    missing, lean, same = draw.choice((0.0, 0.0, 0.05, 0.5, 0.9)), draw.random(), draw.random() < 0.6
    extreme = draw.choice((None, None, 0.0, 0.999))  # everything healthy, or everything as abnormal as it gets
    odd = draw.choice((0.0, 0.02, 0.1))
    by_template: dict[str, float] = {}
    facts = {}
    for name, values in table.items():
        if not values or draw.random() < missing:
            continue
        template = name.split(".")[0] + name.rpartition(".")[2]
        at = by_template.setdefault(template, draw.random() if draw.random() < 0.7 else lean) if same else draw.random()
        at = at if extreme is None else extreme
        value = values[min(int(at * len(values)), len(values) - 1)]
        if draw.random() < odd:
            value = draw.choice(values)
        made = fact(name, value)
        facts[made.name] = made
    for name in list(facts) + [fact(name, 1.0).name for name in table if draw.random() < 0.3]:
        kind, *rest = name.split(".")
        if kind in {"motor", "sensory", "rns"} and len(rest) == 4:  # a member that was studied, whatever was measured
            other = "repetition_rate_hz" if kind == "rns" else "distance_mm"
            made = fact(".".join((kind, *rest[:3], other)), 3.0 if kind == "rns" else 200.0)
            facts.setdefault(made.name, made)
    if draw.random() < 0.9:
        facts["subject.age_years"] = Fact(
            name="subject.age_years", value=45, unit="years", kind="subject", measure="age_years"
        )
    if draw.random() < 0.9:
        days = draw.choice((2.0, 60.0, 60.0, 60.0))
        facts["case.days_since_onset"] = Fact(
            name="case.days_since_onset", value=days, unit="days", kind="case", measure="days_since_onset"
        )
    if draw.random() < 0.2:
        facts = dict(draw.sample(list(facts.items()), max(len(facts) // 12, min(len(facts), 2))))
    return Facts(facts, subject=typed.ADULT)


def seen_answers(rules, n: int = 800) -> dict[str, set[str]]:
    draw = random.Random(rules.code)
    table = table_of(rules)
    seen: dict[str, set[str]] = {code: set() for code in rules.clauses}
    needed = {code: wanted_answers(rules, clause) for code, clause in rules.clauses.items()}
    for _ in range(n):
        asked = Evaluation(rules, drawn(table, draw), norm_set("aanem_2016"), frozenset())
        for binding in ({"side": "right"},) if rules.scope == "side" else ({},):
            for code in (*rules.requires, *(when for _, when in rules.outcomes)):
                asked.ask(code, binding)
        for (code, _), node in asked._seen.items():
            seen[code].add(node.answer)
        if all(wanted <= seen[code] for code, wanted in needed.items()):
            break
    return seen


def wanted_answers(rules, clause) -> set[str]:
    wanted = {"met", "not_met"} | ({"cannot_be_judged"} if clause.operator != "member" else set())
    if clause.parts and set(clause.parts) <= set(clause.requires):
        wanted -= {"not_met"}  # a gate: what it asks for holds, or nothing can be said
    return wanted - UNANSWERED.get(rules.code, {}).get(clause.code, set())


#: A limit that no norm set holds keeps these open, which the set itself says in a note.
UNANSWERED = {"gbs_dutch": {"duration_300": {"met", "not_met"}, "feature": {"not_met"}, "two": {"not_met"}}}


@pytest.mark.parametrize("rules", SETS, ids=IDS)
def test_every_clause_has_a_case_that_meets_it_one_that_does_not_and_one_that_cannot_be_judged(rules):
    seen = seen_answers(rules)
    lacking = {}
    for code, clause in rules.clauses.items():
        wanted = wanted_answers(rules, clause)
        if not wanted <= seen[code]:
            lacking[code] = sorted(wanted - seen[code])
    assert lacking == {}


# -- tables -----------------------------------------------------------------------------------------------------------


def test_every_measure_with_an_effect_of_cold_or_weak_stimulation_says_where_that_is_known_from():
    for row in measures().values():
        assert bool(row.cold) <= bool(row.cold_cited), row.measure
        assert bool(row.submaximal) <= bool(row.submaximal_cited), row.measure
        assert {row.cold, row.submaximal} <= {"", "raises", "lowers", "either"}


def test_every_derived_fact_rests_on_known_names_and_sources():
    for row in rows_of("derived.csv"):
        assert row["source"] in sources()
        check_name(f"compare.{row['study']}.right.{row['measure']}")
        for part in ("a", "b", "c"):
            if row[part]:
                check_name(row[part])


@pytest.mark.parametrize("code", norm_sets())
def test_every_row_of_a_norm_set_is_cited_and_holds_something(code):
    found = norm_set(code)
    assert found.rows
    for row in found.rows:
        assert row.cited.key in sources()
        assert row.equation or any(value is not None for value in (row.low, row.high, row.mean))
        assert row.statistic
    assert all(other in norm_sets() for other in found.also)


def test_body_regions_cover_every_muscle():
    from emgwidgets.vocabulary import muscles

    assert {body_region(code) for code in muscles()} == {"bulbar", "cervical", "thoracic", "lumbosacral"}


# -- what a wrong file is told ----------------------------------------------------------------------------------------

GOOD = """
[criteria]
code = "x"
title = "X"
scope = "side"
source = "ncs.S61"
mark = "V"

[[outcome]]
code = "a"
words = "a"
when = "one"

[clause.one]
words = "One"
fact = "motor.median_apb.{side}.onset_latency_ms"
above = 4.5
"""


def test_a_good_file_is_read():
    assert read_criteria(GOOD, name="x.toml").clauses["one"].threshold.value == 4.5


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("above = 4.5", "above_ = 4.5", r"clause one: no such key; got above_; expected such as above"),
        ("above = 4.5", "", r"clause one: a fact needs one comparison; got none"),
        ("above = 4.5", "above = 4.5\nbelow = 3", r"a fact needs one comparison; got above, below"),
        ("above = 4.5", 'above = { of = "limit" }', r"the threshold cannot be used"),
        ("above = 4.5", 'above = { of = "upper_limit", norm_set = "nobody" }', r"no such norm set; got 'nobody'"),
        ("median_apb", "medain_apb", r"got study medain_apb; expected such as median_apb"),
        ("onset_latency_ms", "onset_latency_s", r"got measure onset_latency_s; expected such as onset_latency_ms"),
        ("motor.", "motr.", r"got kind motr"),
        (".{side}.", ".", r"got no side"),
        ('source = "ncs.S61"', 'source = "ncs.S999"', r"no such source; got 'ncs.S999'"),
        ('mark = "V"', "", r"its source has no mark"),
        ('scope = "side"', 'scope = "limb"', r"its scope cannot be used; got 'limb'"),
        ('when = "one"', 'when = "two"', r"no such clause; got 'two'; expected such as one"),
        ('words = "One"', "", r"clause one: it has no words"),
        ("{side}.onset", "{side}.{segment}.onset", r"its clause is not filled in; got \{segment\}"),
        ("[criteria]", "[criteria", r"x.toml is no TOML"),
    ],
)
def test_a_wrong_file_is_told_where(old, new, sentence):
    assert old in GOOD
    with pytest.raises(InputError, match=sentence):
        read_criteria(GOOD.replace(old, new), name="x.toml")


def test_a_clause_that_rests_on_itself_is_refused():
    text = GOOD.replace('fact = "motor.median_apb.{side}.onset_latency_ms"\nabove = 4.5', 'all = ["one"]')
    with pytest.raises(InputError, match=r"a clause rests on itself; got one -> one"):
        read_criteria(text, name="x.toml")


def test_an_unknown_set_offers_the_nearest():
    with pytest.raises(InputError, match=r"no such criteria set; got 'cts_blend'; expected one such as cts_bland"):
        criteria_set("cts_blend")


def test_comparisons_say_whether_the_threshold_counts():
    assert COMPARISONS == {
        "above": (True, False),
        "at_least": (True, True),
        "below": (False, False),
        "at_most": (False, True),
    }


def test_the_pages_of_criteria_and_limits_are_what_the_engine_reads():
    tool = Path(__file__).resolve().parents[2] / "tools" / "make_criteria_page.py"
    done = subprocess.run([sys.executable, str(tool), "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# -- the numbers, as the fact base has them -----------------------------------------------------------------------------

NUMBERS = [
    ("conduction_block_aaem_1999", "amplitude_50", "above", 50, "M"),
    ("conduction_block_aaem_1999", "area_40", "above", 40, "M"),
    ("conduction_block_aaem_1999", "amplitude_60", "above", 60, "M"),
    ("conduction_block_aaem_1999", "duration_to_30", "at_most", 30, "M"),
    ("conduction_block_efns_2010", "fall_50", "at_least", 50, "V"),
    ("conduction_block_ean_2021", "fall_30", "at_least", 30, "M"),
    ("cidp_efns_2010", "dml_one", "at_least", 150, "V"),
    ("cidp_efns_2010", "cv_segment", "at_most", 70, "V"),
    ("cidp_efns_2010", "f_long", "at_least", 130, "V"),
    ("cidp_efns_2010", "rise_30", "above", 30, "V"),
    ("cidp_ean_2021", "f_long", "at_least", 120, "M"),
    ("cidp_ean_2021", "rise_100", "at_least", 100, "M"),
    ("cidp_aan_1991", "cv_80", "below", 80, "V"),
    ("cidp_aan_1991", "dml_125", "above", 125, "V"),
    ("gbs_albers_1985", "cv_95", "below", 95, "V"),
    ("gbs_albers_1985", "f_120", "above", 120, "V"),
    ("gbs_ho_1995", "cv_90", "below", 90, "V"),
    ("gbs_dutch", "dml_150", "above", 150, "V"),
    ("gbs_hadden_1998", "fall_50", "above", 50, "V"),
    ("gbs_rajabally_2015", "cv_70", "below", 70, "M"),
    ("cts_comparison", "ring", "above", 0.4, "V"),
    ("cts_comparison", "thumb", "above", 0.5, "V"),
    ("cts_comparison", "palm", "above", 0.3, "V"),
    ("cts_comparison", "lumbrical", "at_least", 0.5, "M"),
    ("cts_csi", "index", "above", 0.9, "V"),
    ("cts_bland", "dml_over_6_5", "above", 6.5, "V"),
    ("cts_bland", "cmap_lost", "below", 0.2, "V"),
    ("ulnar_elbow_aaem_1999", "slow", "below", 50, "M"),
    ("ulnar_elbow_aaem_1999", "slower", "above", 10, "M"),
    ("ulnar_elbow_aaem_1999", "fall", "above", 20, "M"),
    ("ulnar_elbow_ndtf", "drop_15", "above", 15, "V"),
    ("fibular_head", "slower_10", "above", 10, "V"),
    ("fibular_head", "slower_12_percent", "above", 12, "V"),
    ("fibular_head", "edb_fall", "above", 25, "V"),
    ("tarsal_tunnel", "medial_long", "above", 6, "V"),
    ("junction_decrement", "decrement_10", "at_least", 10, "V"),
    ("junction_increment", "increment_60", "at_least", 60, "V"),
    ("snap_side_difference", "half", "below", 50, "V"),
]


@pytest.mark.parametrize(
    ("code", "clause", "comparison", "value", "mark"), NUMBERS, ids=[f"{row[0]}-{row[1]}" for row in NUMBERS]
)
def test_the_number_and_its_mark(code, clause, comparison, value, mark):
    found = criteria_set(code).clauses[clause]
    assert (found.comparison, found.threshold.value, found.cited.mark.value) == (comparison, value, mark)


@pytest.mark.parametrize(
    ("one", "clause"), [pair for pair in CLAUSES if pair[1].operator == "number"], ids=lambda part: part.code
)
def test_exactly_at_the_threshold_the_wording_decides(one, clause):
    name = names_of(clause, one)[0]
    values = interesting(clause, name, one)
    edge = sum(values) / 2 if values else 1e6
    made = replace(fact(name, edge))
    asked = Evaluation(one, Facts({made.name: made}, subject=typed.ADULT), norm_set("aanem_2016"), frozenset())
    rest = name.split(".")
    place = rest[3] if len(rest) > 4 else ""
    binding = {"study": rest[1], "side": "right" if "right" in rest else "left", "segment": place, "train": place}
    found = asked._leaf(clause, binding)
    if not values:  # a percentage of a limit that no norm set here holds is never guessed, however large the value
        assert (found.answer, found.threshold) == ("cannot_be_judged", None)
        assert found.reason == f"aanem_2016 has no limit for {rest[1]} {rest[-1]}"
        return
    assert found.margin == pytest.approx(0, abs=1e-9)
    if found.threshold == edge:
        assert found.answer == ("met" if COMPARISONS[clause.comparison][1] else "not_met")
