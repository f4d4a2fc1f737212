"""The lines of links: fresh, in the order of the files, and leading somewhere."""

import json
import re

import nbformat
import pytest
from notebook_policy import ROOT
from sample_notebook import sample

from crmlib.course import navigation, places


def test_the_lines_are_fresh(capsys):
    stale = navigation.main(["--check"])
    assert stale == 0, f"run python -m crmlib.course.navigation\n{capsys.readouterr().out}"


WANTED = navigation.wanted(ROOT)


@pytest.mark.parametrize("path", WANTED, ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)]+)\)", WANTED[path]):
        assert (path.parent / target).exists()


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "course", lambda: tmp_path)
    for name in ("notebooks/00_start_here", "notebooks/1_a/1_1_x", "notebooks/1_a/1_2_y"):
        write(tmp_path / f"{name}.ipynb", f"# Is this {name[-1]}?")
    for kind in ("instructor", "student"):
        write(tmp_path / f"exercises/{kind}/ex_1_1_x/ex_1_1_x.ipynb", "# Exercises 1.1")
    (tmp_path / "notebooks/1_a/README.md").write_text("# 1")
    return tmp_path


def write(path, title):
    nb = sample()
    nb.cells[0].source = title
    nb.cells[8].source = nb.cells[8].source.rpartition("\n\n")[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(nb), encoding="utf-8")


def test_the_map_lists_every_notebook_by_its_question(course):
    start = course / "notebooks/00_start_here.ipynb"
    nb = json.loads(start.read_text(encoding="utf-8"))
    nb["cells"].append({**nb["cells"][0], "id": "map", "source": "## The map\n\nTo be written."})
    start.write_text(json.dumps(nb), encoding="utf-8")
    for _ in range(2):
        navigation.main([])
        written = nbformat.read(str(start), as_version=4).cells[-1].source
        assert "**[1](1_a/README.md)**: [1.1 Is this x?](1_a/1_1_x.ipynb) · [1.2 Is" in written


def test_lines_are_written_once_and_again_when_a_notebook_comes_between(course):
    assert navigation.main([]) == 0
    path = course / "notebooks/1_a/1_1_x.ipynb"
    nb = nbformat.read(str(path), as_version=4)
    line, _, title = nb.cells[0].source.partition("\n\n")
    assert line == (
        "[← Is this e?](../00_start_here.ipynb) · [Chapter 1](README.md) · "
        "[1.2 Is this y? →](1_2_y.ipynb) · [Exercises](../../exercises/student/ex_1_1_x/ex_1_1_x.ipynb)"
    )
    assert title == "# Is this x?"
    assert nb.cells[8].source.endswith(f"\n\n{line}") and nb.cells[9].source == "## Going further"
    exercise = course / "exercises/instructor/ex_1_1_x/ex_1_1_x.ipynb"
    back = nbformat.read(str(exercise), as_version=4).cells[0].source
    assert back.startswith("[← 1.1 Is this x?](../../../notebooks/1_a/1_1_x.ipynb)\n\n# Ex")
    before = path.read_bytes()
    assert navigation.main([]) == navigation.main(["--check"]) == 0 and path.read_bytes() == before
    write(course / "notebooks/1_a/1_1_xx.ipynb", "# And this?")
    assert navigation.main(["--check"]) == 1
    navigation.main([])
    text = path.read_text(encoding="utf-8")
    assert text.count("And this? →") == 2 and "Is this y?" not in text
