"""The book's sources, made from what the course holds: pages, notebooks, and lists written anew.

Every page keeps its place in the course, so that its links stay as they are. A link to a file that is
no page of the book leads to the repository, where its address is known, and is plain text elsewhere.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from crmlib import paths
from crmlib.course import glossary as terms
from crmlib.course.book import Addresses, contents, gallery, glossary, lists, prose

MOVED = {
    "README.md": "index.md",
    "docs/api.md": "api/index.md",
    "docs/glossary.csv": glossary.PAGE,
    "datasets/datapackage.json": "datasets/dictionary.md",
    "datasets/shihu/datapackage.json": "datasets/shihu/dictionary.md",
}
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "notebooks/*/README.md",
    "exercises/README.md",
    "datasets/README.md",
    "datasets/*/README.md",
    "docs/*.md",
    "docs/zh/**/*.md",
)
NOTEBOOKS = ("notebooks", "exercises/student")


class Stage:
    """The sources of one book: `files` holds them by their places."""

    def __init__(self, course: Path, addresses: Addresses):
        self.course, self.addresses = course, addresses
        self.notebooks = [
            path.relative_to(course).as_posix()
            for path in paths.notebooks(*(course / folder for folder in NOTEBOOKS))
        ]
        found = {path for pattern in PAGES for path in course.glob(pattern)}
        self.texts = sorted(path.relative_to(course).as_posix() for path in found)
        lists_made = [name for name in MOVED if (course / name).exists()]
        known = {*self.notebooks, *self.texts, *lists_made}
        self.pages = {name: MOVED.get(name, name) for name in known}
        self.rows = terms.read() if "docs/glossary.csv" in known else []
        self.terms = {True: glossary.chinese(self.rows), False: glossary.english(self.rows)}
        self.files: dict[str, bytes] = {}

    def make(self) -> dict[str, bytes]:
        """Make every source, by its place in the book."""
        books = {name: self._notebook(name) for name in self.notebooks}
        for name in self.texts:
            if name != "docs/api.md":
                self._put(self.pages[name], self._page(name))
        for name, nb in books.items():
            self._put(name, json.dumps(nb, ensure_ascii=False, indent=1, sort_keys=True))
        self.files |= gallery.files(books)
        for place, text in self._lists():
            self._put(place, text)
        for place, toctrees in contents.toctrees(self.files).items():
            self.files[place] += toctrees.encode("utf-8")
        return self.files

    def _put(self, place: str, text: str) -> None:
        self.files[place] = text.encode("utf-8")

    def _lists(self) -> Iterator[tuple[str, str]]:
        for name in MOVED:
            if name.endswith("datapackage.json") and name in self.pages:
                yield self.pages[name], lists.dictionary(self.course / name)
        yield from lists.api()
        if self.rows:
            yield glossary.PAGE, glossary.page(self.rows, self.pages)
        yield "words.txt", glossary.words(self.rows)

    def _page(self, name: str) -> str:
        text = prose.drawn_in_words((self.course / name).read_text(encoding="utf-8"))
        if name.startswith("docs/zh/"):
            text = prose.joined(text)
        for example in self.notebooks:  # a digest leads to what it is of
            if name == f"docs/zh/digests/{PurePosixPath(example).stem}.md":
                text += f"\n\n[英文笔记本]({posixpath.relpath(example, posixpath.dirname(name))})\n"
        return self._linked(text, name, set())

    def _linked(self, text: str, name: str, seen: set[str]) -> str:
        text = prose.relink(text, lambda target: self._lead(name, target))
        return self.terms[name.startswith("docs/zh/")].link(text, seen)

    def _lead(self, name: str, target: str) -> str | None:
        """Give where a link of the course's file `name` leads in the book; None if nowhere."""
        if re.match(r"[a-zA-Z][\w+.-]*:|#", target):
            return target
        path, mark, part = target.partition("#")
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path)))
        page = self.pages.get(wanted) or self.pages.get(f"{wanted}/README.md")
        here = posixpath.dirname(self.pages[name])
        if page:
            return posixpath.relpath(page, here or ".") + mark + part
        file = self.course / wanted
        if file.suffix in (".png", ".svg", ".jpg") and file.exists():
            self.files[wanted] = file.read_bytes()
            return posixpath.relpath(wanted, here or ".")
        if self.addresses.repository:
            return f"{self.addresses.repository}/blob/HEAD/{wanted}"
        return None

    def _notebook(self, name: str) -> dict:
        """Read a notebook and say to myst-nb what its cells say to JupyterLab."""
        nb = json.loads((self.course / name).read_text(encoding="utf-8"))
        seen: set[str] = set()
        cells = []
        for cell in nb["cells"]:
            cell["source"] = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                if not cells:
                    cell["source"] = self._opening(name, cell["source"])
                cell["source"] = self._linked(cell["source"], name, seen)
                cell["metadata"] = {}
            elif cell["cell_type"] == "code":
                cells += gallery.place_of_figure(cell)
                self._relink_sentences(cell, name)
                cell["metadata"] = _for_the_builder(cell)
            cells.append(cell)
        return {**nb, "cells": cells, "metadata": {"kernelspec": nb["metadata"]["kernelspec"]}}

    def _relink_sentences(self, cell: dict, name: str) -> None:
        """Have links in a cell's computed sentences, which Sphinx does not follow, lead to pages."""

        def lead(target: str) -> str | None:
            found = self._lead(name, target)
            return found and re.sub(r"^(?![a-z]+:)(.*)\.(?:ipynb|md)(?=#|$)", r"\1.html", found)

        for output in cell["outputs"]:
            if "text/markdown" in output.get("data", {}):
                text = "".join(output["data"]["text/markdown"])
                if "](" in text:
                    output["data"]["text/markdown"] = prose.relink(text, lead)

    def _opening(self, name: str, text: str) -> str:
        number = re.match(r"(\d)_(\d)_", posixpath.basename(name))
        ways = self._ways_to_run(name)
        return prose.title_first(text, ".".join(number.groups()) if number else "", ways)

    def _ways_to_run(self, name: str) -> str:
        """Write the line below a notebook's title: its digest, and where to get and to open it."""
        links, to = {}, self.addresses
        digest = f"docs/zh/digests/{PurePosixPath(name).stem}.md"
        if digest in self.pages:
            links["中文提要"] = posixpath.relpath(digest, posixpath.dirname(name))
        if to.repository:
            links["Download"] = f"{to.repository}/raw/HEAD/{name}"
        if to.binder:
            links["Binder"] = f"{to.binder}?urlpath=lab/tree/work/{name}"
        if to.lab:
            links["Open in Lab"] = f"{to.lab}/lab/tree/{name}"
        return " · ".join(f"[{text}]({target})" for text, target in links.items())


def _for_the_builder(cell: dict) -> dict:
    """Give the metadata that myst-nb reads: a folded cell's first line, a figure's words."""
    metadata = {"tags": [tag for tag in cell["metadata"].get("tags", []) if tag == "hide-input"]}
    told = {}
    first = cell["source"].partition("\n")[0]
    if first.startswith("# folded:"):
        told["code_prompt_show"] = f"Code: {first.removeprefix('# folded:').strip()}"
        told["code_prompt_hide"] = told["code_prompt_show"]
    if figure := gallery.figure(cell):
        told["image"] = {"alt": figure["alt"]}
    return {**metadata, "mystnb": told} if told else metadata


def lay_out(files: dict[str, bytes], folder: Path) -> None:
    """Write files into a folder; what is the same stays untouched, what is no more goes."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for place, content in files.items():
        path = folder / place
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
