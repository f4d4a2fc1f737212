"""The table of contents: which page stands below which, in the order of the course."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable

from crmlib.course.book import gallery, glossary

_INDEX = "genindex"  # which Sphinx makes, of terms and functions
_REFERENCE = (
    glossary.PAGE,
    gallery.PAGE,
    "docs/crm_in_four_layers.md",
    "docs/scale.md",
    "datasets/README.md",
    "api/index.md",
    _INDEX,
)
_TAKING_PART = ("CONTRIBUTING.md", "docs/notebook_guide.md", "docs/design.md")


def toctrees(files: Collection[str]) -> dict[str, str]:
    """Give what a page adds at its end, its parts in the sidebar, for the pages that have any."""
    pages = sorted(name for name in files if name.endswith((".md", ".ipynb")))
    reports = [page for page in pages if "/report_" in page]
    examples = [p for p in pages if p.startswith("notebooks/") and p not in reports]
    chapters = [page for page in examples if page.endswith("README.md")]
    below = {chapter: _beside(chapter, examples) for chapter in chapters}
    below["exercises/README.md"] = _beside("exercises/README.md", pages)
    below["datasets/README.md"] = _beside("datasets/README.md", pages)
    for chapter in (page for page in pages if re.search(r"docs/zh/chapter_\d", page)):
        below[chapter] = [page for page in pages if f"zh/digests/{chapter[-4]}_" in page]
    inner = {page for names in below.values() for page in names}
    parts = {
        "Worked examples": [page for page in examples if page not in inner],
        "Exercises": ["exercises/README.md"],
        "Reference": _REFERENCE,
        "Reports": reports,
        "Taking part": _TAKING_PART,
        "中文": [page for page in _chinese(pages) if page not in inner],
    }
    trees = {page: _toctree(page, names) for page, names in below.items()}
    trees["index.md"] = "".join(
        _toctree("index.md", [page for page in names if page in files or page == _INDEX], caption)
        for caption, names in parts.items()
    )
    return {page: tree for page, tree in trees.items() if tree and page in files}


def _beside(readme: str, pages: Iterable[str]) -> list[str]:
    """List the pages of the folder that a README opens, by the names of their files."""
    folder = readme.removesuffix("README.md")
    found = [page for page in pages if page.startswith(folder) and page != readme]
    return sorted(found, key=lambda page: (page.count("README"), posixpath.basename(page)))


def _chinese(pages: Iterable[str]) -> list[str]:
    """List the Chinese pages: the first one, the course's pages, then a digest of each notebook."""
    names = [page for page in pages if page.startswith("docs/zh/")]
    order = {"README.md": 0, "start.md": 1}
    return sorted(names, key=lambda n: ("digests/" in n, order.get(posixpath.basename(n), 2), n))


def _toctree(page: str, names: Iterable[str], caption: str = "") -> str:
    entries = [posixpath.relpath(name, posixpath.dirname(page) or ".") for name in names]
    if not entries:
        return ""
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "", "```{toctree}", *options, "", *entries, "```", ""])
