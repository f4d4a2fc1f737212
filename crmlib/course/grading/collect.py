"""Find hand-ins in whatever way they were collected: folders, downloads of Moodle or Canvas, ZIPs."""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from crmlib.course.grading import rebuild

_MOST_FILES, _MOST_ZIP, _DEEPEST = 5_000, 500_000_000, 12  # of one ZIP: files, bytes; of folders
_JUNK = re.compile(r"^(\._.*|\.ipynb_checkpoints|__MACOSX|\.DS_Store|desktop\.ini|Thumbs\.db)$")
# What editors and systems add to a file's name: " (1)", "-Copy1", " copy 2", "-checkpoint".
_ADDED = re.compile(r"([ _-]*\(\d+\)|[ _-]*copy[ _-]*\d*|[ _-]*kopie|[ _-]*副本|-\d{1,2})$", re.I)
_CONTAINERS = {  # folders of the collector or of the course
    *("submission", "submissions", "submitted", "downloads", "work", "exercises", "student"),
    *("作业", "提交"),
}
_MOODLE = re.compile(r"^(?P<who>.+?)_\d+_assignsubmission_\w+?(_(?P<file>.*))?$", re.S)
_CANVAS = re.compile(r"^(?P<who>[^_]+)_(LATE_)?\d{3,}_\d{3,}_(?P<file>.+)$", re.S)


@dataclass(frozen=True)
class HandIn:
    """One notebook: whose, which set, where it lies now, and what the collector called it."""

    student: str
    set: str
    path: Path
    told: str
    time: float


@dataclass
class Collected:
    """What was found: the hand-ins that count, notes on them, and what is not graded, with why."""

    hand_ins: dict[tuple[str, str], HandIn] = field(default_factory=dict)
    notes: dict[tuple[str, str], str] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _File:
    path: Path
    told: PurePosixPath
    time: float


def collect(folder: Path, out: Path, work: Path, known: dict[str, set[str]]) -> Collected:
    """Find every hand-in beneath a folder; the newest of one student's for one set counts.

    Parameters
    ----------
    folder, out, work : Path
        Where hand-ins are; what is not looked into; where ZIPs are unpacked to.
    known : dict
        The sets, with the names of their answer cells, by which a notebook is known whose own
        name says nothing.
    """
    found, all_ = Collected(), defaultdict(list)
    for file in _files(folder, PurePosixPath(), out, work, found):
        try:
            hand_in = _understood(file, known)
        except rebuild.Unusable as error:
            found.refused.append((str(file.told), str(error)))
            continue
        all_[hand_in.student, hand_in.set].append(hand_in)
    for key, several in all_.items():
        found.hand_ins[key], found.notes[key] = _that_counts(several)
    told = [one.told for several in all_.values() for one in several]
    found.refused += _silent_folders(folder, out, [*told, *(name for name, _ in found.refused)])
    return found


def _that_counts(several: list[HandIn]) -> tuple[HandIn, str]:
    """Choose the newest hand-in that can be read, and say so where there were several."""
    several = sorted(several, key=lambda one: (one.time, one.told), reverse=True)
    counts = next((one for one in several if _readable(one.path)), several[0])
    others = ", ".join(one.told for one in several if one is not counts)
    note = f"handed in {len(several)} times: {counts.told} counts, not {others}"
    return counts, note if others else ""


def _readable(path: Path) -> bool:
    try:
        rebuild.read(path)
    except rebuild.Unusable:
        return False
    return True


# files


def _files(folder: Path, told, out: Path, work: Path, found: Collected) -> Iterator[_File]:
    for path in sorted(folder.iterdir()):
        name = told / path.name
        if _JUNK.match(path.name) or path == out or len(name.parts) > _DEEPEST:
            continue
        if path.is_symlink():
            found.refused.append((str(name), "is a link and no file"))
        elif path.is_dir():
            yield from _files(path, name, out, work, found)
        elif path.suffix.lower() == ".ipynb":
            yield _File(path, name, path.stat().st_mtime)
        elif path.suffix.lower() == ".zip":
            yield from _unpacked(path, name, work, found)
        else:
            found.refused.append((str(name), "is no notebook (.ipynb)"))


def _unpacked(path: Path, told, work: Path, found: Collected) -> Iterator[_File]:
    """Unpack the notebooks of a ZIP, one by one, under names of our own."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
            if len(members) > _MOST_FILES or sum(m.file_size for m in members) > _MOST_ZIP:
                raise rebuild.Unusable("holds too many files, or too large ones")
            for member in members:
                inside = told / _safe_path(_decoded(member))
                if any(_JUNK.match(part) for part in inside.parts):
                    continue
                if file := _member(archive, member, inside, work, found):
                    yield file
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        found.refused.append((str(told), f"cannot be unpacked ({type(error).__name__})"))
    except rebuild.Unusable as error:
        found.refused.append((str(told), str(error)))


def _member(archive, member, inside, work: Path, found: Collected) -> _File | None:
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
        found.refused.append((str(inside), why))
        return None
    work.mkdir(parents=True, exist_ok=True)
    to = work / f"{len(list(work.iterdir()))}.ipynb"
    with archive.open(member) as source, to.open("wb") as target:
        if len(content := source.read(rebuild.MOST_BYTES + 1)) > rebuild.MOST_BYTES:
            found.refused.append((str(inside), "is larger than it says"))
            return None
        target.write(content)
    return _File(to, inside, _time(member))


def _time(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OSError, OverflowError):
        return 0.0


def _decoded(member: zipfile.ZipInfo) -> str:
    """Give a name in a ZIP: old Windows systems write Chinese ones without saying in what code."""
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for code in ("utf-8", "gb18030"):
        try:
            return raw.decode(code)
        except UnicodeDecodeError:
            continue
    return member.filename


def _safe_path(name: str) -> PurePosixPath:
    r"""Keep the parts of a path that lead downwards.

    >>> _safe_path("../../etc/x.ipynb"), _safe_path("C:\\a\\b.ipynb")
    (PurePosixPath('etc/x.ipynb'), PurePosixPath('a/b.ipynb'))
    """
    parts = re.split(r"[/\\]", name)
    return PurePosixPath(*[p for p in parts if p not in ("", ".", "..") and not p.endswith(":")])


def _silent_folders(folder: Path, out: Path, told: list[str]) -> Iterator[tuple[str, str]]:
    """Name the folders of which nothing was said: a student's empty one must not vanish."""
    for path in sorted(folder.iterdir()):
        ours = path == out or path in out.parents or _JUNK.match(path.name)
        said = any(one.startswith(f"{path.name}/") for one in told)
        if path.is_dir() and not path.is_symlink() and not ours and not said:
            yield f"{path.name}/", "holds no notebook"


# whose, and which set


def _understood(file: _File, known: dict[str, set[str]]) -> HandIn:
    """Tell a hand-in's student and set from its path, and where that is silent from its content."""
    who, parts = None, []
    for part in file.told.parts:
        person, rest = _download(part)
        who = person or who
        parts.append(rest)
    set_ = next((one for part in reversed(parts) if (one := _set_in(part, known))), None)
    set_ = set_ or _by_content(file.path, known)
    student = who or _student(parts, set_, known)
    if not student:
        raise rebuild.Unusable("says not whose it is: put it in a folder of the student's name")
    if not set_:
        rebuild.read(file.path)
        raise rebuild.Unusable("belongs to no exercise set")
    return HandIn(safe_name(student), set_, file.path, str(file.told), file.time)


def _download(part: str) -> tuple[str | None, str]:
    """Tell the student from the name that Moodle or Canvas gives a download.

    >>> _download("Li Lei_123456_assignsubmission_file_ex_2_4_buy_till_you_die.ipynb")
    ('Li Lei', 'ex_2_4_buy_till_you_die.ipynb')
    >>> _download("lilei_LATE_4455_66778_ex_2_4_buy_till_you_die-1.ipynb")
    ('lilei', 'ex_2_4_buy_till_you_die-1.ipynb')
    """
    if found := _MOODLE.match(part) or _CANVAS.match(part):
        return found["who"], found["file"] or ""
    return None, part


def _set_in(part: str, known) -> str | None:
    """Find the name of a set in a part of a path, also as it was before it began with ``ex_``.

    >>> _set_in("2_4_buy_till_you_die (1).ipynb", {"ex_2_4_buy_till_you_die": set()})
    'ex_2_4_buy_till_you_die'
    """
    named = [name for name in known if name in part or name.removeprefix("ex_") in part]
    return max(named, key=len, default=None)


def _by_content(path: Path, known: dict[str, set[str]]) -> str | None:
    cells = rebuild.read(path)
    there = {one for cell in cells for one in (cell.grade_id, f"id:{cell.id}") if one != "id:"}
    shared = {name: len(there & names) for name, names in known.items()}
    best = max(shared, key=shared.get, default=None)
    return best if best and shared[best] >= 3 else None


def _student(parts: list[str], set_: str | None, known) -> str | None:
    """Tell the student from folders, or from what a file's name has besides that of the set."""
    for part in parts[:-1]:
        if not part.endswith(".zip") and not _set_in(part, known) and not _is_container(part):
            return part
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
        stem = stem.replace(name, "")
    return _ADDED.sub("", stem).strip("_- .")


def safe_name(name: str) -> str:
    """Give a name that is a folder everywhere, no formula, no path and no markup.

    Letters of any script, digits, blanks and ``. _ @ -`` stay; if anything had to go, a short number
    made of the whole name keeps two students apart.

    >>> safe_name("李雷"), safe_name("mo broken"), safe_name("=HYPERLINK(1)")
    ('李雷', 'mo broken', 'HYPERLINK_1-bd32')
    """
    name = unicodedata.normalize("NFC", name).strip()
    kept = re.sub(r"[^\w .@-]+", "_", name)
    kept = re.sub(r"\s+", " ", kept).strip("_- .@")[:60].rstrip()
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", kept)
    if kept and kept == name and not reserved:
        return kept
    mark = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:4]
    return f"{kept or 'student'}-{mark}"
