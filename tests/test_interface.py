"""What editors, type checkers and readers are told of the library is what it offers."""

import ast

import pytest

import crmlib
from crmlib import paths
from crmlib.course import interface


@pytest.mark.parametrize("path", interface.files(), ids=lambda path: path.name)
def test_is_fresh(path):
    assert path.read_text(encoding="utf-8") == interface.files()[path], (
        "run: uv run python -m crmlib.course.interface"
    )


def test_every_name_that_loads_on_first_use_is_in_the_stub():
    tree = ast.parse((paths.COURSE / "crmlib/__init__.pyi").read_text(encoding="utf-8"))
    named = [a.asname for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names]
    assert sorted(named) == sorted(crmlib.__all__)


def test_every_public_function_is_on_the_page():
    page = interface.page()
    assert not [name for name in crmlib._HOME if f"`crm.{name}" not in page]
