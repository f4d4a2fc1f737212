"""The reader's copies: ``work/`` is what a reader opens and changes, and the course stays as it came.

A copy counts as changed when its reader wrote into it: when a cell has another text or kind, is new,
moved or gone. To run cells, to fold or unfold them, or to save with another Python changes nothing
that is worth keeping; nor do blank cells, for Jupyter adds one when the last cell is run.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
from collections import Counter
from pathlib import Path

from crmlib.course import places

FOLDERS = ("notebooks", "exercises/student")  # all that links between notebooks lead to
SUFFIXES = {".ipynb", ".md", ".png", ".svg", ".jpg"}
WORK = "work"
RECORD = ".crmlib/copied.json"
KINDS = (
    COPIED := f"Files copied into {WORK}/",
    REFRESHED := f"Files brought up to date in {WORK}/, unchanged by you",
    REMOVED := f"Files removed from {WORK}/, unchanged by you, for the course has them no more",
)


def reset(args: argparse.Namespace) -> int:
    """Bring one notebook of ``work/`` back as the course has it; keep the reader's beside it."""
    course = places.course()
    folder = course / FOLDERS[1 if args.exercise else 0]
    name = places.notebook(Path(args.notebook).name, folder).relative_to(course).as_posix()
    with Copies(course) as copies:
        print(copies.bring_back(name))
    return 0


class Copies:
    """The copies in ``work/`` of one course, and the record of what was laid there.

    The record holds, for each file in ``work/``, the digest of the course's file (`course`, as it
    was when it was last laid here) and that of the text copied (`text`). A new version that was laid
    beside a changed copy also names the copy it belongs to (`of`). As a context manager it keeps the
    record, also where something went wrong halfway.
    """

    def __init__(self, course: Path):
        self.course, self.work = course, course / WORK
        self.record = _read(self.work / RECORD)

    def __enter__(self) -> Copies:
        return self

    def __exit__(self, *error) -> None:
        text = json.dumps(self.record, ensure_ascii=False, indent=1, sort_keys=True)
        _write(self.work / RECORD, text.encode("utf-8"))

    def bring_up_to_date(self) -> list[str]:
        """Copy what is missing, refresh what the reader left alone; say what was done, line by line.

        What the reader changed is never touched: a new version is laid beside it, once.
        """
        names = _names(self.course)
        done = Counter(filter(None, map(self._update, names)))
        gone = [name for name in self._no_more(names) if self._clear(name)]
        done[REMOVED] = len(gone)
        counts = [f"{what}: {n}" for what in KINDS if (n := done.pop(what, 0))]
        return [*counts, *done]

    def bring_back(self, name: str) -> str:
        """Lay the course's file over the reader's, which is kept beside it if it was changed."""
        kept = ""
        if (self.work / name).exists() and not self._untouched(name):
            old = self._beside(name, "old")
            os.replace(self.work / name, self.work / old)
            kept = f" Yours is kept as {Path(old).name}."
        self._renew(name)
        return f"{WORK}/{name} is as the course has it.{kept}"

    def _update(self, name: str) -> str:
        """Bring one file up to date; give what was done, in words."""
        known = self.record.get(name, {})
        if not (self.work / name).exists():
            self._renew(name)
            return COPIED
        shipped = _digest((self.course / name).read_bytes())
        if known.get("course") == shipped:
            return ""
        if self._untouched(name):
            self._renew(name)
            return REFRESHED
        self.record[name] = {**known, "course": shipped}  # so that it is said once
        if known.get("text") == text_digest(self.course / name):  # only results are new
            return ""
        new = self._beside(name, "new")
        self._lay(name, new)
        self.record[new]["of"] = name
        return f"You changed {WORK}/{name}; the new version is beside it: {Path(new).name}"

    def _untouched(self, name: str) -> bool:
        """Tell whether a copy holds nothing but what was laid there, or what the course has now."""
        found, source = text_digest(self.work / name), self.course / name
        laid = [known for new, known in self.record.items() if name in (new, known.get("of"))]
        return any(found == known.get("text") for known in laid) or (
            source.exists() and found == text_digest(source)
        )

    def _renew(self, name: str) -> None:
        """Lay a file in its own place; a version that was laid beside it has done its duty."""
        self._lay(name, name)
        for new in [new for new, known in self.record.items() if known.get("of") == name]:
            self._clear(new)

    def _lay(self, name: str, to: str) -> None:
        content = (self.course / name).read_bytes()
        _write(self.work / to, content)
        text = text_digest(self.course / name)
        self.record[to] = {"course": _digest(content), "text": text}

    def _beside(self, name: str, word: str) -> str:
        """Give the first name such as ``2_4_x.new1.ipynb`` under which nothing of the reader's is."""
        stem, suffix = os.path.splitext(name)
        names = (f"{stem}.{word}{number}{suffix}" for number in itertools.count(1))
        return next(n for n in names if not (self.work / n).exists() or self._untouched(n))

    def _no_more(self, names: list[str]) -> list[str]:
        """List what was laid here for files that the course no longer has."""
        return [name for name, known in self.record.items() if known.get("of", name) not in names]

    def _clear(self, name: str) -> bool:
        """Forget a file, and remove it if the reader left it alone; True when it was removed."""
        path = self.work / name
        remove = path.exists() and self._untouched(name)
        del self.record[name]
        if remove:
            path.unlink()
            _drop_empty(path.parent)
        return remove


def text_digest(path: Path) -> str:
    """Digest what can be written into a file: of a notebook, each cell's kind, text and pictures."""
    content = path.read_bytes()
    if path.suffix == ".ipynb":
        try:
            cells = [_written(cell) for cell in json.loads(content)["cells"]]
        except (ValueError, KeyError, TypeError):  # torn: then its bytes count
            return _digest(content)
        content = json.dumps([cell for cell in cells if cell[1].strip()]).encode()
    return _digest(content)


def _written(cell: dict) -> list:
    return [cell["cell_type"], "".join(cell["source"]), cell.get("attachments") or {}]


def _names(course: Path) -> list[str]:
    """List the files of the course that belong into ``work/``, as ``notebooks/x.ipynb``."""
    found = [path for folder in FOLDERS for path in (course / folder).rglob("*")]
    names = [path.relative_to(course) for path in found if path.suffix in SUFFIXES]
    return sorted(name.as_posix() for name in names if not any(p[0] == "." for p in name.parts))


def _read(path: Path) -> dict[str, dict]:
    """Read the record; without one, whatever differs from the course is the reader's."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file as a whole: a stop halfway leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def _drop_empty(folder: Path) -> None:
    """Remove the folders that a removed file leaves empty."""
    for empty in (folder, *folder.parents):
        try:
            empty.rmdir()
        except OSError:  # something is in it
            return
