"""Rules of the house: units in names, sizes of modules, functions and classes, light import, no address of a machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from emgwidgets.units import SUFFIXES

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "emgwidgets"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)
IDS = [str(path.relative_to(PACKAGE)) for path in MODULES]

MAX_MODULE_LINES, MAX_BODY_LINES, MAX_METHODS = 500, 60, 25

#: Floats that carry no unit: ratios, counts, factors and values whose unit stands in a field beside them.
UNITLESS = {
    "gain", "offset", "value", "low", "high", "size", "fiber_density", "size_index", "recruitment_ratio",
    "h_m_ratio", "f_persistence",
}  # fmt: skip
#: Floats in the unit of their channel or file (named beside them), or shares of one, by folder of the package.
UNITLESS_IN = {
    "analysis": {"amplitude", "n", "noise", "sign", "half", "high_full", "high_zero", "low_full", "low_zero", "min_score", "n_together", "score", "sure_score", "uv_per_unit", "threshold", "negative_peak", "positive_peak", "peak_to_peak", "range_", "middle"},
    "figures": {"per_division", "centre"},
    "interpretation": {
        "block", "discomfort", "loss", "mean", "minutes", "reserve", "risk", "risk_anticoagulated", "slow", "tempering",
        "threshold", "weight",
    },
    "lessons": {"agreement", "cost", "points", "size_to_rms"},
    "io": {"fill_missing", "physical_min", "physical_max", "digital_min", "digital_max", "adu_per_unit"},
    "model": {
        "confidence", "cost", "discomfort", "distinctness", "expected", "gain_bits", "largest_move", "margin", "mean", "minutes", "prior", "probability", "remainder",
        "risk", "score", "share_lost", "size_to_rms", "threshold", "weight",
    },
    "simulation": {
        "atrophy", "artefact", "closeness", "excitation", "fibre_atrophy", "fibre_density", "fibres_per_unit",
        "healthy_force", "junction_safety_median", "leading_positivity", "loss", "median", "necrosis", "patchiness",
        "place", "excitability", "facilitation", "ended_s_ago", "proximal_share_lost", "distal_share_lost", "regrows", "split_hand", "splitting", "spread",
        "drive", "effort", "release", "spike_stretch", "stretch", "within",
    },
    "widgets": {"amplitude", "per_division", "centre"},
}  # fmt: skip
UNITLESS_ENDINGS = (
    "_ratio", "_fraction", "_factor", "_exponent", "_scale", "_share", "_probability", "_weight", "_z", "_quantile",
    "_per_decade", "_sd", "_cv", "_gain", "_count", "_index", "_kappa", "_correlation", "_to_median",
)  # fmt: skip
#: Further units of the simulator's physics, which no clinical value carries.
PHYSICAL = (
    "_v", "_mm2", "_mm3", "_per_mm", "_per_mm2", "_s_per_m", "_per_s", "_per_ms", "_mv_per_s", "_uv_per_ms", "_per_degc",
    "_uv_per_s", "_s_per_mm", "_percent_per_degc", "_db_per_octave", "_bytes", "_px", "_hz_per_percent",
)  # fmt: skip
ENDINGS = (*SUFFIXES, *UNITLESS_ENDINGS, *PHYSICAL)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_float(annotation: ast.expr | None) -> bool:
    """Whether an annotation is float or float | None; containers and unions with text are not looked at."""
    if annotation is None:
        return False
    return {part.strip() for part in ast.unparse(annotation).split("|")} in ({"float"}, {"float", "None"})


def is_dataclass(node: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)


def carries_unit(name: str, folder: str = "") -> bool:
    """Whether the last part of a name has a unit or is on a list; ``days_since_`` and ``day`` count days."""
    name = name.rpartition(".")[2].removeprefix("_")
    is_day = name.startswith("days_since_") or f"_{name}".endswith("_day")
    is_listed = name in UNITLESS or name in UNITLESS_IN.get(folder, ())
    return is_day or is_listed or any(f"_{name}".endswith(ending) for ending in ENDINGS)


def float_names(path: Path) -> list[str]:
    """Names of float dataclass fields and of float parameters of public functions and methods."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef) and is_dataclass(node):
            fields = [item for item in node.body if isinstance(item, ast.AnnAssign) and is_float(item.annotation)]
            found += [f"{node.name}.{ast.unparse(item.target)}" for item in fields]
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            found += [f"{node.name}.{item.arg}" for item in parameters if is_float(item.annotation)]
    return found


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_every_public_float_carries_its_unit(path):
    folder = path.relative_to(PACKAGE).parts[0]
    assert [name for name in float_names(path) if not carries_unit(name, folder)] == []


def test_the_unit_rule_can_fail(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        "@dataclass\nclass A:\n    latency: float\n    onset_ms: float | None = None\n\n"
        "def f(amplitude: float, *, start_s: float, name: str) -> None: ...\n"
    )
    assert [name for name in float_names(module) if not carries_unit(name)] == [
        "A.latency",
        "f.amplitude",
    ]


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_no_module_is_too_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its signature and docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_no_function_or_class_is_too_large(path):
    large = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and body_lines(node) > MAX_BODY_LINES:
            large.append(f"{node.name}: {body_lines(node)} lines")
        if isinstance(node, ast.ClassDef):
            n_methods = sum(isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) for item in node.body)
            if n_methods > MAX_METHODS:
                large.append(f"{node.name}: {n_methods} methods")
    assert large == []


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(tree_of(path))


def test_importing_the_package_loads_no_heavy_library():
    heavy = ["scipy", "pandas", "matplotlib", "plotly", "ipywidgets", "anywidget", "pydantic", "wfdb", "neo", "h5py"]
    code = f"import emgwidgets, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_vocabulary_and_model_load_no_heavy_library():
    heavy = ["scipy", "pandas", "matplotlib", "plotly", "ipywidgets", "pydantic"]
    code = (
        "import emgwidgets.vocabulary, emgwidgets.model.case, emgwidgets.cases.document, sys; "
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


#: Folders of one machine and addresses inside one network; examples under /home/you and /path/to are allowed.
MACHINE = re.compile(
    r"(?<![\w.])/(?:work/|root/|mnt/|home/(?!you\b|jovyan\b|user\b))"
    r"|[A-Z]:\\\\Users\\\\"
    r"|\b(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}:\d+"
    r"|https?://[\w.-]*(?:\.internal|\.local|\.corp|artifactory|nexus|mirror)[\w.-]*"
)
SUFFIXES_OF_TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".csv",
    ".json",
    ".yml",
    ".yaml",
    ".cff",
    ".js",
    ".css",
    ".ipynb",
    ".sh",
    "",
}


def tracked_text_files() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        return []
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.suffix in SUFFIXES_OF_TEXT and path.is_file() and path != Path(__file__)]


def test_no_tracked_file_names_a_path_or_host_of_one_machine():
    files = tracked_text_files()
    if not files:
        pytest.skip("not a git working tree")
    found = []
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        hits = sorted({hit.group() for hit in MACHINE.finditer(text)})
        if hits:
            found.append(f"{path.relative_to(ROOT)}: {hits[:3]}")
    assert found == []


@pytest.mark.parametrize(
    "text", ["see /" + "work/x", "cd /" + "root/x/venv", "http://pypi.mirror.example/simple", "10.1.2.3:8080"]
)
def test_the_machine_rule_can_fail(text):
    assert MACHINE.search(text)


@pytest.mark.parametrize("text", ["doi 10.1002/mus.25203", "network/work/", "https://doi.org/10.1/x", "/home/you/data"])
def test_the_machine_rule_lets_ordinary_text_pass(text):
    assert not MACHINE.search(text)


def test_the_lists_of_unitless_names_hold_nothing_unused():
    used: dict[str, set[str]] = {}
    for path in MODULES:
        folder = path.relative_to(PACKAGE).parts[0]
        used.setdefault(folder, set()).update(name.rpartition(".")[2] for name in float_names(path))
    unused = {folder: names - used.get(folder, set()) for folder, names in UNITLESS_IN.items()}
    assert {folder: names for folder, names in unused.items() if names and folder in used} == {}
