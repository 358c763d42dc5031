"""Criteria files: reading, and checking that a clinician's rule says what it needs.  The format is in docs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from emgwidgets.errors import InputError
from emgwidgets.interpretation.facts import DOMAINS, check_name
from emgwidgets.interpretation.reference.limits import ASSUMABLE
from emgwidgets.interpretation.reference.norm_sets import norm_set
from emgwidgets.model.verdict import Outcome
from emgwidgets.sources import Cited, Mark
from emgwidgets.vocabulary.lookup import nearest, plain

__all__ = ["Clause", "Criteria", "Threshold", "criteria", "criteria_codes", "criteria_set", "read_criteria"]

#: Comparisons of a numeric clause: whether it is met upward, and whether the threshold itself counts.
COMPARISONS = {"above": (True, False), "at_least": (True, True), "below": (False, False), "at_most": (False, True)}
WORDED = ("is", "one_of")
JOINED = ("all", "any", "none", "of", "over", "where", "not_where")
CLAUSE_KEYS = {
    "words", "source", "locus", "mark", "fact", *COMPARISONS, *WORDED, "absent", "distance_mm", "assumable", "ignores",
    "all", "any", "none", "of", "count", "over", "where", "not_where", "clause", "different", "distinct", "differ_in_each",
    "judged_at_least", "requires", "optional",
}  # fmt: skip
CRITERIA_KEYS = {
    "code", "title", "scope", "source", "locus", "mark", "notes", "skin_min_degc", "skin_source", "skin_mark", "requires",
    "group", "one_site",
}  # fmt: skip
PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """What a number is compared with: a constant, or a share of a limit of the norm set.

    Parameters
    ----------
    edge : str
        ``""`` for a constant, ``"lower_limit"`` or ``"upper_limit"``.
    norm_set : str
        A set the clause is tied to; empty for the one the user chose.
    """

    value: float
    edge: str = ""
    norm_set: str = ""


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One clause of a criteria file; which fields count depends on the operator.

    Parameters
    ----------
    operator : str
        ``"number"``, ``"word"``, ``"member"``, ``"all"``, ``"any"``, ``"none"``, ``"of"`` or ``"over"``.
    free : tuple of str
        Placeholders that whoever uses the clause must fill in.
    is_optional : bool
        Left out of "any", of counts and of members when its fact was not tested, as long as another part was.
    """

    code: str
    words: str
    operator: str
    cited: Cited
    free: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    comparison: str = ""
    threshold: Threshold | None = None
    wanted: tuple[Any, ...] = ()
    absent: str = ""
    distance_mm: float | None = None
    assumable: str = ""
    ignores: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    count: int = 1
    domain: str = ""
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    distinct: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    judged_at_least: int = 1
    requires: tuple[str, ...] = ()
    is_optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """A published criteria set as data.

    Parameters
    ----------
    scope : str
        ``"side"`` to judge left and right apart, ``"person"`` otherwise.
    outcomes : tuple
        Outcome and the clause it stands for, the highest first.
    requires : tuple of str
        Clauses without which nothing can be judged.
    one_site : str
        What cannot be judged of a motor nerve that was stimulated at one site only; empty where that does not matter.
    """

    code: str
    title: str
    scope: str
    cited: Cited
    clauses: Mapping[str, Clause]
    outcomes: tuple[tuple[Outcome, str], ...]
    group: str = ""
    notes: tuple[str, ...] = ()
    skin_min_degc: Mapping[str, float] = field(default_factory=dict)
    skin_cited: Cited | None = None
    requires: tuple[str, ...] = ()
    one_site: str = ""

    @property
    def sources(self) -> tuple[Cited, ...]:
        """Every source of the set, each once."""
        every = [self.cited, *(clause.cited for clause in self.clauses.values())]
        every += [self.skin_cited] if self.skin_cited else []
        return tuple(dict.fromkeys(every))

    def __repr__(self) -> str:
        return f"Criteria({self.code}: {self.title})"


def _fail(place: str, what: str, *, got: str = "", expected: str = "") -> None:
    raise InputError(f"{place}: {what}", got=got, expected=expected)


def _tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (() if value is None else (value,))


def _known_keys(table: Mapping[str, Any], known: set[str], place: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        near = nearest(unknown[0], {plain(one): one for one in known}) or tuple(sorted(known))[:3]
        _fail(place, "no such key", got=unknown[0], expected=f"such as {', '.join(near)}")


def _cited(table: Mapping[str, Any], default: Cited | None, place: str) -> Cited:
    if "source" not in table:
        if default is None:
            _fail(place, "it has no source", expected="a key of bibliography.csv")
        assert default is not None
        if "mark" not in table and "locus" not in table:
            return default
        return Cited(
            key=default.key, locus=table.get("locus", default.locus), mark=Mark(table.get("mark", default.mark))
        )
    if "mark" not in table:
        _fail(place, "its source has no mark", expected="mark V, M, D or P")
    return Cited(key=table["source"], locus=table.get("locus", ""), mark=Mark(table["mark"]))


def _threshold(value: Any, place: str) -> Threshold:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Threshold(value=float(value))
    if not isinstance(value, dict) or value.get("of") not in {"lower_limit", "upper_limit"}:
        _fail(
            place,
            "the threshold cannot be used",
            got=repr(value),
            expected='a number or { percent, of = "upper_limit" }',
        )
    _known_keys(value, {"percent", "of", "norm_set"}, place)
    if value.get("norm_set"):
        norm_set(value["norm_set"])
    return Threshold(value=float(value.get("percent", 100.0)), edge=value["of"], norm_set=value.get("norm_set", ""))


def _leaf(table: Mapping[str, Any], place: str) -> dict[str, Any]:
    facts = _tuple(table["fact"])
    for name in facts:
        try:
            check_name(name)
        except InputError as error:
            raise InputError(f"{place}: {error.what}", got=error.got, expected=error.expected) from error
    ways = [key for key in (*COMPARISONS, *WORDED) if key in table]
    if len(ways) != 1:
        _fail(place, "a fact needs one comparison", got=", ".join(ways) or "none", expected=f"one of {', '.join((*COMPARISONS, *WORDED))}")  # fmt: skip
    if table.get("absent", "") not in {"", "met", "not_met"}:
        _fail(place, "absent cannot be used", got=repr(table["absent"]), expected="met or not_met")
    if table.get("assumable", "") not in {"", *ASSUMABLE}:
        _fail(
            place, "assumable cannot be used", got=repr(table["assumable"]), expected=f"one of {', '.join(ASSUMABLE)}"
        )
    made: dict[str, Any] = {
        "facts": facts, "comparison": ways[0], "absent": table.get("absent", ""), "assumable": table.get("assumable", ""),
        "distance_mm": table.get("distance_mm"), "ignores": _tuple(table.get("ignores")),
    }  # fmt: skip
    if ways[0] in COMPARISONS:
        return made | {"operator": "number", "threshold": _threshold(table[ways[0]], place)}
    return made | {"operator": "word", "wanted": _tuple(table[ways[0]])}


def _member_table(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(str(one) for one in _tuple(value)) for name, value in table.items()}


def _joined(table: Mapping[str, Any], place: str) -> dict[str, Any]:
    if "over" in table:
        if table["over"] not in DOMAINS:
            _fail(
                place, "it counts over nothing known", got=repr(table["over"]), expected=f"one of {', '.join(DOMAINS)}"
            )
        parts = _tuple(table.get("different") or table.get("clause"))
        default = ("trunk", "side") if table["over"] != "needle_muscle" else ("muscle", "side")
        return {
            "operator": "over", "parts": parts, "domain": table["over"], "count": int(table.get("count", 1)),
            "where": _member_table(table.get("where", {})), "not_where": _member_table(table.get("not_where", {})),
            "distinct": _tuple(table.get("distinct")) or default, "each": _tuple(table.get("differ_in_each")),
            "judged_at_least": int(table.get("judged_at_least", 1)),
        }  # fmt: skip
    for operator in ("all", "any", "none", "of"):
        if operator in table:
            if operator == "of" and not 1 <= int(table.get("count", 0)) <= len(table["of"]):
                _fail(place, "count cannot be used", got=repr(table.get("count")), expected=f"1 to {len(table['of'])}")
            return {"operator": operator, "parts": _tuple(table[operator]), "count": int(table.get("count", 1))}
    return {
        "operator": "member", "where": _member_table(table.get("where", {})),
        "not_where": _member_table(table.get("not_where", {})),
    }  # fmt: skip


def _clause(code: str, table: Mapping[str, Any], default: Cited, name: str) -> Clause:
    place = f"{name}, clause {code}"
    _known_keys(table, CLAUSE_KEYS, place)
    if not table.get("words"):
        _fail(place, "it has no words", expected="what it says, for a reader")
    if "fact" not in table and not any(key in table for key in JOINED):
        _fail(place, "it says nothing", expected=f"a fact or one of {', '.join(JOINED)}")
    made = _leaf(table, place) if "fact" in table else _joined(table, place)
    return Clause(
        code=code,
        words=table["words"],
        cited=_cited(table, default, place),
        requires=_tuple(table.get("requires")),
        is_optional=bool(table.get("optional", False)),
        **made,
    )


#: Names a member of each domain fills in, beside those of the clause around it.
def _filled(domain: str) -> set[str]:
    names = {"study", "side", "trunk", "limb"}
    return names | {"motor_segment": {"segment"}, "train": {"train"}, "needle_muscle": {"muscle", "nerve", "root", "region"}}.get(domain, set())  # fmt: skip


def _free(code: str, clauses: Mapping[str, Clause], seen: tuple[str, ...], name: str) -> frozenset[str]:
    if code not in clauses:
        near = nearest(code, {plain(one): one for one in clauses}) or tuple(clauses)[:3]
        _fail(name, "no such clause", got=repr(code), expected=f"such as {', '.join(near)}")
    if code in seen:
        _fail(name, "a clause rests on itself", got=" -> ".join((*seen, code)))
    clause = clauses[code]
    own = {found for fact in clause.facts for found in PLACEHOLDER.findall(fact)}
    if clause.operator == "member":
        own |= set(clause.where) | set(clause.not_where)
    for part in clause.parts:
        own |= _free(part, clauses, (*seen, code), name) - (_filled(clause.domain) if clause.domain else set())
    if clause.domain:  # a member's study or side may be fixed by the clause around it
        own |= {"side", "study"} & _free_of_domain(clause)
    for part in clause.requires:
        own |= _free(part, clauses, (*seen, code), name)
    return frozenset(own)


def _free_of_domain(clause: Clause) -> set[str]:
    wanted = [one for values in clause.where.values() for one in values]
    return {found for one in wanted for found in PLACEHOLDER.findall(one)}


def read_criteria(text: str, *, name: str) -> Criteria:
    """Read a criteria set from its TOML text.

    Parameters
    ----------
    name : str
        What to call it in an error.

    Raises
    ------
    InputError
        If a key, fact, clause or source is not known, or a clause says nothing; the sentence names the place.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name} is no TOML", got=str(error), expected="the criteria format") from error
    _known_keys(document, {"criteria", "clause", "outcome"}, name)
    head = document.get("criteria", {})
    _known_keys(head, CRITERIA_KEYS, name)
    if head.get("scope") not in {"side", "person"}:
        _fail(name, "its scope cannot be used", got=repr(head.get("scope")), expected="side or person")
    cited = _cited(head, None, name)
    clauses = {code: _clause(code, table, cited, name) for code, table in document.get("clause", {}).items()}
    bound = {code: tuple(sorted(_free(code, clauses, (), name))) for code in clauses}
    clauses = {code: Clause(**{**vars(clause), "free": bound[code]}) for code, clause in clauses.items()}
    outcomes = tuple(_outcome(table, clauses, head["scope"], name) for table in document.get("outcome", []))
    if not outcomes:
        _fail(name, "it has no outcome", expected="at least one [[outcome]]")
    skin = (
        Cited(key=head["skin_source"], locus="skin temperature", mark=Mark(head["skin_mark"]))
        if "skin_source" in head
        else None
    )
    if head.get("skin_min_degc") and skin is None:
        _fail(name, "its skin temperature has no source", expected="skin_source and skin_mark")
    for code in head.get("requires", []):
        _free(code, clauses, (), name)
    return Criteria(
        code=head["code"], title=head["title"], scope=head["scope"], cited=cited, clauses=clauses, outcomes=outcomes,
        group=head.get("group", ""), notes=_tuple(head.get("notes")), skin_min_degc=head.get("skin_min_degc", {}),
        skin_cited=skin, requires=_tuple(head.get("requires")), one_site=head.get("one_site", ""),
    )  # fmt: skip


def _outcome(table: Mapping[str, Any], clauses: Mapping[str, Clause], scope: str, name: str) -> tuple[Outcome, str]:
    _known_keys(table, {"code", "words", "when", "is_abnormal"}, f"{name}, outcome")
    when = table["when"]
    _free(when, clauses, (), name)
    unbound = set(clauses[when].free) - ({"side"} if scope == "side" else set())
    if unbound:
        _fail(f"{name}, outcome {table['code']}", "its clause is not filled in", got=f"{{{min(unbound)}}}", expected="a clause that counts over members")  # fmt: skip
    return Outcome(code=table["code"], words=table["words"], is_abnormal=table.get("is_abnormal", True)), when


@cache
def criteria_codes() -> tuple[str, ...]:
    """Codes of every criteria set that ships, in alphabetical order."""
    folder = resources.files("emgwidgets.interpretation.criteria").joinpath("sets")
    return tuple(sorted(one.name[:-5] for one in folder.iterdir() if one.name.endswith(".toml")))


@cache
def criteria() -> tuple[Criteria, ...]:
    """Return every criteria set that ships, in alphabetical order of their codes."""
    return tuple(criteria_set(code) for code in criteria_codes())


@cache
def criteria_set(code: str) -> Criteria:
    """Return one criteria set.

    Raises
    ------
    InputError
        If there is no such set; the sentence offers the nearest.
    """
    if code not in criteria_codes():
        near = nearest(code, {plain(one): one for one in criteria_codes()}) or criteria_codes()[:3]
        raise InputError("no such criteria set", got=repr(code), expected=f"one such as {', '.join(near)}")
    folder = resources.files("emgwidgets.interpretation.criteria").joinpath("sets")
    return read_criteria(folder.joinpath(f"{code}.toml").read_text(encoding="utf-8"), name=f"{code}.toml")
