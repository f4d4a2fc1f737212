"""The walls around a student's code: which this computer can build, tried before they are trusted.

A wall is tried by doing behind it what a student's code must not do (:mod:`probe`), so that the
table of marks says what held on this computer, and not what a manual promises.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from crmlib import paths
from crmlib.course.grading import beside

MEGABYTE = 1 << 20
DISK = 256 * MEGABYTE  # of all that a notebook writes
MEMORY = 1536 * MEGABYTE  # of one process
PROCESSES = 100  # more than there are
_LIMITS = {
    "RLIMIT_DATA": MEMORY,
    "RLIMIT_FSIZE": 64 * MEGABYTE,
    "RLIMIT_CORE": 0,
    "RLIMIT_NOFILE": 1024,
}
_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
_SETTINGS = (  # what programs read of the system's settings; no passwords
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/passwd", "/etc/group"),
    *("/etc/fonts", "/etc/mime.types", "/etc/ssl/openssl.cnf", "/etc/alternatives"),
)
_MACHINE = (
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg"),
    *("/sys/devices/system", "/sys/fs/cgroup", "/dev/urandom", "/dev/random", "/dev/zero"),
)
_TELLING = {  # what the table says of an attempt that succeeded
    "read": "reads files",
    "write": "changes files",
    "tcp": "reaches the network (TCP)",
    "udp": "reaches the network (UDP)",
    "signal": "can end the grader",
}


@dataclass(frozen=True)
class Box:
    """The folders of one kernel, within `own`, and those of the course, which all of them read."""

    own: Path
    shared: Path
    course: Path

    @property
    def home(self) -> Path:
        """The kernel's home and working folder."""
        return self.own / "home"

    @property
    def temporary(self) -> Path:
        """The kernel's folder for temporary files."""
        return self.own / "tmp"

    @property
    def open(self) -> Path:
        """What kernel and grader share: the sockets, and a prepared cache of fonts."""
        return self.own / "box"


@dataclass(frozen=True)
class Wall:
    """One way to keep a student's code in, and what it could still do when it was tried."""

    name: str
    user: tuple[int, int] | None = None
    possible: tuple[str, ...] = field(default=(), compare=False)

    @property
    def holds(self) -> bool:
        """Whether files are safe behind it."""
        return self.name != "none" and not {"read", "write"} & {*self.possible}

    def __str__(self) -> str:
        open_ = [_TELLING[one] for one in self.possible]
        return f"{self.name}, but code {', '.join(open_)}" if open_ else self.name

    def command(self, argv: list[str], box: Box) -> list[str]:
        """Write the command that runs `argv` behind this wall."""
        if sys.platform == "win32":
            return argv
        landlock = "Landlock" in self.name
        settings = {
            "argv": argv,
            "limits": _LIMITS | {"RLIMIT_NPROC": _threads(self.user) + PROCESSES},
            "keep": sys.platform == "linux" and self.name != "bubblewrap",
            "spaces": self.name.startswith("spaces"),
            "user": self.user,
            "read": [*_readable(box), *_MACHINE] if landlock else [],
            "write": [str(box.own), "/dev/null"] if landlock else [],
            "silent": landlock,
        }
        script = str(box.shared / "confine.py")
        inner = [sys.executable, "-I", script, json.dumps(settings)]
        if self.name == "bubblewrap":
            return [*_bubblewrap(box, self.user), *inner]
        if self.name == "sandbox-exec":
            return ["sandbox-exec", "-p", _profile(box), *inner]
        return inner


def _threads(user: tuple[int, int] | None) -> int:
    """Count the threads of a user: the limit of processes counts them all, wherever they run."""
    wanted, found = user[0] if user else os.getuid(), 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        if process.info["uids"] and process.info["uids"].real == wanted:
            found += process.info["num_threads"] or 1
    return found


def _readable(box: Box) -> list[str]:
    """List what stays readable: the system's programs, Python, and the course as students have it."""
    python = {sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))}
    return [*_SYSTEM, *_SETTINGS, *sorted(python), str(box.shared), str(box.course)]


def _bubblewrap(box: Box, user: tuple[int, int] | None) -> list[str]:
    spaces = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    spaces = [*spaces, "--cap-add", "ALL"] if user or not os.getuid() else ["--unshare-all"]
    inside = [["--ro-bind-try", path, path] for path in _readable(box)]
    kept = ["--bind", str(box.open), str(box.open)]
    folders = [
        part for path in (box.home, box.temporary) for part in ("--perms", "0777", "--dir", path)
    ]
    return [
        *("bwrap", "--die-with-parent", "--new-session", *spaces),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(64 * MEGABYTE), "--perms", "1777", "--tmpfs", "/dev/shm"),
        *("--size", str(DISK), "--perms", "0777", "--tmpfs", str(box.own)),
        *(part for one in inside for part in one),
        *kept,
        *map(str, folders),
        *(
            "--remount-ro",
            "/dev",
            "--remount-ro",
            "/",
        ),  # they hold what memory has, without a limit
        *("--chdir", str(box.home), "--"),
    ]


def _profile(box: Box) -> str:
    """Write macOS's rules: nothing of people's files, no network, writing in the own folder only."""
    closed = [str(Path.home()), "/Users", "/Volumes", tempfile.gettempdir()]
    opened = [path for path in _readable(box) if path not in _SYSTEM] + [str(box.own)]
    lines = [
        "(version 1)(allow default)(deny network*)",
        '(allow network* (local unix-socket) (remote unix-socket (path-literal "/none")))',
        f"(deny file-read-data {_beneath(closed)})",
        f"(allow file-read-data {_beneath(opened)})",
        f"(deny file-write*)(allow file-write* {_beneath([str(box.own), '/dev/null'])})",
        "(deny signal)(allow signal (target same-sandbox))",
    ]
    return "\n".join(lines)


def _beneath(paths: list[str]) -> str:
    return " ".join(f"(subpath {json.dumps(os.path.realpath(path))})" for path in paths)


# trying


def best(shared: Path) -> Wall:
    """Try the walls that this system may have, and give the first that holds; else the wall "none".

    `shared` is a folder made by :func:`crmlib.course.grading.launch.prepare`.
    """
    for wall in _candidates():
        tried = _tried(wall, shared)
        if tried and tried.holds:
            return tried
    return _tried(Wall("none", _nobody()), shared) or Wall("none")


def _candidates() -> Iterator[Wall]:
    names = {"linux": ["bubblewrap", "spaces and Landlock", "Landlock"], "darwin": ["sandbox-exec"]}
    for name in names.get(sys.platform, []):
        if name == "bubblewrap" and not shutil.which("bwrap"):
            continue
        users = [_nobody(), None] if sys.platform == "linux" and not os.getuid() else [None]
        for user in users:
            yield Wall(name, user)


def _nobody() -> tuple[int, int] | None:
    """Name the user that root becomes: root has no limit of processes."""
    if sys.platform != "linux" or os.getuid():
        return None
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def _tried(wall: Wall, shared: Path) -> Wall | None:
    """Try what is possible behind a wall; None where it cannot be built here."""
    with own_folder(wall) as own, _listening() as (settings, udp):
        box = Box(own, shared, shared / "course")
        secret = shared.parent / "secret"
        secret.write_text("not for students")
        secret.chmod(0o666)
        size = secret.stat().st_size
        settings |= {"file": str(secret), "folder": str(paths.EXERCISES)}
        probe = [sys.executable, "-I", str(shared / "probe.py"), json.dumps(settings)]
        try:
            run = subprocess.run(
                wall.command(probe, box),
                capture_output=True,
                timeout=30,
                cwd=box.home,
                start_new_session=True,
            )
            # A packet into the void, or a file in a space of its own, does nothing.
            happened = {"udp": _arrived(udp), "write": secret.stat().st_size != size}
            possible = [one for one in json.loads(run.stdout) if happened.get(one, True)]
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return None
    return Wall(wall.name, wall.user, tuple(possible))


@contextmanager
def own_folder(wall: Wall) -> Iterator[Path]:
    """Make the folder of one kernel."""
    short = (
        None if len(tempfile.gettempdir()) < 60 else "/tmp"
    )  # the name of a socket has 107 letters
    own = Path(tempfile.mkdtemp(prefix="crm", dir=short)).resolve()
    try:
        for name in ("home", "tmp", "box"):
            (own / name).mkdir()
        if wall.user:
            for path in (own, *own.iterdir()):
                os.chown(path, *wall.user)
        yield own
    finally:
        _remove(own)


def _remove(own: Path) -> None:
    """Remove a kernel's folder, whatever was made in it: folders closed, or deeper than Python goes."""
    with suppress(RecursionError):
        shutil.rmtree(own, ignore_errors=True)
    if own.exists() and os.name == "posix":
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
            subprocess.run([*command, str(own)], capture_output=True, check=False)


@contextmanager
def _listening() -> Iterator[tuple[dict, socket.socket]]:
    """Listen as a neighbour would, and give the ports and the grader's own number."""
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()
        udp.bind(("127.0.0.1", 0))
        space = os.readlink("/proc/self/ns/pid") if sys.platform == "linux" else None
        ports = {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1]}
        udp.setblocking(False)
        yield {**ports, "pid": os.getpid(), "space": space}, udp


def _arrived(udp: socket.socket) -> bool:
    """Say whether a packet came: to send one into the void is always possible."""
    try:
        return bool(udp.recv(10))
    except OSError:
        return False


def script(name: str) -> Path:
    """Give the path of a file that runs beside the student's code."""
    return Path(beside.__file__).with_name(name)
