"""Numbers outside worked examples stand in what computed them: on pages, and in rubrics."""

import re

import pytest

from crmlib.course.digests import NUMBER
from crmlib.course.examples import cells, words
from crmlib.paths import COURSE

PAGES = sorted((COURSE / "notebooks").glob("*/README.md"))
NO_NUMBERS = re.compile(r"`[^`]*`|\b[A-Z]\d+\b|\((?:19|20)\d\d\)|\b[Ii]n \d\.\d\b")


RUBRIC = "**Rubric**"
POINTS = re.compile(r"\*?\d points?\b")


def said(notebook) -> set[str]:
    """Every number in the text and the outputs of a stored notebook, rubrics left out."""
    return set(NUMBER.findall(" ".join(pieces(notebook))))


def pieces(notebook) -> list[str]:
    """Give what a stored notebook says, in text and outputs, rubrics left out."""
    return [words(cell) for cell in cells(notebook) if RUBRIC not in cell["source"]]


def rows(page):
    """Give the rows of a page's tables that name a notebook in their last cell."""
    for line in page.read_text(encoding="utf-8").splitlines():
        *told, where = line.strip().strip("|").split("|")
        notebooks = re.findall(r"\b\d\.\d\b", where)
        if told and notebooks and ".ipynb" not in line:
            yield NO_NUMBERS.sub("", " ".join(told)), notebooks


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_every_number_of_a_page_stands_in_the_notebook_it_names(page):
    books = {
        ".".join(path.name.split("_")[:2]): said(path)
        for path in (COURSE / "notebooks").glob("*/*.ipynb")
    }
    strange = [
        f"{number}: not in {', '.join(notebooks)}: {text.strip()[:90]}"
        for text, notebooks in rows(page)
        for number in NUMBER.findall(text)
        if not any(number in books.get(name, ()) for name in notebooks)
    ]
    assert not strange, "\n".join(strange)


def loose(notebook) -> list[str]:
    """List the numbers of a set's rubrics that neither its tasks nor its outputs hold."""
    texts = [cell["source"] for cell in cells(notebook)]
    rubrics = " ".join(NO_NUMBERS.sub("", POINTS.sub("", t)) for t in texts if RUBRIC in t)
    known = said(notebook)
    return [number for number in NUMBER.findall(rubrics) if number not in known]


SETS = sorted((COURSE / "exercises/instructor").glob("*/*.ipynb"))


@pytest.mark.parametrize("notebook", SETS, ids=lambda path: path.stem)
def test_every_number_of_a_rubric_stands_in_its_set(notebook):
    assert not loose(notebook)
