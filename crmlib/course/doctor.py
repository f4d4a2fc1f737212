"""Is this computer ready for the course? One finding a line, in plain words."""

from __future__ import annotations

import os
import platform
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

FIRST_PORT, PORTS = 8888, 50  # where Jupyter looks for a free port
_SYNCED = ("onedrive", "dropbox", "icloud", "google drive", "googledrive", "坚果云", "nutstore")
_LONG_PATH = 120  # Windows allows 260 characters, packages need the rest


@dataclass(frozen=True)
class Finding:
    """What one check found: `level` is ``"ok"``, ``"note"`` (works all the same) or ``"problem"``.

    >>> print(Finding("problem", "port 8888 is taken", "Stop the other server."))
    problem  port 8888 is taken. Stop the other server.
    """

    level: str
    text: str
    advice: str = ""

    def __str__(self) -> str:
        return f"{self.level:<7}  {self.text}{'. ' + self.advice if self.advice else ''}"


def examine(course: Path) -> Iterator[Finding]:
    """Run every check on the course in the folder `course`; none of them raises."""
    for check in (python, packages, imports, data, kernel, fonts, port, folder):
        yield from guarded(check, course)


def guarded(check: Callable[[Path], Iterator[Finding]], course: Path) -> Iterator[Finding]:
    """Run one check; a check that breaks is itself a finding."""
    try:
        yield from check(course)
    except Exception as error:  # whatever it is, the reader should see the other checks
        text = f"the check of {check.__name__} stopped: {type(error).__name__}: {error}"
        yield Finding("problem", text, "Install the course again: uv sync --reinstall")


def python(course: Path) -> Iterator[Finding]:
    """Compare the running Python with the versions the course allows."""
    from packaging.specifiers import SpecifierSet

    version, wanted = platform.python_version(), metadata.metadata("crmlib")["Requires-Python"]
    if SpecifierSet(wanted).contains(version, prereleases=True):
        yield Finding("ok", f"Python {version}")
    else:
        advice = "Start the course with: uv run crmlib lab"
        yield Finding("problem", f"Python {version}; the course needs {wanted}", advice)


def packages(course: Path) -> Iterator[Finding]:
    """Compare each installed package with the bounds of the course."""
    from packaging.requirements import Requirement

    wanted = [Requirement(text) for text in metadata.requires("crmlib") or []]
    wanted = [r for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})]
    bad = [finding for requirement in wanted if (finding := _package(requirement))]
    yield from bad or [Finding("ok", f"{len(wanted)} packages, all in the versions asked for")]


def _package(requirement) -> Finding | None:
    advice = "Run: uv sync"
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Finding("problem", f"the package {requirement.name} is missing", advice)
    if requirement.specifier.contains(version, prereleases=True):
        return None
    text = f"{requirement.name} {version} is installed; the course needs {requirement.specifier}"
    return Finding("problem", text, advice)


def imports(course: Path) -> Iterator[Finding]:
    """Load the library with all it stands on: a damaged or blocked package shows here."""
    import crmlib

    for name in crmlib.__all__:
        getattr(crmlib, name)
    yield Finding("ok", "crmlib loads")


def data(course: Path) -> Iterator[Finding]:
    """Compare the data files with their checksums."""
    tables = verify()
    if not tables:
        advice = "Get the whole course folder again."
        yield Finding("problem", "the course's tables are not there", advice)
    bad = [(name, " ".join(message.split())) for name, ok, message in tables if not ok]
    yield from (Finding("problem", f"table {name}: {message}") for name, message in bad)
    if tables and not bad:
        yield Finding("ok", f"{len(tables)} data tables, all as shipped")


def verify() -> list[tuple[str, bool, str]]:
    """Compare every data file with its checksum: ``(name, ok, message)`` for each table.

    >>> [line for line in verify() if line[0] == "cdnow"]
    [('cdnow', True, 'as shipped')]
    """
    from crmlib.data import content, no_class_set, tables
    from crmlib.errors import DataError

    wrong = no_class_set()
    results = [("shihu", False, ". ".join(wrong))] if wrong else []
    for name, (folder, resource) in tables().items():
        try:
            content(folder, resource)
            results.append((name, True, "as shipped"))
        except DataError as error:
            results.append((name, False, str(error)))
    return results


def kernel(course: Path) -> Iterator[Finding]:
    """Check that notebooks run in the Python that has the course's packages."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield Finding(
            "problem", "Jupyter finds no kernel named python3", "Run: uv sync --reinstall"
        )
        return
    # A bare "python" means this one. Folders, not files: a venv's python links to its parent's.
    folders = [Path(file).parent.resolve() for file in (command, sys.executable)]
    if not Path(command).is_absolute() or folders[0] == folders[1]:
        yield Finding("ok", "the Jupyter kernel python3 is this Python")
    else:
        advice = "Run: uv run python -m ipykernel install --sys-prefix --name python3"
        yield Finding("problem", f"the Jupyter kernel python3 is another Python, {command}", advice)


def fonts(course: Path) -> Iterator[Finding]:
    """Look for a font with Chinese characters, for the terms in figures."""
    if chinese := _families()[1:]:
        yield Finding("ok", f"Chinese in figures: {chinese[0]}")
    else:
        yield Finding(
            "note",
            "no font with Chinese characters: they show as boxes in figures",
            "Noto Sans CJK SC is free",
        )


def _families() -> list[str]:
    """Name the fonts of the figures, the first for what is not Chinese."""
    import matplotlib

    from crmlib.plots import use_style

    with matplotlib.rc_context():
        use_style()
        return list(matplotlib.rcParams["font.family"])


def undrawn(names: Iterable[str]) -> str:
    """Give the signs in names for which no font of the figures is there."""
    from matplotlib import font_manager

    signs = dict.fromkeys(sign for name in names for sign in name if not sign.isascii())
    if not signs:
        return ""
    fonts = [font_manager.get_font(font_manager.findfont(family)) for family in _families()]
    return "".join(s for s in signs if not any(font.get_char_index(ord(s)) for font in fonts))


def port(course: Path) -> Iterator[Finding]:
    """Find a free port for Jupyter, as Jupyter itself will."""
    free = next((p for p in range(FIRST_PORT, FIRST_PORT + PORTS) if _is_free(p)), None)
    if free is None:
        last = FIRST_PORT + PORTS - 1
        advice = "Choose another: crmlib lab --port 9000. If none works, ask about your firewall."
        yield Finding("problem", f"no free port from {FIRST_PORT} to {last}", advice)
    else:
        yield Finding("ok", f"port {free} is free for Jupyter")


def _is_free(number: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        try:
            sock.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True


def folder(course: Path) -> Iterator[Finding]:
    """Check that notebooks can be saved in the course folder, and that it is a quiet place."""
    try:
        with tempfile.TemporaryFile(dir=course):
            yield Finding("ok", f"notebooks can be saved in {course}")
    except OSError as error:
        advice = "Copy the course into a folder of your own."
        yield Finding("problem", f"nothing can be saved in {course}: {error.strerror}", advice)
    if any(name in part.lower() for part in course.parts for name in _SYNCED):
        advice = "If notebooks fail to save, move it to a folder that is not synchronised."
        yield Finding("note", "the course lies in a synchronised folder", advice)
    if os.name == "nt" and len(str(course)) > _LONG_PATH:
        advice = r"Move it up, for example to C:\crm."
        yield Finding("problem", "the path of the course is too long for Windows", advice)
