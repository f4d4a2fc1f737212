"""Numbers outside worked examples stand in what computed them: on pages, and in rubrics."""

import json
import re

import pytest

from crmlib.paths import COURSE

PAGES = sorted((COURSE / "notebooks").glob("*/README.md"))
NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w])")
NO_NUMBERS = re.compile(r"`[^`]*`|\b[A-Z]\d+\b|\((?:19|20)\d\d\)|\b[Ii]n \d\.\d\b")


RUBRIC = "**Rubric**"
POINTS = re.compile(r"\*?\d points?\b")


def cells(notebook) -> list[dict]:
    return json.loads(notebook.read_text(encoding="utf-8"))["cells"]


def said(notebook) -> set[str]:
    """Every number in the text and the outputs of a stored notebook, rubrics left out."""
    return set(NUMBER.findall(" ".join(pieces(notebook))))


def pieces(notebook) -> list[str]:
    """Give what a stored notebook says, in text and outputs, rubrics left out."""
    words = []
    for cell in cells(notebook):
        if RUBRIC in "".join(cell["source"]):
            continue
        words += cell["source"] if cell["cell_type"] == "markdown" else []
        for output in cell.get("outputs", []):
            words += output.get("text", [])
            for kind, text in output.get("data", {}).items():
                if kind == "text/html":
                    words.append(re.sub(r"<[^>]*>", " ", "".join(text)))
                elif kind.startswith("text/"):
                    words += text
    return words


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
    texts = ["".join(cell["source"]) for cell in cells(notebook)]
    rubrics = " ".join(NO_NUMBERS.sub("", POINTS.sub("", t)) for t in texts if RUBRIC in t)
    known = said(notebook)
    return [number for number in NUMBER.findall(rubrics) if number not in known]


SETS = sorted((COURSE / "exercises/instructor").glob("*/*.ipynb"))


@pytest.mark.parametrize("notebook", SETS, ids=lambda path: path.stem)
def test_every_number_of_a_rubric_stands_in_its_set(notebook):
    assert not loose(notebook)
