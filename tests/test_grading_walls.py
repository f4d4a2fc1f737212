"""What a student's code can do behind each wall that this computer can build, and without one."""

import json
import os
import socket
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from crmlib import paths
from crmlib.course.grading import answers, launch, talk, walls

pytestmark = pytest.mark.slow
linux = pytest.mark.skipif(sys.platform != "linux", reason="the walls of Linux")


@pytest.fixture(scope="module")
def shared():
    with tempfile.TemporaryDirectory() as folder:  # not pytest's: root's kernels run as nobody
        os.chmod(folder, 0o755)
        made = Path(folder).resolve() / "shared"
        made.mkdir()
        yield launch.prepare(made)


def built(name, shared):
    """The wall of that name, tried; skipped with a reason where this computer cannot build it."""
    for wall in walls._candidates():
        tried = walls._tried(wall, shared) if wall.name == name else None
        if tried:
            return tried
    pytest.skip(f"this computer cannot build the wall {name!r}")


@pytest.fixture(scope="module", params=["bubblewrap", "spaces and Landlock", "Landlock"])
def wall(request, shared):
    return built(request.param, shared)


@linux
def test_a_wall_lets_nothing_out_that_was_tried(wall):
    assert wall.holds
    # Without spaces of its own, an old kernel's Landlock knows no signals.
    assert set(wall.possible) <= ({"signal"} if wall.name == "Landlock" else set())


def test_without_a_wall_files_are_open_and_it_is_said(shared):
    tried = walls._tried(walls.Wall("none", walls._nobody()), shared)
    assert not tried.holds and {"read", "write"} <= {*tried.possible}
    assert "reads files, changes files" in str(tried)


ESCAPES = """
import os, signal, socket, subprocess, sys
def can(attempt):
    try:
        attempt()
        return True
    except BaseException:
        return False
course = {course!r}
import crmlib
done = [name for name, attempt in {{
    "instructor": lambda: open(course + "/exercises/instructor/{set}/{set}.ipynb").read(),
    "checks": lambda: open(course + "/exercises/checks/2_4_buy_till_you_die.py").read(),
    "neighbours": lambda: os.listdir(course + "/exercises"),
    "grader's code": lambda: open(course + "/crmlib/course/checks/tasks.py").read(),
    "grader's environment": lambda: open("/proc/{pid}/environ").read(),
    "grader ended": lambda: os.kill({pid}, 0) if os.path.exists("/proc/{pid}/cwd") else 1 / 0,
    "out folder": lambda: open({out!r} + "/gradebook.db", "a"),
    "course changed": lambda: open(crmlib.__file__, "a"),
    "home": lambda: open({home!r} + "/.bashrc").read(),
    "a program that listens": lambda: socket.socket(socket.AF_UNIX).connect({out!r} + "/line"),
    "TCP": lambda: socket.create_connection(("127.0.0.1", {port}), 1),
    "secret": lambda: os.environ["CRMLIB_SECRET"],
    "passwords": lambda: open("/etc/shadow").read(),
}}.items() if can(attempt)]
"""


@pytest.fixture(scope="module")
def kernel(wall, shared):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRMLIB_SECRET", "x")
        with talk.Kernel(wall, shared) as kernel:
            yield kernel


@linux
def test_a_students_code_finds_the_course_and_nothing_else(kernel, tmp_path):
    (tmp_path / "gradebook.db").touch()
    line = socket.socket(socket.AF_UNIX)
    line.bind(str(tmp_path / "line"))
    line.listen()
    for path in (tmp_path, tmp_path.parent, tmp_path.parents[1], *tmp_path.iterdir()):
        if "pytest" in str(path):
            path.chmod(0o777)  # so that nothing but the wall is in the way
    with walls._listening() as (ports, _):
        escapes = ESCAPES.format(
            course=str(paths.COURSE),
            set="ex_2_4_buy_till_you_die",
            pid=os.getpid(),
            out=str(tmp_path),
            home=str(Path.home()),
            port=ports["tcp"],
        )
        ran = kernel.run(escapes, 60)
        assert ran.end == "ok", ran.outputs
        assert answers.unpack(kernel.value("done", 30), None) == []
    line.close()
    ran = kernel.run(
        "import crmlib as crm, matplotlib.pyplot as plt\n"
        "plt.plot([1, 2]); plt.show()\n"
        "open('mine.txt', 'w').write('x'); print(len(crm.load('cdnow_sample')))\n"
        "import crmlib.course.checks as c; assert not hasattr(c, 'tasks')",
        90,
    )
    kinds = {kind for one in ran.outputs for kind in one.get("data", {"stream": one.get("text")})}
    assert ran.end == "ok" and {"image/png", "stream"} <= kinds, ran.outputs


@linux
def test_limits_hold_and_the_whole_family_ends(kernel):
    process = kernel._process._process.pid
    ran = kernel.run("import numpy as np\nx = np.ones(3 << 27)", 30)  # 3 GB
    assert [one.ename[-11:] for one in ran.outputs] == ["MemoryError"]
    ran = kernel.run("f = open('large', 'wb')\nfor _ in range(100): f.write(b'x' * 2**20)", 30)
    assert ran.outputs[-1].ename == "OSError"
    full = "import os\nfor place in ('/', '/dev/', os.path.dirname(os.getcwd())[:4] + '/'):\n"
    full += "    try: open(place + 'new', 'w').close(); print(place)\n    except OSError: pass"
    assert kernel.run(full, 30).outputs == []  # nowhere but in its own folder
    ran = kernel.run("print('x' * 3_000_000)\nprint('after')", 30)
    assert ran.cut and len(str(ran.outputs)) < 500_000
    detached = (
        "import subprocess, sys\n"
        "code = 'import time, os; os.setsid(); time.sleep(600)'\n"
        "several = [subprocess.Popen([sys.executable, '-I', '-S', '-c', code], "
        "start_new_session=True) for _ in range(3)]"
    )
    assert kernel.run(detached, 30).end == "ok"
    family = launch.confine.family(process)
    assert len(family) >= 4
    assert kernel.run("while True: print('x' * 1000)", 2).end == "timeout" and kernel.alive
    assert kernel.run("x = 1", 60).end == "ok"  # it has nothing left to print
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    assert kernel.run(deaf, 3).end == "timeout" and not kernel.alive
    assert launch.wait_until(lambda: not any(map(psutil.pid_exists, family)), 10)


def called_with(word):
    called = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    return [line for line in called if word in line]


@linux
def test_a_fork_bomb_ends_with_its_kernel(shared):
    wall = walls.best(shared)
    if wall.user is None and not os.getuid():
        pytest.skip("root has no limit of processes, and could not become nobody here")
    if not wall.holds:
        pytest.skip("no wall can be built here")
    with talk.Kernel(wall, shared) as kernel:
        mark = kernel._process.connection  # a fork keeps the words that its parent was called with
        ran = kernel.run("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", 5)
        assert ran.end in ("timeout", "dead", "error")
    assert launch.wait_until(lambda: not called_with(mark), 10)
    with talk.Kernel(wall, shared) as kernel:  # and the next one starts
        assert kernel.run("x = 1", 30).end == "ok"


def test_an_answer_is_asked_for_whatever_its_cell_did_to_names(shared):
    wall = walls.best(shared)
    with talk.Kernel(wall, shared) as kernel:
        kernel.run("len = 5; json = None; print = None; x = 0.25\ndef f(n): return 2 * n", 30)
        kernel.run("exit()\nquit()", 30)  # forgotten by an honest student
        kernel.run("__import__('time').sleep(0.5)", 30)
        assert kernel.alive
        assert answers.unpack(kernel.value("x", 30), None) == 0.25
        ask = lambda number, given: kernel.call(number, given, 30)  # noqa: E731
        assert answers.unpack(kernel.value("f", 30), ask)(4) == 8
        with pytest.raises(talk.Failed, match="NameError"):
            kernel.value("nowhere", 30)
        with pytest.raises(talk.Slow):
            kernel.value("sum(0 for _ in iter(int, 1))", 1)
        assert kernel.alive
        with pytest.raises(talk.Gone):
            kernel.value("__import__('os')._exit(1)", 30)


@linux
def test_what_is_hidden_from_the_watchdog_is_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(launch, "_MOST_WRITTEN", 1 << 20)
    (tmp_path / "small").write_bytes(b"x" * 1000)
    assert launch._hoarded(tmp_path) is None and launch._unlinked([os.getpid()]) is None
    with (tmp_path / "gone").open("wb") as file:  # it takes room and stands nowhere
        (tmp_path / "gone").unlink()
        file.write(b"x" * (2 << 20))
        file.flush()
        assert "without a name" in launch._unlinked([os.getpid()])
    own = tmp_path / "own"
    own.mkdir()
    here = os.open(own, os.O_RDONLY)
    for _ in range(1500):  # deeper than Python goes, and than a path is long
        os.mkdir("d", dir_fd=here)
        here, before = os.open("d", os.O_RDONLY, dir_fd=here), here
        os.close(before)
    os.close(here)
    assert "within each other" in launch._hoarded(tmp_path)
    walls._remove(own)
    assert not own.exists()

    def closed(path):
        raise PermissionError(path)

    monkeypatch.setattr(launch.os, "scandir", closed)
    assert launch._hoarded(tmp_path) == "it hid a folder"


def test_settings_are_one_line_of_json(shared, tmp_path):
    box = walls.Box(tmp_path, shared, shared / "course")
    for wall in (walls.Wall("Landlock"), walls.Wall("bubblewrap"), walls.Wall("none")):
        command = wall.command(["python"], box)
        assert json.loads(command[-1])["argv"] == ["python"]
