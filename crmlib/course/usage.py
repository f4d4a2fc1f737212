"""Which notebooks and exercises load which table, read from their code.

``python datasets/make_readme.py`` writes it to ``datasets/used_in.json``, for ``crm.describe()``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from crmlib import paths
from crmlib.course import examples
from crmlib.data import describe


def usage() -> dict[str, list[str]]:
    """Find out which notebooks and exercises load each table, by reading their code.

    Returns
    -------
    dict
        The notebooks' numbers by table: ``{"cdnow": ["2.1", "exercises 2.4"], ...}``.

    Examples
    --------
    >>> "2.4" in usage()["cdnow_sample"]
    True
    """
    found, known = {}, set(describe()["name"])
    for label, code in _course_code():
        for name in _loaded(code, known):
            found.setdefault(name, set()).add(label)
    return {name: sorted(labels, key=_reading_order) for name, labels in sorted(found.items())}


def _loaded(code: str, known: Collection[str]) -> set[str]:
    """Name the tables that a piece of code loads.

    >>> code = 'a = load("tuna"); b = [load(f"shihu/{x}") for x in ("orders", "amount")]'
    >>> sorted(_loaded(code, ["tuna", "shihu/orders"]))
    ['shihu/orders', 'tuna']
    """
    names = set(re.findall(r"""\bload\(\s*["']([\w/]+)["']""", code))
    words = re.findall(r"""["'](\w+)["']""", code)
    prefixes = re.findall(r"""\bload\(\s*f["']([\w/]*)\{""", code)
    return names | {prefix + word for prefix in prefixes for word in words} & set(known)


def _course_code() -> Iterator[tuple[str, str]]:
    course = paths.COURSE
    where = {"notebooks/**/[0-9]*": "", "exercises/instructor/*/ex_*": "exercises "}
    for files, prefix in where.items():
        for path in course.glob(f"{files}.ipynb"):  # not a reader's Untitled.ipynb
            if ".ipynb_checkpoints" not in path.parts:
                for cell in _code_cells(path):
                    yield prefix + _number(path), cell
    for path in (course / "exercises/checks").glob("*.py"):
        yield f"exercises {_number(path)}", path.read_text(encoding="utf-8")


def _code_cells(path: Path) -> list[str]:
    try:
        found = examples.cells(path)
    except ValueError:  # torn, as after a merge: no reason to keep the catalogue from the reader
        return []
    return [cell["source"] for cell in found if cell["cell_type"] == "code"]


def _number(path: Path) -> str:
    """Shorten ``ex_2_4_buy_till_you_die`` to ``2.4``; what has no such number keeps its name."""
    return examples.number(path.stem) or path.stem


def _reading_order(label: str) -> tuple:
    return label.startswith("exercises"), [int(n) for n in re.findall(r"\d+", label)], label
