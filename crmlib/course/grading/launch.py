"""Kernels for strangers' code: started behind a wall, watched, and ended with all they started."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import zmq
from jupyter_client.connect import write_connection_file

from crmlib import paths
from crmlib.course.grading import answers, walls
from crmlib.course.grading.beside import confine

_FAMILY_MEMORY = 2048 * walls.MEGABYTE  # of a kernel and all that it started
_FAMILY_SIZE = 150
_MOST_FILES, _DEEPEST = 20_000, 100
_MOST_WRITTEN = walls.DISK + 64 * walls.MEGABYTE
_EVERY = 0.2  # seconds between two looks of the watchdog
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "WINDIR", "COMSPEC")


def prepare(shared: Path, class_set: Path | None = None) -> Path:
    """Make what kernels read: the course without checks and exercises, and the scripts beside them.

    Parameters
    ----------
    shared : Path
        An empty folder.
    class_set : Path, optional
        The tables that take the place of the running case's.
    """
    course = shared / "course"
    crmlib = paths.COURSE / "crmlib"
    shutil.copytree(crmlib, course / "crmlib", ignore=shutil.ignore_patterns("course"))
    here = course / "crmlib" / "course"
    (here / "grading").mkdir(parents=True)
    for package in (here, here / "grading"):
        (package / "__init__.py").touch()
    shutil.copyfile(walls.script("checks.py"), here / "checks.py")
    shutil.copyfile(answers.__file__, here / "grading" / "answers.py")
    shutil.copytree(paths.DATASETS, course / "datasets", ignore=shutil.ignore_patterns("firm"))
    if class_set:
        shutil.copytree(class_set, shared / "class_set")
    for name in ("confine.py", "probe.py"):
        shutil.copyfile(walls.script(name), shared / name)
    with suppress(OSError):  # without it each kernel would look through the fonts anew
        import matplotlib

        fonts = Path(matplotlib.get_cachedir())
        (shared / "fonts").mkdir()
        for path in fonts.glob("fontlist-*.json"):
            shutil.copyfile(path, shared / "fonts" / path.name)
    compileall.compile_dir(course / "crmlib", quiet=2)
    for folder, _, names in os.walk(shared):
        os.chmod(folder, 0o755)
        for name in names:
            os.chmod(os.path.join(folder, name), 0o644)
    return shared


class NoKernel(Exception):
    """A kernel did not start: the grader's trouble, and nobody's mark."""


class Process:
    """A kernel's process, its family and its folder.

    Parameters
    ----------
    wall : Wall
        Behind which it runs.
    shared : Path
        Made by :func:`prepare`.
    """

    def __init__(self, wall: walls.Wall, shared: Path):
        self.over: str | None = None  # what the watchdog ended it for
        self._wall = wall
        self._stack = ExitStack()
        own = self._stack.enter_context(walls.own_folder(wall))
        course = shared / "course"
        if not wall.holds:  # a copy of its own, for it can be written to
            course = Path(shutil.copytree(course, own / "course"))
        self._box = walls.Box(own, shared, course)
        if (shared / "fonts").exists():
            fonts = Path(shutil.copytree(shared / "fonts", self._box.open / "fonts"))
            if wall.user:
                os.chown(fonts, *wall.user)
        self.connection = str(self._box.open / "c.json")
        self._connect()
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", self.connection]
        try:
            self._process = subprocess.Popen(
                wall.command(argv, self._box),
                env=_environment(self._box),
                cwd=self._box.home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            self._stack.close()
            raise NoKernel(str(error)) from None
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _connect(self) -> None:
        ipc = sys.platform != "win32"
        where = str(self._box.open / "s") if ipc else "127.0.0.1"
        transport = "ipc" if ipc else "tcp"
        write_connection_file(self.connection, ip=where, transport=transport)
        if self._wall.user:
            os.chown(self.connection, *self._wall.user)

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def end(self) -> None:
        """End it and everything that it started, and remove its folder."""
        self._ended.set()
        if self.alive and sys.platform == "linux" and self._wall.name != "bubblewrap":
            self._process.terminate()  # its keeper ends the family, and then itself
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        self._kill()
        self._process.wait()
        self._stack.close()

    def _kill(self) -> None:
        for process in [self._process.pid, *self._family()]:
            with suppress(ProcessLookupError, PermissionError, psutil.Error):
                if sys.platform == "win32":
                    psutil.Process(process).kill()
                else:
                    os.kill(process, signal.SIGKILL)
        if sys.platform == "darwin":
            self._kill_marked()

    def _kill_marked(self) -> None:
        """End what left the family, by the folder in its environment; who hides that stays."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("HOME") == str(self._box.home):
                    process.kill()

    def _family(self) -> list[int]:
        if sys.platform == "linux":
            return confine.family(self._process.pid)
        with suppress(psutil.Error):
            children = psutil.Process(self._process.pid).children(recursive=True)
            return [child.pid for child in children]
        return []

    # the watchdog

    def _watch(self) -> None:
        while not self._ended.wait(_EVERY) and self.alive:
            family = self._family()
            self.over = self._too_much(family)
            if self.over:
                self._stop(family)
                return

    def _too_much(self, family: list[int]) -> str | None:
        if len(family) > _FAMILY_SIZE:
            return f"it started more than {_FAMILY_SIZE} processes"
        if sum(map(_memory, family)) > _FAMILY_MEMORY:
            return f"it took more than {_FAMILY_MEMORY >> 20} MB of memory"
        return _hoarded(self._box.own) or _unlinked(family)

    def _stop(self, family: list[int]) -> None:
        """End the kernel and its family, the first of them first; the keeper does the rest."""
        for pid in family:
            with suppress(ProcessLookupError, PermissionError, psutil.Error):
                psutil.Process(pid).kill()


def _memory(pid: int) -> int:
    """Give the bytes that a process holds alone, roughly; 0 when it is gone."""
    try:
        held = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    return held.rss - getattr(held, "shared", 0)


def _hoarded(folder: Path) -> str | None:
    """Say what a folder holds too much of, or hides; what it does not hold is not looked at."""
    size, files, waiting = 0, 0, [(str(folder), 0)]
    while waiting:
        where, deep = waiting.pop()
        try:
            with os.scandir(where) as entries:
                for entry in entries:
                    size, files = size + _on_disk(entry), files + 1
                    if size > _MOST_WRITTEN or files > _MOST_FILES:
                        return f"it wrote more than {walls.DISK >> 20} MB or {_MOST_FILES:,} files"
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, deep + 1))
        except (FileNotFoundError, NotADirectoryError):  # it went away meanwhile
            continue
        except OSError:
            return "it hid a folder"
        if deep > _DEEPEST:
            return f"it made more than {_DEEPEST} folders within each other"
    return None


def _on_disk(entry: os.DirEntry) -> int:
    with suppress(OSError):
        found = entry.stat(follow_symlinks=False)
        return found.st_blocks << 9 if hasattr(found, "st_blocks") else found.st_size
    return 0


def _unlinked(family: list[int]) -> str | None:
    """Say whether open files hold too much that stand in no folder any more; Linux only."""
    if sys.platform != "linux":
        return None
    sizes = {}
    for pid in family:
        with suppress(OSError):  # it ended meanwhile
            for entry in os.scandir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    found = entry.stat()
                    if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                        sizes[found.st_dev, found.st_ino] = found.st_blocks << 9
    if sum(sizes.values()) > _MOST_WRITTEN:
        return f"it kept more than {walls.DISK >> 20} MB in files without a name"
    return None


def _environment(box: walls.Box) -> dict[str, str]:
    """Give a kernel the little of the environment that it needs."""
    path = [os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]
    own = {
        "PATH": os.pathsep.join(path),
        "HOME": str(box.home),
        "USERPROFILE": str(box.home),
        "TMPDIR": str(box.temporary),
        "TEMP": str(box.temporary),
        "TMP": str(box.temporary),
        "MPLCONFIGDIR": str(box.open / "fonts"),
        "IPYTHONDIR": str(box.temporary),
        "PYTHONPATH": str(box.course),
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }
    if (box.shared / "class_set").exists():
        own["CRMLIB_DATA"] = str(box.shared / "class_set")
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {"LANG": "C.UTF-8", **kept, **own}


def context() -> zmq.Context:
    """Make the end of the line at which the grader listens: what comes is bounded."""
    line = zmq.Context()
    line.setsockopt(zmq.MAXMSGSIZE, 8 * walls.MEGABYTE)
    line.setsockopt(zmq.RCVHWM, 100)
    line.setsockopt(zmq.LINGER, 0)
    return line


def wait_until(happened, seconds: float) -> bool:
    """Look every now and then whether something happened; False when it did not in time."""
    until = time.monotonic() + seconds
    while not (done := happened()) and time.monotonic() < until:
        time.sleep(0.02)
    return bool(done)
