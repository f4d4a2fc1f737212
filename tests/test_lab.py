"""The reader's copies and the JupyterLab that serves them: no change of the reader's is ever lost."""

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from crmlib import paths
from crmlib.course import browser, cli, lab, stored
from crmlib.course.copies import FOLDERS, Copies

pytestmark = pytest.mark.slow

EXAMPLE = "notebooks/1_first/1_1_ask.ipynb"
EXERCISE = "exercises/student/1_1_ask/1_1_ask.ipynb"
PAGE = "notebooks/1_first/README.md"
EVERY_KIND = "notebooks/every_kind.ipynb"


def save(path, *sources, number=7):
    """Write a notebook of code cells, executed, with `number` for a result."""
    cells = [new_code_cell(source, id=f"c{i}") for i, source in enumerate(sources)]
    for i, cell in enumerate(cells):
        cell.execution_count = i + 1
        cell.outputs = [new_output("stream", name="stdout", text=f"{number}\n")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(stored.as_saved(new_notebook(cells=cells)), encoding="utf-8", newline="\n")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course in a place whose name is awkward: one worked example, its exercise, a page, a picture."""
    course = tmp_path / "a {course} 课程"
    save(course / EXAMPLE, "a = 1", "print(a)")
    save(course / EXERCISE, "answer = ...")
    (course / PAGE).write_text("# 第一章\n", encoding="utf-8")
    (course / "notebooks/map.png").write_bytes(b"\x89PNG\r\n")
    for other in ("notebooks/.ipynb_checkpoints/1_1_ask-checkpoint.ipynb", "notebooks/ruff.toml"):
        (course / other).parent.mkdir(exist_ok=True)
        (course / other).write_text("{")
    save(course / "exercises/instructor/1_1_ask/1_1_ask.ipynb", "answer = 42")
    monkeypatch.setattr(paths, "COURSE", course)
    return course


def update(course):
    with Copies(course) as copies:
        return copies.bring_up_to_date()


def files(folder):
    found = [path for path in folder.rglob("*") if path.is_file() and ".crmlib" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def edit(path, change):
    book = nbformat.read(path, as_version=4)
    change(book)
    nbformat.write(book, path)


def write(text):
    return lambda book: book.cells[0].update(source=text)


# copying


def test_copies_are_the_course_s_files_in_the_course_s_places(course):
    assert update(course) == ["Files copied into work/: 4"]
    copied = files(course / "work")
    assert sorted(copied) == sorted([EXAMPLE, EXERCISE, PAGE, "notebooks/map.png"])
    assert all(copied[name] == (course / name).read_bytes() for name in copied)


def test_nothing_new_is_nothing_to_say_and_nothing_to_write(course):
    update(course)
    before = {path: path.stat().st_mtime_ns for path in (course / "work/notebooks").rglob("*")}
    assert update(course) == []
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_what_the_reader_removed_comes_back(course):
    update(course)
    (course / "work" / EXAMPLE).unlink()
    assert update(course) == ["Files copied into work/: 1"]
    assert (course / "work" / EXAMPLE).read_bytes() == (course / EXAMPLE).read_bytes()


def run_again(book):
    book.cells[0].outputs, book.cells[0].execution_count = [], 12


def fold(book):
    book.cells[0].metadata.update(collapsed=True, jupyter={"source_hidden": True})


NO_CHANGE = {
    "run": run_again,
    "other kernel": lambda book: book.metadata.language_info.update(version="3.13.1"),
    "folded": fold,
    "a blank cell after the last": lambda book: book.cells.append(new_code_cell("\n")),
    "written otherwise": lambda book: None,  # nbformat.write is not the course's own writer
}


@pytest.mark.parametrize("change", NO_CHANGE.values(), ids=NO_CHANGE)
def test_a_copy_that_was_only_read_is_brought_up_to_date(course, change):
    update(course)
    edit(course / "work" / EXAMPLE, change)
    save(course / EXAMPLE, "a = 2", "print(a)")
    assert update(course) == ["Files brought up to date in work/, unchanged by you: 1"]
    assert (course / "work" / EXAMPLE).read_bytes() == (course / EXAMPLE).read_bytes()


def picture(book):
    book.cells[0] = new_markdown_cell("a = 1", attachments={"x.png": {"image/png": "AAAA"}})


CHANGE = {
    "another text": write("a = 3"),
    "a new cell": lambda book: book.cells.append(new_markdown_cell("My note.")),
    "a cell less": lambda book: book.cells.pop(),
    "another order": lambda book: book.cells.reverse(),
    "another kind": lambda book: book.cells.insert(0, new_markdown_cell(book.cells.pop(0).source)),
    "a picture": picture,
}


@pytest.mark.parametrize("change", CHANGE.values(), ids=CHANGE)
def test_a_changed_copy_is_kept_and_the_new_version_laid_beside_it_once(course, change):
    update(course)
    edit(course / "work" / EXAMPLE, change)
    mine = (course / "work" / EXAMPLE).read_bytes()
    assert update(course) == []
    save(course / EXAMPLE, "a = 2", "print(a)")
    assert update(course) == [
        f"You changed work/{EXAMPLE}; the new version is beside it: 1_1_ask.new1.ipynb"
    ]
    assert (course / "work" / EXAMPLE).read_bytes() == mine
    new = course / "work/notebooks/1_first/1_1_ask.new1.ipynb"
    assert new.read_bytes() == (course / EXAMPLE).read_bytes()
    assert update(course) == []


def test_a_torn_copy_and_a_changed_page_are_the_reader_s(course):
    update(course)
    mine = {EXAMPLE: b'{"cells": [', PAGE: "# 我的".encode()}
    for name, content in mine.items():
        (course / "work" / name).write_bytes(content)
    save(course / EXAMPLE, "a = 2")
    (course / PAGE).write_text("# new\n")
    assert len(update(course)) == 2
    assert {name: (course / "work" / name).read_bytes() for name in mine} == mine
    assert (course / "work/notebooks/1_first/README.new1.md").read_text() == "# new\n"


def test_new_results_alone_are_not_laid_beside_a_changed_copy(course):
    update(course)
    edit(course / "work" / EXAMPLE, write("a = 3"))
    save(course / EXAMPLE, "a = 1", "print(a)", number=8)
    assert update(course) == []


def test_the_next_new_version_replaces_the_last_unless_the_reader_changed_that_too(course):
    update(course)
    edit(course / "work" / EXAMPLE, write("a = 3"))
    for number, beside in ((4, ["new1"]), (5, ["new1"]), (6, ["new1", "new2"])):
        save(course / EXAMPLE, f"a = {number}")
        update(course)
        found = sorted((course / "work").rglob("*.new*.ipynb"))
        assert [path.suffixes[0][1:] for path in found] == beside
        assert found[-1].read_bytes() == (course / EXAMPLE).read_bytes()
        if number == 5:
            edit(found[0], write("mine = True"))


def test_a_reader_who_takes_the_new_version_is_up_to_date(course):
    update(course)
    edit(course / "work" / EXAMPLE, write("a = 3"))
    save(course / EXAMPLE, "a = 4")
    update(course)
    new = course / "work/notebooks/1_first/1_1_ask.new1.ipynb"
    os.replace(new, course / "work" / EXAMPLE)
    assert update(course) == []
    save(course / EXAMPLE, "a = 5")
    assert update(course) == ["Files brought up to date in work/, unchanged by you: 1"]


def test_what_the_course_has_no_more_goes_unless_it_was_changed(course):
    update(course)
    edit(course / "work" / EXAMPLE, write("a = 3"))
    for name in ("notebooks", "exercises/student"):
        shutil.rmtree(course / name)
    [line] = update(course)
    assert line.startswith("Files removed from work/, unchanged by you") and line.endswith(": 3")
    assert list(files(course / "work")) == [EXAMPLE]
    assert not (course / "work/exercises").exists()
    assert update(course) == []


@pytest.mark.parametrize("record", [None, "{", '["old"]'])
def test_without_its_record_nothing_of_the_reader_s_is_lost(course, record):
    update(course)
    edit(course / "work" / EXAMPLE, write("a = 3"))
    mine = (course / "work" / EXAMPLE).read_bytes()
    path = course / "work/.crmlib/copied.json"
    path.unlink() if record is None else path.write_text(record)
    assert update(course)[-1].startswith(f"You changed work/{EXAMPLE}")
    assert (course / "work" / EXAMPLE).read_bytes() == mine
    save(course / EXERCISE, "answer = None")
    assert update(course) == ["Files brought up to date in work/, unchanged by you: 1"]


def test_a_stop_halfway_is_taken_up_again(course, monkeypatch):
    update(course)
    save(course / EXERCISE, "answer = None")
    (course / PAGE).write_text("# new\n")
    replace, calls = os.replace, []

    def full(part, path):
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device", str(path))
        replace(part, path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            update(course)
    assert update(course) == ["Files brought up to date in work/, unchanged by you: 1"]
    names = (EXERCISE, PAGE)
    assert all((course / "work" / n).read_bytes() == (course / n).read_bytes() for n in names)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_every_text_of_the_reader_stays_somewhere(course, seed, capsys):
    """Updates, edits and resets at random: a text that a reader wrote is lost only by the reader."""
    chance, texts = random.Random(seed), {}
    update(course)
    for step in range(40):
        match chance.randrange(4):
            case 0:
                save(course / EXAMPLE, f"course = {step}")
            case 1:
                update(course)
            case 2:
                assert cli.main(["reset", "1.1"]) == 0
            case 3:
                path = chance.choice(sorted((course / "work").rglob("1_1_ask*.ipynb")))
                text = f"mine = {step}"
                texts.pop(nbformat.read(path, as_version=4).cells[0].source, None)  # overwritten
                edit(path, write(text))
                texts[text] = path
        found = files(course / "work").items()
        kept = "".join(text.decode() for name, text in found if name.endswith(".ipynb"))
        assert all(f'"{text}"' in kept for text in texts)


# going back


def test_reset_brings_one_back_and_keeps_the_reader_s_numbered(course, capsys):
    update(course)
    for number in (1, 2):
        edit(course / "work" / EXAMPLE, write(f"mine = {number}"))
        mine = (course / "work" / EXAMPLE).read_bytes()
        assert cli.main(["reset", "1.1"]) == 0
        old = f"1_1_ask.old{number}.ipynb"
        said = f"work/{EXAMPLE} is as the course has it. Yours is kept as {old}.\n"
        assert capsys.readouterr().out == said
        assert (course / "work" / EXAMPLE).with_name(old).read_bytes() == mine
        assert (course / "work" / EXAMPLE).read_bytes() == (course / EXAMPLE).read_bytes()
    assert update(course) == []


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (["1.1"], EXAMPLE),
        (["1_1_ask"], EXAMPLE),
        ([f"work/{EXAMPLE}"], EXAMPLE),
        (["1.1", "--exercise"], EXERCISE),
    ],
)
def test_reset_takes_a_number_or_a_name_of_example_or_exercise(course, argv, name, capsys):
    assert cli.main(["reset", *argv]) == 0  # also before the first `crmlib lab`
    assert capsys.readouterr().out == f"work/{name} is as the course has it.\n"
    edit(course / "work" / name, run_again)
    assert cli.main(["reset", *argv]) == 0
    assert list(files(course / "work")) == [name]  # a fresh run is not kept
    assert files(course / "work")[name] == (course / name).read_bytes()


def test_reset_to_the_new_version_clears_what_lay_beside(course):
    update(course)
    edit(course / "work" / EXAMPLE, write("a = 3"))
    save(course / EXAMPLE, "a = 4")
    update(course)
    assert cli.main(["reset", "1.1"]) == 0
    found = sorted(path.name for path in (course / "work/notebooks/1_first").glob("*.ipynb"))
    assert found == ["1_1_ask.ipynb", "1_1_ask.old1.ipynb"]


def test_reset_of_an_unknown_number_names_what_there_is(course, capsys):
    assert cli.main(["reset", "9.9"]) == 1
    err = capsys.readouterr().err
    assert "9.9 is not a notebook of the course" in err and "1_1_ask" in err


# updates


def git(folder, *command):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    made = subprocess.run(["git", *who, *command], cwd=folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_git_pull_works_for_a_reader_who_has_worked_through_half(course, tmp_path):
    shutil.copyfile(Path(__file__).parents[1] / ".gitignore", course / ".gitignore")
    git(course, "init", "--quiet", "--initial-branch=main")
    git(course, "add", "--all")
    git(course, "commit", "--quiet", "--message=first")
    git(tmp_path, "clone", "--quiet", str(course), "mine")
    mine = tmp_path / "mine"
    update(mine)
    edit(mine / "work" / EXERCISE, write("answer = 42"))
    edit(mine / "work" / EXAMPLE, run_again)
    assert git(mine, "status", "--porcelain") == ""
    save(course / EXAMPLE, "a = 2")
    save(course / EXERCISE, "answer = None")
    git(course, "commit", "--all", "--quiet", "--message=second")
    git(mine, "pull", "--quiet", "--ff-only")
    up_to_date, beside = update(mine)
    assert up_to_date == "Files brought up to date in work/, unchanged by you: 1"
    assert beside.startswith(f"You changed work/{EXERCISE};")
    assert b"answer = 42" in (mine / "work" / EXERCISE).read_bytes()


# the course's own notebooks


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """A copy of what the course copies, so that a test leaves the course itself alone."""
    root = tmp_path_factory.mktemp("shipped")
    for folder in FOLDERS:
        ignore = shutil.ignore_patterns(".ipynb_checkpoints")
        shutil.copytree(paths.COURSE / folder, root / folder, ignore=ignore)
    (root / EVERY_KIND).write_text(stored.as_saved(every_kind()), encoding="utf-8", newline="\n")
    return root


def every_kind():
    """Make a notebook with all that the course writes into one, metadata above all."""
    about = {"image/png": {"alt": "Rising", "digest": "0123abcd", "width": 640}}
    png = {"image/png": "iVBORw0KGgo=\n", "text/plain": "[Figure: Rising]"}
    table = {"text/html": "<table>\n</table>", "text/plain": "   a\n0  1"}
    facts = {"the 1,946": "lost.sum()", "last 15": "given: weeks, 客户"}
    folded = {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    outputs = [
        new_output("stream", name="stdout", text="1\n2"),
        new_output("display_data", png, metadata=about),
        new_output("stream", name="stdout", text="3\n"),
        new_output("execute_result", table, execution_count=1),
    ]
    cells = [
        new_markdown_cell("# Who?\n\nThe 1,946 of the last 15.\n", metadata={"facts": facts}),
        new_code_cell("", metadata={"tags": ["parameters"]}),
        new_code_cell("# Draw\nx\n", metadata=folded, outputs=outputs, execution_count=1),
        new_markdown_cell(
            "## Going further", metadata={"jp-MarkdownHeadingCollapsed": True, "editable": False}
        ),
        new_code_cell("y", metadata={"collapsed": True, "jupyter": {"outputs_hidden": True}}),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    return new_notebook(cells=cells, metadata={"crmlib": {"guards": 3}})


def test_links_between_the_copies_lead_to_copies(shipped):
    update(shipped)
    work, dead = shipped / "work", []
    for path in [*work.rglob("*.ipynb"), *work.rglob("*.md")]:
        for link in re.findall(r"\]\((?![a-z]+:|#)([^)#\s]+)", text_of(path)):
            target = (path.parent / link).resolve()
            if not (target.exists() and target.is_relative_to(work.resolve())):
                dead.append(f"{path.relative_to(work)}: {link}")
    assert not dead, "link only to what FOLDERS in crmlib/course/copies.py holds"


def text_of(path):
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.mark.parametrize(
    "path", stored.notebooks(), ids=lambda path: path.relative_to(paths.COURSE).as_posix()
)
def test_a_notebook_is_stored_as_jupyterlab_saves_it(path):
    text = path.read_text(encoding="utf-8")
    # A bare assert would print the whole notebook.
    same = text == stored.as_saved(nbformat.reads(text, as_version=4))
    assert same, "run: uv run python -m crmlib.course.stored"


def test_storing_rewrites_only_what_differs(course, capsys):
    path = course / EXAMPLE
    before = path.read_bytes()
    edit(path, lambda book: book.metadata.update(kernelspec={"name": "x", "display_name": "x"}))
    assert stored.main([]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert path.read_bytes() == before


# JupyterLab

# A course in another place, served as `crmlib lab` serves this one.
SERVE = (
    "import sys; from pathlib import Path; from crmlib import paths; from crmlib.course import cli"
)
SERVE += "; paths.COURSE = Path(sys.argv[1]); sys.exit(cli.main(['lab', *sys.argv[2:]]))"


@pytest.fixture(scope="module")
def served(shipped, tmp_path_factory):
    """Give the address of a running JupyterLab, with {} for the page, and what it said at its start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("settings")
    command = [sys.executable, "-c", SERVE, str(shipped), "--no-browser", "--port", str(port)]
    command += ["--IdentityProvider.token=secret", "--ServerApp.port_retries=0"]
    command += ["--LabApp.expose_app_in_browser=True"]
    own = {"JUPYTER_CONFIG_DIR": str(folder), "JUPYTERLAB_WORKSPACES_DIR": str(folder / "w")}
    with (folder / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **own}
        )
    address = f"http://127.0.0.1:{port}/{{}}?token=secret"
    try:
        wait_for(address.format("api/status"), server)
        yield address, folder / "log.txt"
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_for(address, server, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            return fetch(address).read()
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"no answer from {address}")


def fetch(address):
    return urllib.request.urlopen(address, timeout=30)


def test_lab_serves_the_copies_and_asks_the_network_nothing(served, shipped):
    address, log = served
    start = fetch(address.format(""))
    assert start.url.split("?")[0].endswith(f"/lab/tree/{lab.START}")
    page = start.read().decode()
    assert '"news": {"disabled": true}' in page
    top = json.loads(fetch(address.format("api/contents/")).read())["content"]
    assert sorted(entry["name"] for entry in top) == ["exercises", "notebooks"]
    said = log.read_text("utf-8", "replace")
    assert f"Your copies are in {shipped / 'work'}." in said


needs_browser = pytest.mark.skipif(browser.PROGRAM is None, reason="needs Chromium or Chrome")
OPEN = "window.jupyterapp.shell.currentWidget?.context?.path"
SAVE = """(async () => {{
  const app = window.jupyterapp, file = {{path: {path}, factory: "Notebook"}};
  const panel = await app.commands.execute("docmanager:open", file);
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;  // writes its version into the notebook
  app.shell.activateById(panel.id);
  await app.commands.execute("docmanager:save");
  await panel.sessionContext.shutdown();
  panel.dispose();
}})()"""
LINK = """[...window.jupyterapp.shell.currentWidget.node.querySelectorAll("a")]
  .find(link => decodeURI(link.href).includes({target}))"""


@pytest.fixture(scope="module")
def page(served, tmp_path_factory):
    """JupyterLab in a browser, as a reader first sees it."""
    with browser.Browser(tmp_path_factory.mktemp("browser")) as page:
        page.open(served[0].format(""))
        page.wait_until("window.jupyterapp?.started")
        page.run("window.jupyterapp.restored.then(() => 1)")
        yield page


@needs_browser
def test_links_lead_from_the_first_page_to_a_chapter_and_its_exercise(page):
    page.wait_until(f"{OPEN} === {json.dumps(lab.START)}")
    # JupyterLab draws only the cells in view; the map is the last.
    cells = "window.jupyterapp.shell.currentWidget.content"
    page.run(f"{cells}.scrollToItem({cells}.widgets.length - 1)")
    example = "2_lifetime_value/2_4_buy_till_you_die.ipynb"
    follow(page, example)
    page.wait_until(f"{OPEN} === 'notebooks/{example}'")
    chapter = json.dumps("notebooks/2_lifetime_value/README.md")
    opened = f"window.jupyterapp.commands.execute('docmanager:open', {{path: {chapter}}})"
    page.run(f"{opened}.then(() => 1)")
    page.wait_until(f"{OPEN} === {chapter}")
    exercise = "exercises/student/ex_2_4_buy_till_you_die/ex_2_4_buy_till_you_die.ipynb"
    follow(page, exercise)  # which is there once the page is drawn, not edited
    page.wait_until(f"{OPEN} === '{exercise}'")


def follow(page, target):
    """Click a link of the file in view; one in a file behind it does not count."""
    link = LINK.format(target=json.dumps(target))
    page.wait_until(link)
    page.run(f"{link}.click()")


def but_for_the_kernel(text):
    """Leave out of a saved notebook which Python ran it."""
    return re.sub(r'("pygments_lexer": "ipython3"),\s*"version": "[^"]*"', r"\1", text)


@needs_browser
@pytest.mark.parametrize(
    "name",
    [
        "notebooks/00_start_here.ipynb",
        "notebooks/1_satisfaction/1_6_twenty_minutes.ipynb",
        "notebooks/2_lifetime_value/2_4_buy_till_you_die.ipynb",
        "exercises/student/ex_2_4_buy_till_you_die/ex_2_4_buy_till_you_die.ipynb",
        EVERY_KIND,
    ],
)
def test_opening_and_saving_changes_nothing_but_the_kernel_s_version(page, shipped, name):
    before = (shipped / name).read_text(encoding="utf-8")
    page.run(SAVE.format(path=json.dumps(name)))
    saved = (shipped / "work" / name).read_text(encoding="utf-8")
    version = "{}.{}.{}".format(*sys.version_info)
    assert f'"version": "{version}"' in saved  # it was saved, by this kernel
    assert but_for_the_kernel(saved) == but_for_the_kernel(before), (
        "JupyterLab saves it otherwise than crmlib.course.stored"
    )
    assert update(shipped) == []
