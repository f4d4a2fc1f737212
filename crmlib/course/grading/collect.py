"""Find hand-ins in whatever way they were collected: folders, downloads of Moodle or Canvas, ZIPs."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from crmlib.course.grading import inert, rebuild

_MOST_FILES, _MOST_ZIP, _DEEPEST = 5_000, 500_000_000, 12  # of one ZIP: files, bytes; of folders
_TOO_DEEP = f"lies in more than {_DEEPEST - 1} folders"
_JUNK = re.compile(r"^(\._.*|\.ipynb_checkpoints|__MACOSX|\.DS_Store|desktop\.ini|Thumbs\.db)$")
# What editors and systems add to a file's name: " (1)", "-Copy1", " copy 2", "-checkpoint".
_ADDED = re.compile(r"([ _-]*\(\d+\)|[ _-]*copy[ _-]*\d*|[ _-]*kopie|[ _-]*副本)$", re.I)
_CONTAINERS = {  # folders of the collector or of the course
    *("submission", "submissions", "submitted", "downloads", "work", "exercises", "student"),
    *("作业", "提交"),
}
_MOODLE = re.compile(r"^(?P<who>.+?)_(?P<number>\d+)_assignsubmission_\w+?(_(?P<file>.*))?$", re.S)
_CANVAS = re.compile(
    r"^(?P<who>[^_]+)_(?P<late>LATE_)?(?P<number>\d{3,})_\d{3,}_(?P<file>.+)$", re.S
)


@dataclass(frozen=True)
class HandIn:
    """One notebook: whose, which set, where it lies now, and what the collector said of it.

    `name` is the student's as it was told, and `number` that of a download of Moodle or Canvas.
    """

    name: str
    number: str
    set: str
    path: Path
    told: str
    time: float
    note: str = ""


@dataclass
class Collected:
    """What was found: the hand-ins that count, notes on them, and what is not graded, with why."""

    hand_ins: dict[tuple[str, str], HandIn] = field(default_factory=dict)
    notes: dict[tuple[str, str], str] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)  # what of the folder itself was spoken of

    def refuse(self, told: PurePosixPath, why: str) -> None:
        """Note what is not graded, and why."""
        self.heard.update(told.parts[:1])
        self.refused.append((in_words(told), why))


@dataclass(frozen=True)
class _File:
    path: Path
    told: PurePosixPath
    time: float


class _Download(NamedTuple):
    """What the name of a download tells: whose, under which number, whether late, and what file."""

    who: str | None
    number: str
    note: str
    file: str


def collect(folder: Path, out: Path, work: Path, known: dict[str, set[str]]) -> Collected:
    """Find every hand-in beneath a folder; the newest of one student's for one set counts.

    Parameters
    ----------
    folder, out, work : Path
        Where hand-ins are; what is not looked into; where ZIPs are unpacked to.
    known : dict
        The sets, with what :func:`names_in` gives of their instructor's copies.
    """
    found, all_ = Collected(), []
    files = list(_files(folder, PurePosixPath(), out, work, found))
    found.heard.update(file.told.parts[0] for file in files)
    class_ = _seen_together(files, known)
    for file in files:
        try:
            all_.append(_understood(file, class_))
        except rebuild.Unusable as error:
            found.refuse(file.told, str(error))
    for key, several in _by_student(all_).items():
        found.hand_ins[key], found.notes[key] = _that_counts(several)
    for name in _silent_folders(folder, out, found.heard):
        found.refused.append((f"{in_words(PurePosixPath(name))}/", "holds no notebook"))
    return found


def _by_student(hand_ins: Iterable[HandIn]) -> dict[tuple[str, str], list[HandIn]]:
    """Sort hand-ins by student and set, and keep two students apart whose names are alike.

    Moodle and Canvas tell two of one name by a number. Names that differ only in capitals are one
    folder to some systems.
    """
    names, numbers, sorted_ = defaultdict(set), defaultdict(set), defaultdict(list)
    for one in hand_ins:
        name = _spelt(one.name)
        names[safe_name(name).casefold()].add(name)
        numbers[name, one.set].update({one.number} - {""})
    for one in hand_ins:
        student, name = safe_name(one.name), _spelt(one.name)
        apart = f"-{_short(name)}" if len(names[student.casefold()]) > 1 else ""
        if one.number and len(numbers[name, one.set]) > 1:
            apart += f" {one.number}"
        if apart:
            one = replace(one, note=_joined(one.note, "another student's name is like this one's"))
        sorted_[student + apart, one.set].append(one)
    return sorted_


def _that_counts(several: list[HandIn]) -> tuple[HandIn, str]:
    """Choose the newest hand-in that can be read, and say so where there were several."""
    # Of two of one time "x (1)" is the later.
    several = sorted(several, key=lambda one: (one.time, len(one.told), one.told), reverse=True)
    counts = next((one for one in several if _readable(one.path)), several[0])
    others = ", ".join(one.told for one in several if one is not counts)
    again = others and f"handed in {len(several)} times: {counts.told} counts, not {others}"
    tops = {one.told.partition("/")[0] for one in several}
    folders = {one.told.rpartition("/")[0] for one in several}
    perhaps = "if these are several students, put their folders beside each other"
    return counts, _joined(counts.note, again, perhaps if len(tops) == 1 < len(folders) else "")


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def _readable(path: Path) -> bool:
    try:
        rebuild.read(path)
    except rebuild.Unusable:
        return False
    return True


# files


def _files(folder: Path, told, out: Path, work: Path, found: Collected) -> Iterator[_File]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        found.refuse(told, f"cannot be opened ({type(error).__name__})")
        return
    for path in entries:
        name = told / _characters(os.fsencode(path.name))
        if _JUNK.match(path.name) or path == out:
            continue
        if path.is_symlink():
            found.refuse(name, "is a link and no file")
        elif len(name.parts) > _DEEPEST:
            found.refuse(name, _TOO_DEEP)
        elif path.is_dir():
            yield from _files(path, name, out, work, found)
        elif not path.is_file():  # a pipe would be waited for, and a device never ends
            found.refuse(name, "is no file")
        elif path.stat().st_nlink > 1:  # perhaps of the instructor's own
            found.refuse(name, "is a second name of another file: put a copy in its place")
        elif path.suffix.lower() == ".ipynb":
            yield _File(path, name, path.stat().st_mtime)
        elif path.suffix.lower() == ".zip":
            yield from _unpacked(path, name, work, found)
        else:
            found.refuse(name, "is no notebook (.ipynb)")


_PROTECTED = (RuntimeError, NotImplementedError)
_BROKEN = (*_PROTECTED, zipfile.BadZipFile, zlib.error, EOFError, OSError)


def _unpacked(path: Path, told, work: Path, found: Collected) -> Iterator[_File]:
    """Unpack the notebooks of a ZIP, one by one, under names of our own."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if len(members) > _MOST_FILES or sum(m.file_size for m in members) > _MOST_ZIP:
                found.refuse(told, "holds too many files, or too large ones: unpack it")
                return
            newest = path.stat().st_mtime  # a date within is the student's own word
            for member in members:
                inside = told / _safe_path(_decoded(member))
                if any(_JUNK.match(part) for part in inside.parts):
                    continue
                if len(inside.parts) > _DEEPEST:
                    found.refuse(inside, _TOO_DEEP)
                elif to := _member(archive, member, inside, work, found):
                    yield _File(to, inside, min(_time(member), newest))
    except _BROKEN as error:
        found.refuse(told, _damaged(error))


def _member(archive, member, inside, work: Path, found: Collected) -> Path | None:
    why = None
    if stat.S_ISLNK(member.external_attr >> 16):
        why = "is a link and no file"
    elif inside.suffix.lower() == ".zip":
        why = "is a ZIP within a ZIP: unpack it"
    elif inside.suffix.lower() != ".ipynb":
        why = "is no notebook (.ipynb)"
    elif member.file_size > rebuild.MOST_BYTES:
        why = f"is larger than {rebuild.MOST_BYTES // 1_000_000} MB"
    if why:
        found.refuse(inside, why)
        return None
    work.mkdir(mode=0o700, parents=True, exist_ok=True)  # others use this computer, too
    to = work / f"{len(list(work.iterdir()))}.ipynb"
    try:
        with archive.open(member) as source, to.open("wb") as target:
            content = source.read(rebuild.MOST_BYTES + 1)
            target.write(content)
    except _BROKEN as error:  # of one member; the others are unpacked all the same
        found.refuse(inside, _damaged(error))
        return None
    return to


def _damaged(error: Exception) -> str:
    why = "it has a password" if isinstance(error, _PROTECTED) else "it is damaged"
    return f"cannot be unpacked: {why}"


def _time(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OSError, OverflowError):
        return 0.0


def _decoded(member: zipfile.ZipInfo) -> str:
    """Give a name in a ZIP: old Windows systems write Chinese ones without saying in what code."""
    if member.flag_bits & 0x800:
        return member.filename
    return _characters(member.filename.encode("cp437", "replace"))


def _characters(raw: bytes) -> str:
    """Read a file's name, also that of a Chinese Windows.

    >>> _characters("李雷".encode()), _characters("李雷".encode("gbk"))
    ('李雷', '李雷')
    """
    for code in ("utf-8", "gb18030"):
        try:
            return raw.decode(code)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def in_words(told: PurePosixPath) -> str:
    r"""Write a file's name into one line in which nothing moves a cursor or turns text round.

    >>> in_words(PurePosixPath("a\nb/\x1b[2Jx.ipynb"))
    'a b/x.ipynb'
    """
    said = " ".join(inert.plain(str(told)).split())
    return said if len(said) <= 160 else f"{said[:60]} … {said[-90:]}"


def _safe_path(name: str) -> PurePosixPath:
    r"""Keep the parts of a path that lead downwards.

    >>> _safe_path("../../etc/x.ipynb"), _safe_path("C:\\a\\b.ipynb")
    (PurePosixPath('etc/x.ipynb'), PurePosixPath('a/b.ipynb'))
    """
    parts = re.split(r"[/\\]", name)
    return PurePosixPath(*[p for p in parts if p not in ("", ".", "..") and not p.endswith(":")])


def _silent_folders(folder: Path, out: Path, heard: set[str]) -> Iterator[str]:
    """Name the folders of which nothing was said: a student's empty one must not vanish."""
    for path in sorted(folder.iterdir()):
        name = _characters(os.fsencode(path.name))
        ours = path == out or path in out.parents or _JUNK.match(path.name)
        if path.is_dir() and not path.is_symlink() and not ours and name not in heard:
            yield name


# whose, and which set


class _Class(NamedTuple):
    """What the paths tell together: the sets, what folders hold a class, what ZIPs are a student's."""

    known: dict[str, set[str]]
    around: set[PurePosixPath] = frozenset()
    own: set[PurePosixPath] = frozenset()


def _seen_together(files: list[_File], known: dict[str, set[str]]) -> _Class:
    """Tell folders around a class from folders of students, and ZIPs of a class from theirs.

    A folder that stands alone, with one set in several folders within, is the class's. Several ZIPs
    beside each other with one folder in each are the students' own.
    """
    class_ = _Class(known)
    alone, within = defaultdict(set), defaultdict(set)
    for file in files:
        first, *others = [*_folders(file.told, class_), None]
        alone[_zip(file.told)].add(first)
        if others[:-1]:
            within[first, _named_set(file.told.parts, known)].add(others[0])
    around = {one for (one, set_), in_it in within.items() if set_ and len(in_it) > 1}
    class_ = class_._replace(around={one for one in around if {one} in alone.values()})
    return class_._replace(own=_zips_of_students(files, class_))


def _zips_of_students(files: list[_File], class_: _Class) -> set[PurePosixPath]:
    held = defaultdict(set)  # by each ZIP, folders that may be students'
    for file in files:
        if zip_ := _zip(file.told):
            inside = [one.name for one in _folders(file.told, class_) if zip_ in one.parents]
            held[zip_].add(inside[0] if inside else "")
    one_each = {zip_: names for zip_, names in held.items() if len(names) == 1}
    of_classes = {name for names in held.values() if len(names) > 1 for name in names}
    beside = defaultdict(set)
    for zip_ in one_each:
        beside[zip_.parent].add(_rest(zip_.name, None))
    return {
        zip_
        for zip_, names in one_each.items()
        if len(beside[zip_.parent]) > 1 and not names & of_classes
    }


def _zip(told: PurePosixPath) -> PurePosixPath | None:
    found = [n for n, part in enumerate(told.parts, 1) if part.lower().endswith(".zip")]
    return PurePosixPath(*told.parts[: found[0]]) if found else None


def _folders(told: PurePosixPath, class_: _Class) -> list[PurePosixPath]:
    """List the folders of a path that may be a student's: none of a set, a ZIP or the collector."""
    return [
        one
        for one in reversed(told.parents[:-1])
        if not _zip(PurePosixPath(one.name))
        and not _set_in(one.name, class_.known)
        and not _is_container(one.name)
        and one not in class_.around
    ]


def _understood(file: _File, class_: _Class) -> HandIn:
    """Tell a hand-in's student and set from its path, and where that is silent from its content."""
    downloads = [_download(part) for part in file.told.parts]
    # The outermost: what a student's own ZIP holds may bear the names of others.
    download = next((one for one in downloads if one.who), downloads[-1])
    set_ = _set_of(file, [one.file for one in downloads], class_.known)
    name = download.who or _student(file.told, set_, class_)
    if not name:
        raise rebuild.Unusable("says not whose it is: put it in a folder of the student's name")
    if not set_:
        raise rebuild.Unusable("belongs to no exercise set")
    told = in_words(file.told)
    other = _named_set(file.told.parts, class_.known) not in (set_, None)
    note = _joined(download.note, "its name is another set's, its cells are this one's" * other)
    return HandIn(name, download.number, set_, file.path, told, file.time, note)


def _download(part: str) -> _Download:
    """Tell the student from the name that Moodle or Canvas gives a download.

    >>> _download("Li Lei_123456_assignsubmission_file_ex_2_4_buy_till_you_die.ipynb")[:2]
    ('Li Lei', '123456')
    >>> _download("lilei_LATE_4455_66778_ex_2_4_buy_till_you_die-1.ipynb")[2:]
    ('handed in late', 'ex_2_4_buy_till_you_die-1.ipynb')
    """
    found = _MOODLE.match(part) or _CANVAS.match(part)
    if not found:
        return _Download(None, "", "", part)
    late = "handed in late" if found.groupdict().get("late") else ""
    return _Download(found["who"], found["number"], late, found["file"] or "")


def _set_in(part: str, known) -> str | None:
    """Find the name of a set in a part of a path, also as it was before it began with ``ex_``.

    >>> _set_in("2_4_buy_till_you_die (1).ipynb", {"ex_2_4_buy_till_you_die": set()})
    'ex_2_4_buy_till_you_die'
    """
    named = [name for name in known if name in part or name.removeprefix("ex_") in part]
    return max(named, key=len, default=None)


def _named_set(parts: Iterable[str], known) -> str | None:
    return next((one for part in reversed(parts) if (one := _set_in(part, known))), None)


def _set_of(file: _File, parts: list[str], known: dict[str, set[str]]) -> str | None:
    """Tell the set by its name, unless the cells are clearly those of another, or of none."""
    named = _named_set(parts, known)
    try:
        there = names_in(rebuild.read(file.path))
    except rebuild.Unusable:
        if named:
            return named
        raise
    shared = {name: len(there & names) for name, names in known.items()}
    best = max(shared, key=shared.get, default=None)
    if best and shared[best] >= 3 and shared[best] > 2 * shared.get(named, 0):
        return best
    if named and shared[named] < 3 and not any(named in part for part in parts):
        raise rebuild.Unusable("holds no cell of an exercise: is it the worked example?")
    return named


def names_in(cells: list[rebuild.Cell]) -> set[str]:
    """List what a notebook may be known by: the names, the ids and the texts of its cells."""
    names = {cell.grade_id for cell in cells} | {f"id:{cell.id}" for cell in cells}
    texts = {f"text:{cell.source.strip()}" for cell in cells if cell.kind == "markdown"}
    return (names | texts) - {"", "id:", "text:"}


def _student(told: PurePosixPath, set_: str | None, class_: _Class) -> str | None:
    """Tell the student from folders, or from what a file's name has besides that of the set."""
    zip_ = _zip(told)
    if zip_ in class_.own and zip_ != told and (name := _student(zip_, set_, class_)):
        return name  # folders within it are the student's own affair
    if folders := _folders(told, class_):
        return folders[0].name
    parts = [one.name for one in (*reversed(told.parents[:-1]), told) if one not in class_.around]
    named = [_rest(part, set_) for part in parts if not _is_container(part)]
    return next((one for one in named if one and not one.lower().startswith("untitled")), None)


def _is_container(part: str) -> bool:
    """Say whether a folder is the collector's, not a student's.

    >>> _is_container("submissions"), _is_container("Li Lei")
    (True, False)
    """
    return part.casefold() in _CONTAINERS


def _rest(part: str, set_: str | None) -> str:
    """Take a set's name and what editors add from a file name; what is left is the student's.

    >>> _rest("2_4_buy_till_you_die_lee (2).ipynb", "ex_2_4_buy_till_you_die")
    'lee'
    >>> _rest("lee-ex_2_4_buy_till_you_die-Copy1.ipynb", "ex_2_4_buy_till_you_die")
    'lee'
    """
    stem = re.sub(r"(?i)\.(ipynb|zip)$", "", part)
    stem = _ADDED.sub("", stem)
    for name in (set_, set_.removeprefix("ex_")) if set_ else ():
        stem = re.sub(rf"{re.escape(name)}(-\d{{1,2}}$)?", "", stem)  # Canvas numbers a second one
    return _ADDED.sub("", stem).strip("_- .")


def safe_name(name: str) -> str:
    """Give a name that is a folder everywhere, no formula, no path and no markup.

    Letters of any script, digits, blanks and ``. _ @ -`` stay; if anything had to go, a short number
    made of the whole name keeps two students apart.

    >>> safe_name("李雷"), safe_name("mo broken"), safe_name("=HYPERLINK(1)")
    ('李雷', 'mo broken', 'HYPERLINK_1-bd32')
    """
    name = _spelt(name)
    kept = re.sub(r"[^\w .@-]+", "_", name)
    kept = re.sub(r"\s+", " ", kept).strip("_- .@")[:60].rstrip()
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", kept)
    if kept and kept == name and not reserved:
        return kept
    return f"{kept or 'student'}-{_short(name)[:4]}"


def _spelt(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip()


def _short(name: str) -> str:
    return hashlib.sha256(_spelt(name).encode("utf-8", "backslashreplace")).hexdigest()[:8]
