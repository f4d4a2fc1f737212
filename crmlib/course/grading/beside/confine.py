"""Put a process behind limits and a wall, then let it run a student's code; a script of its own.

``python -I confine.py SETTINGS`` with SETTINGS in JSON (see :func:`main`). It stands between the
grader and the kernel: it drops what rights it has, ends the kernel's whole family with itself, and
imports only the standard library, for it starts with every notebook. Linux does all of this; other
systems do what they know.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import signal
import sys
from pathlib import Path

# prctl(2)
_DEATH_SIGNAL, _KEEP_CAPABILITIES, _SECCOMP, _SUBREAPER, _NO_NEW_PRIVILEGES = 1, 8, 22, 36, 38
_AMBIENT, _RAISE, _MAY_READ = 47, 2, 2  # the capability to read whatever stands there
# unshare(2): users; processes, network, messages between processes
_USERS, _SPACES = 0x10000000, 0x20000000 | 0x40000000 | 0x08000000
# landlock(7): calls and rights
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ, _WRITE = 0b1101, 0b1111111111110  # run, read file and folder; change, make and remove
_TRUNCATE, _DEVICE = 1 << 14, 1 << 15
_FILE = 0b111 | _TRUNCATE | _DEVICE  # of these, what can be asked of a file that is no folder


def main(settings: dict) -> None:
    """Go behind the wall and become the kernel.

    `settings` has `argv`; `limits` (names of :mod:`resource` with numbers); `keep`, whether to stay
    as the family's keeper; `spaces`, whether to leave the system's processes and network behind;
    `user`, whom to become; `read` and `write`, the paths that stay open (others are closed if
    either is given); `silent`, whether to lose the right to talk to other programs.
    """
    if sys.platform == "linux":
        _prctl(_DEATH_SIGNAL, signal.SIGTERM if settings["keep"] else signal.SIGKILL)
        if settings["spaces"]:
            _leave()
        if settings["keep"]:
            _keep()
    _limit(settings["limits"])
    if settings["user"]:
        _become(*settings["user"])
    if sys.platform == "linux":
        _prctl(_DEATH_SIGNAL, signal.SIGKILL)  # another user's has to be said anew
        _prctl(_NO_NEW_PRIVILEGES, 1)
    if settings["read"] or settings["write"]:
        _close_files(settings["read"], settings["write"])
    if settings["silent"]:
        _silence()
    os.execve(settings["argv"][0], settings["argv"], dict(os.environ))


# one process, and its family


def _keep() -> None:
    """Split: the child goes on, and the parent ends everything that the child leaves behind."""
    adopt()
    grader = os.getpid()
    child = os.fork()
    if not child:
        _prctl(_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() not in (
            grader,
            0,
        ):  # it died before the line above; 0 in a space of its own
            os._exit(1)
        return
    signal.signal(signal.SIGTERM, lambda *_: os._exit(_end(1)))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = 1
    while True:
        pid, code = os.wait()
        if pid == child:
            status = os.waitstatus_to_exitcode(code)
            break
    os._exit(_end(status & 255))


def adopt(last: int = 0) -> None:
    """Become the parent of descendants whose own is gone; get the signal `last` when ours is."""
    _prctl(_SUBREAPER, 1)
    if last:
        _prctl(_DEATH_SIGNAL, last)


def _end(status: int) -> int:
    """End all descendants, those too that make new ones meanwhile."""
    while True:
        for pid in family(os.getpid()):
            _kill(pid)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return status


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def family(root: int) -> list[int]:
    """List the descendants of a process, eldest first; Linux only.

    Eldest first, because a fork bomb ended from its leaves grows faster than it is ended.
    """
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (parent := _parent(entry)) is not None:
            children.setdefault(parent, []).append(int(entry))
    found, at = [root], 0
    while at < len(found):
        found += children.get(found[at], [])
        at += 1
    return found[1:]


def _parent(pid: str) -> int | None:
    try:
        text = Path("/proc", pid, "stat").read_bytes()
    except OSError:
        return None
    return int(text[text.rindex(b")") + 2 :].split()[1])


# rights


def _limit(limits: dict[str, int]) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, most in limits.items():
        if hasattr(resource, name):
            which = getattr(resource, name)
            ceiling = resource.getrlimit(which)[1]
            most = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
            resource.setrlimit(which, (most, most))


def _leave() -> None:
    """Enter spaces in which there are no other processes, no network and no shared memory."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _SPACES | (_USERS if user else 0))
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _become(user: int, group: int) -> None:
    """Change from root to nobody, who has a limit of processes; keep only what reading needs."""
    _prctl(_KEEP_CAPABILITIES, 1)
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    mask = 1 << _MAY_READ
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0))
    _prctl(_AMBIENT, _RAISE, _MAY_READ)


def _close_files(read: list[str], write: list[str]) -> None:
    """Close all files but those beneath the paths given, and the rest that Landlock closes."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, 0, 1)
    if version < 1:
        raise OSError("no Landlock")
    rights = _READ | _WRITE | (1 << 13 if version > 1 else 0)
    rights |= (_TRUNCATE if version > 2 else 0) | (_DEVICE if version > 4 else 0)
    handled = [rights] + [0b11] * (version > 3) + [0b11] * (version > 5)  # TCP; abstract, signals
    attributes = (ctypes.c_uint64 * len(handled))(*handled)
    rules = libc.syscall(_CREATE, attributes, ctypes.sizeof(attributes), 0)
    for paths, allowed in ((read, _READ), (write, rights)):
        for path in paths:
            _open(libc, rules, path, allowed & rights)
    if rules < 0 or libc.syscall(_RESTRICT, rules, 0):
        raise OSError("Landlock refused")


def _open(libc, rules: int, path: str, allowed: int) -> None:
    class Beneath(ctypes.Structure):
        _pack_ = 1
        _layout_ = "ms"
        _fields_ = (("allowed", ctypes.c_uint64), ("path", ctypes.c_int32))

    try:
        there = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no opening
    if not os.path.isdir(path):
        allowed &= _FILE
    if libc.syscall(_ADD, rules, 1, ctypes.byref(Beneath(allowed, there)), 0):
        raise OSError(f"Landlock refused {path}")
    os.close(there)


def _silence() -> None:
    """Take away sockets that lead out: no internet families, and no connection to any program.

    A filter of system calls (seccomp); the kernel's own sockets only wait to be connected to.
    """
    calls = {"x86_64": (0xC000003E, 41, 42), "aarch64": (0xC00000B7, 198, 203)}
    machine, socket, connect = calls[platform.machine()]
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    program = [  # code, where to if so, where to if not (instructions to skip), number
        (load, 0, 0, 4),  # the machine
        (equal, 0, 8, machine),
        (load, 0, 0, 0),  # the call
        (at_least, 6, 0, 0x40000000),  # numbers of another machine
        (equal, 5, 0, connect),
        (equal, 4, 0, 425),  # io_uring, which has calls of its own
        (equal, 0, 2, socket),
        (load, 0, 0, 16),  # the family of a new socket; 1 stays within the computer
        (equal, 0, 1, 1),
        (give, 0, 0, 0x7FFF0000),  # allowed
        (give, 0, 0, 0x0005005F),  # "not supported": libzmq gives up on the others and ends
    ]

    class Step(ctypes.Structure):
        _fields_ = (
            ("code", ctypes.c_uint16),
            ("yes", ctypes.c_uint8),
            ("no", ctypes.c_uint8),
            ("number", ctypes.c_uint32),
        )

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(Step)))

    steps = (Step * len(program))(*(Step(*step) for step in program))
    filters = Program(len(program), steps)
    _call("prctl", _SECCOMP, 2, ctypes.byref(filters), 0, 0)


def _prctl(*arguments: int) -> None:
    _call("prctl", *(ctypes.c_ulong(one) for one in (*arguments, 0, 0, 0)[:5]))


def _call(name: str, *arguments) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
