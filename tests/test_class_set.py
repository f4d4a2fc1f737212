"""A class set: the running case from another seed, on which everything must work, with other answers."""

import re

import pytest
from nbclient import NotebookClient
from nbformat import read

import crmlib as crm
from crmlib import paths
from crmlib.course import doctor
from crmlib.course.checks import tasks
from crmlib.paths import COURSE

pytestmark = pytest.mark.slow

PAPERS = [
    path
    for path in paths.notebooks(COURSE / "notebooks")
    if re.search(r'load\(f?\\"shihu/', path.read_text(encoding="utf-8"))
]


def test_a_class_set_has_the_same_tables_and_other_numbers(seed_7, monkeypatch):
    shipped = crm.describe().set_index("name")
    monkeypatch.setenv("CRMLIB_DATA", str(seed_7))
    own = crm.describe().set_index("name")
    assert own.index.tolist() == shipped.index.tolist()
    assert own["columns"].equals(shipped["columns"])
    assert own.loc["shihu/orders", "rows"] != shipped.loc["shihu/orders", "rows"]
    assert len(crm.load("shihu/orders")) == own.loc["shihu/orders", "rows"]
    assert [finding.level for finding in doctor.data(COURSE)] == ["ok"]


def test_the_truth_is_that_of_the_class_set(seed_7, monkeypatch):
    shipped = crm.truth()
    monkeypatch.setenv("CRMLIB_DATA", str(seed_7))
    own = crm.truth()
    assert (shipped["parameters"]["seed"], own["parameters"]["seed"]) == (2026, 7)
    assert own["settings"] == shipped["settings"] and own["facts"] != shipped["facts"]


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_what_uses_the_running_case_works_on_a_class_set(path, seed_7, monkeypatch):
    monkeypatch.setenv("CRMLIB_DATA", str(seed_7))
    stored, notebook = read(path, as_version=4), read(path, as_version=4)
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    assert outputs(notebook) != outputs(stored)  # the numbers are those of the class


def test_the_answers_of_one_set_are_wrong_in_another(seed_7, monkeypatch):
    shipped = tasks.load("2_4_buy_till_you_die")["patience"].right
    monkeypatch.setenv("CRMLIB_DATA", str(seed_7))
    patience = tasks.load("2_4_buy_till_you_die")["patience"]
    assert patience.judge(shipped)[0] == "not yet"
    assert patience.judge(patience.right)[0] == "right"
