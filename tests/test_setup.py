"""The house: what is installed, what stands where, and who may import whom."""

import ast
import base64
import os
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from crmlib import paths

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
FLOORS = {
    **dict.fromkeys(["errors", "estimate", "fitted", "paths", "units", "validate"], 0),
    **dict.fromkeys(["logs", "data"], 1),
    **dict.fromkeys(
        ["satisfaction", "queues", "lifetime", "loyalty", "segmentation", "identity"], 2
    ),
    **dict.fromkeys(["plots", "page"], 3),
    "course": 4,
}
INIT = ROOT / "crmlib/__init__.py"  # its names load on first use, from every floor
MODULES = sorted(path for path in (ROOT / "crmlib").rglob("*.py") if path != INIT)
LINKS = re.findall(r"\]\(([^)#\s]+)[^)]*\)", README)


def bounds(lines):
    return {(r := Requirement(line)).name: r.specifier for line in lines}


# packages


def test_environment_yml_has_the_bounds_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    lines = [line for line in environment["dependencies"] if isinstance(line, str)]
    conda = bounds(line for line in lines if line != "pip")
    assert conda.pop("python") == SpecifierSet(PROJECT["project"]["requires-python"])
    assert conda == bounds(PROJECT["project"]["dependencies"])
    assert {"pip": ["-e ."]} in environment["dependencies"]


def test_lock_is_of_this_pyproject():
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    assert SpecifierSet(lock["requires-python"]) == SpecifierSet(
        PROJECT["project"]["requires-python"]
    )
    [own] = [package for package in lock["package"] if package["name"] == "crmlib"]
    locked = own["metadata"]

    def of(entries):
        return bounds(entry["name"] + entry.get("specifier", "") for entry in entries)

    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *(line for e in extras.values() for line in e)]
    assert of(locked["requires-dist"]) == bounds(wanted)
    assert locked["provides-extras"] == sorted(extras)
    groups = {name: of(entries) for name, entries in locked["requires-dev"].items()}
    assert groups == {name: bounds(g) for name, g in PROJECT["dependency-groups"].items()}


@pytest.mark.parametrize("lock", [ROOT / "uv.lock", *(ROOT / "benchmarks").glob("*.lock")])
def test_locks_are_made_by_the_rule_of_the_project_one_version_on_every_python(lock):
    """Else the peers' environments, which are locked by themselves, cannot be made."""
    made = tomllib.loads(lock.read_text(encoding="utf-8"))
    assert made["options"]["fork-strategy"] == PROJECT["tool"]["uv"]["fork-strategy"] == "fewest"
    if lock.name == "uv.lock":
        names = [package["name"] for package in made["package"]]
        assert len(names) == len(set(names)) > 100


def test_what_uv_run_installs_has_the_extras():
    """In the same bounds: the tests run all of the course, and so can who starts it by `uv run`.

    But for the book's builder, which no notebook needs, and Spark, which is for clusters: .ci/run tests
    it in an environment of its own.
    """
    dev = bounds(PROJECT["dependency-groups"]["dev"])
    for name, lines in PROJECT["project"]["optional-dependencies"].items():
        own = {package: limits for package, limits in bounds(lines).items() if package != "pyspark"}
        assert name == "book" or own.items() <= dev.items()


def test_python_floor_is_3_11():
    wanted = SpecifierSet(PROJECT["project"]["requires-python"])
    assert wanted.contains("3.11.0") and not wanted.contains("3.10.99")


def test_binder_installs_the_locked_versions_in_an_allowed_python():
    runtime = (ROOT / "binder/runtime.txt").read_text(encoding="utf-8").strip()
    version = re.fullmatch(r"python-(\d+\.\d+)", runtime)[1]
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(version + ".0")
    script = (ROOT / "binder/postBuild").read_text(encoding="utf-8")
    assert "uv export --frozen" in script
    assert "uv" in (ROOT / "binder/requirements.txt").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("path", ["binder/postBuild", ".ci/run"])
def test_scripts_can_be_executed(path):
    listing = subprocess.run(
        ["git", "ls-files", "--stage", path], cwd=ROOT, capture_output=True, text=True
    ).stdout
    # What git records counts on Windows, the file's own bit where git has not seen it yet.
    assert listing.startswith("100755") if listing else os.access(ROOT / path, os.X_OK)
    assert (ROOT / path).read_bytes().startswith(b"#!/usr/bin/env bash\n")


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE-TEXT", "uv.lock", ".gitattributes"])
def test_file_is_there(name):
    assert (ROOT / name).stat().st_size > 0


# README


def test_first_screen_tells_how_to_start_and_to_test():
    first = "\n".join(README.splitlines()[:40])
    assert "pip install uv && uv run crmlib lab\n" in first
    assert "uv run pytest\n" in first
    assert re.search(r"!\[[^\]]{10,}\]\(", first)  # a picture, with words for who cannot see it


def test_map_holds_every_notebook_and_every_exercise():
    found = paths.notebooks(ROOT / "notebooks", ROOT / "exercises/student")
    notebooks = [path.relative_to(ROOT).as_posix() for path in found]
    assert notebooks
    assert not [path for path in notebooks if path not in LINKS]


@pytest.mark.parametrize("link", sorted({link for link in LINKS if "://" not in link}))
def test_link_in_readme_resolves(link):
    assert (ROOT / link).exists()


# crmlib


def test_import_is_light():
    code = "import crmlib, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "crmlib" in loaded.split()
    assert not {"numpy", "pandas", "scipy", "sklearn", "matplotlib"} & set(loaded.split())


def imported(tree):
    """Name the modules of crmlib that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("crmlib."))


@pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: path.relative_to(ROOT / "crmlib").as_posix()
)
def test_module_imports_from_no_floor_above(path):
    own = path.relative_to(ROOT / "crmlib").parts[0].removesuffix(".py")
    assert own in FLOORS, f"{own} has no floor: add it to FLOORS and to the design"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    relative = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]
    assert not relative, "write imports from crmlib in full"
    above = [m for m in imported(tree) if FLOORS[m] > FLOORS[own]]
    assert not above


def test_modules_do_not_import_one_another_in_a_circle():
    needs = {own: set() for own in FLOORS}
    for path in MODULES:
        own = path.relative_to(ROOT / "crmlib").parts[0].removesuffix(".py")
        needs[own] |= {*imported(ast.parse(path.read_text(encoding="utf-8")))} - {own}
    TopologicalSorter(needs).prepare()  # raises CycleError


OUTSIDE = sorted(
    path
    for folder in ("datasets", "exercises/checks", "crmlib/course")
    for path in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_serves_the_course_uses_no_private_name_of_the_library(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    froms = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module]
    froms = [n for n in froms if n.module.split(".")[0] == "crmlib"]
    ours = {alias.asname or alias.name for n in froms for alias in n.names} | {"crm", "crmlib"}
    if "course" not in path.parts:  # within the package of the course one file may help another
        taken = [a.name for n in froms for a in n.names if a.name.startswith("_")]
        assert not taken
    used = [
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id in ours and node.attr.startswith("_") and not node.attr.endswith("__")
    ]
    assert not [name for name in used if name not in LAZY]


LAZY = ("crmlib._HOME", "crmlib._MODULES")  # what loads on first use, read by course/interface


def lines_of_code(path):
    """Count the lines that hold code: no docstrings, comments or blank lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [n.body for n in ast.walk(tree) if hasattr(n, "body") and isinstance(n.body, list)]
    docs = {
        line
        for body in bodies
        if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        for line in range(body[0].lineno, body[0].end_lineno + 1)
    }
    text = path.read_text(encoding="utf-8").splitlines()
    numbered = [(i, line.strip()) for i, line in enumerate(text, start=1)]
    return sum(i not in docs and bool(line) and line[0] != "#" for i, line in numbered)


def test_the_library_stays_small():
    methods = [path for path in MODULES if "course" not in path.relative_to(ROOT).parts]
    assert sum(map(lines_of_code, methods)) < 4_500


def test_picture_of_the_readme_is_one_that_a_notebook_drew():
    picture = base64.b64encode((ROOT / "docs/first_picture.png").read_bytes()).decode()
    text = (ROOT / "notebooks/2_lifetime_value/2_4_buy_till_you_die.ipynb").read_text("utf-8")
    assert picture in text.replace("\\n", "")
