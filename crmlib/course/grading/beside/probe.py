"""Try what a student's code must not do, and print what was possible, as a list in JSON.

``python -I probe.py SETTINGS`` with SETTINGS in JSON: `file`, to be read and changed; `folder`, to
be looked into; `tcp` and `udp`, ports on which the grader listens; `pid`, the grader's, and the
`space` in which it has that number. Run behind a wall by :mod:`crmlib.course.grading.walls`, so that
what the table says of a wall was tried on this computer.
"""

from __future__ import annotations

import json
import os
import socket
import sys


def _read(settings):
    try:
        open(settings["file"], "rb").close()
    except OSError:
        os.listdir(settings["folder"])


def _write(settings):
    with open(settings["file"], "ab") as file:
        file.write(b"changed")


def _tcp(settings):
    socket.create_connection(("127.0.0.1", settings["tcp"]), timeout=2).close()


def _udp(settings):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("127.0.0.1", settings["udp"]))
        line.send(b"out")


def _signal(settings):
    if settings["space"] and os.readlink("/proc/self/ns/pid") != settings["space"]:
        raise PermissionError  # whoever has that number in a space of its own is not the grader
    os.kill(settings["pid"], 0)


def possible(settings: dict) -> list[str]:
    """List the attempts that succeeded."""
    done = []
    for attempt in (_read, _write, _tcp, _udp, _signal):
        try:
            attempt(settings)
        except OSError:
            continue
        done.append(attempt.__name__.strip("_"))
    return done


if __name__ == "__main__":
    print(json.dumps(possible(json.loads(sys.argv[1]))))
