"""Hand-ins are found however they were collected, and rebuilt whatever was done to their cells."""

import copy
import json
import os
import stat
import sys
import zipfile
from functools import cache

import nbformat
import pytest

from crmlib import paths
from crmlib.course.checks import tasks
from crmlib.course.grading import collect, cycle, exercise_sets, judge, rebuild

SET = "ex_2_4_buy_till_you_die"
OTHER = "ex_2_5_money_and_lifetime_value"


def notebook(role, name=SET):
    return nbformat.read(paths.EXERCISES / role / name / f"{name}.ipynb", as_version=4)


def cell(nb, grade_id):
    return next(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


# finding


@pytest.fixture(scope="module")
def known():
    return cycle._known()


@pytest.fixture
def found(tmp_path, known):
    """Collect what was laid into tmp_path / in."""
    (tmp_path / "in").mkdir()

    def look():
        folder = (tmp_path / "in", tmp_path / "in" / "out", tmp_path / "unpacked", known)
        return collect.collect(*folder)

    return look


def lay(folder, name, text="{}", when=None):
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if when:
        os.utime(path, (when, when))
    return path


@pytest.mark.parametrize(
    ("name", "student"),
    [
        (f"lee/{SET}/{SET}.ipynb", "lee"),
        (f"lee/{SET}.ipynb", "lee"),
        (f"{SET}_lee.ipynb", "lee"),
        (f"lee_{SET}.ipynb", "lee"),
        (f"{SET}/lee/{SET}.ipynb", "lee"),
        (f"{SET}/lee/notebook.ipynb", "lee"),
        (f"lee/{SET} (1).ipynb", "lee"),
        (f"lee/{SET}-Copy1.ipynb", "lee"),
        (f"lee/{SET.removeprefix('ex_')}.ipynb", "lee"),
        ("2_4_buy_till_you_die_lee (2).ipynb", "lee"),
        (f"李雷/{SET}/{SET}.ipynb", "李雷"),
        (f"mo broken/{SET}.ipynb", "mo broken"),
        (f"Li Lei_123456_assignsubmission_file/{SET}.ipynb", "Li Lei"),
        (f"Li Lei_123456_assignsubmission_file_/{SET}.ipynb", "Li Lei"),
        (f"韩梅梅_7_assignsubmission_file_{SET}.ipynb", "韩梅梅"),
        (f"lilei_4455_66778_{SET}.ipynb", "lilei"),
        (f"lilei_LATE_4455_66778_{SET}-1.ipynb", "lilei"),
        (f"submissions/lee/{SET}.ipynb", "lee"),
        (f"lee/work/exercises/student/{SET}/{SET}.ipynb", "lee"),
    ],
)
def test_a_hand_in_is_known_by_its_path(found, tmp_path, name, student):
    lay(tmp_path, name)
    everything = found()
    assert list(everything.hand_ins) == [(student, SET)]
    assert everything.refused == []


def test_a_notebook_without_a_name_is_known_by_its_cells(found, tmp_path):
    lay(tmp_path, "lee/Untitled.ipynb", json.dumps(notebook("student")))
    bare = notebook("student", OTHER)
    for one in bare.cells:
        one.metadata = {}
    lay(tmp_path, "ann/Untitled1.ipynb", json.dumps(bare))
    lay(tmp_path, "bob/Untitled.ipynb", nbformat.writes(nbformat.v4.new_notebook()))
    everything = found()
    assert sorted(everything.hand_ins) == [("ann", OTHER), ("lee", SET)]
    assert everything.refused == [("bob/Untitled.ipynb", "belongs to no exercise set")]


def test_what_is_not_graded_is_named_and_stops_nothing(found, tmp_path):
    lay(tmp_path, f"lee/{SET}.ipynb")
    lay(tmp_path, f"lee/._{SET}.ipynb")
    lay(tmp_path, f"__MACOSX/lee/{SET}.ipynb")
    lay(tmp_path, f"lee/.ipynb_checkpoints/{SET}-checkpoint.ipynb")
    lay(tmp_path, f"out/submitted/lee/{SET}/{SET}.ipynb")
    lay(tmp_path, f"{SET}.ipynb")
    lay(tmp_path, "ann/report.pdf")
    lay(tmp_path, "torn/Untitled.ipynb", '{"cells": [')
    lay(tmp_path, "torn/class.zip", "no zip")
    (tmp_path / "in" / "empty").mkdir()
    (tmp_path / "in" / "linked").mkdir()
    os.symlink(paths.EXERCISES / "instructor", tmp_path / "in" / "linked" / SET)
    os.symlink(
        paths.EXERCISES / "instructor" / SET / f"{SET}.ipynb",
        tmp_path / "in" / "linked" / f"{SET}.ipynb",
    )
    everything = found()
    assert list(everything.hand_ins) == [("lee", SET)]
    assert dict(everything.refused) == {
        f"{SET}.ipynb": "says not whose it is: put it in a folder of the student's name",
        "ann/report.pdf": "is no notebook (.ipynb)",
        "torn/Untitled.ipynb": "cannot be read as a notebook (JSONDecodeError)",
        "torn/class.zip": "cannot be unpacked: it is damaged",
        f"linked/{SET}": "is a link and no file",
        f"linked/{SET}.ipynb": "is a link and no file",
        "empty/": "holds no notebook",
    }


def test_of_several_the_newest_that_can_be_read_counts_and_it_is_said(found, tmp_path):
    good = json.dumps(notebook("student"))
    lay(tmp_path, f"lee/{SET}.ipynb", good, 1000)
    lay(tmp_path, f"lee/{SET} (1).ipynb", good, 2000)
    lay(tmp_path, f"lee/{SET} (2).ipynb", "torn", 3000)
    everything = found()
    assert everything.hand_ins["lee", SET].told == f"lee/{SET} (1).ipynb"
    note = everything.notes["lee", SET]
    assert note.startswith(f"handed in 3 times: lee/{SET} (1).ipynb counts, not ")


def test_a_zip_is_looked_through_and_leads_nowhere_else(found, tmp_path):
    good = json.dumps(notebook("student"))
    (tmp_path / "in").mkdir(exist_ok=True)
    with zipfile.ZipFile(tmp_path / "in" / "class.zip", "w") as archive:
        archive.writestr(f"李雷/{SET}.ipynb", good)
        archive.writestr(f"../../../evil/{SET}.ipynb", good)
        archive.writestr(f"__MACOSX/lee/._{SET}.ipynb", "x")
        archive.writestr("ann/more.zip", "x")
        link = zipfile.ZipInfo(f"bob/{SET}.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(tmp_path / "in" / "eve.zip", "w") as archive:
        archive.writestr(f"{SET}.ipynb", good)
    everything = found()
    assert sorted(everything.hand_ins) == [("eve", SET), ("evil", SET), ("李雷", SET)]
    assert everything.refused == [
        ("class.zip/ann/more.zip", "is a ZIP within a ZIP: unpack it"),
        (f"class.zip/bob/{SET}.ipynb", "is a link and no file"),
    ]
    assert all(one.path.parent == tmp_path / "unpacked" for one in everything.hand_ins.values())
    assert not (tmp_path.parent / "evil").exists()
    if os.name == "posix":  # others use this computer, too
        assert stat.S_IMODE((tmp_path / "unpacked").stat().st_mode) == 0o700


def test_a_zip_that_swells_is_refused(found, tmp_path, monkeypatch):
    monkeypatch.setattr(rebuild, "MOST_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "in" / "lee.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{SET}.ipynb", "0" * 10**6)
    assert found().refused == [(f"lee.zip/{SET}.ipynb", "is larger than 0 MB")]
    monkeypatch.setattr(collect, "_MOST_ZIP", 1000)
    assert found().refused == [("lee.zip", "holds too many files, or too large ones: unpack it")]


GOOD = json.dumps(notebook("student"))


def zipped(folder, name, *members, when=(2026, 11, 1, 12, 0, 0)):
    path = folder / "in" / name
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo(member, when)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, GOOD)
    return path


def told(everything):
    return {student: one.told for (student, _), one in everything.hand_ins.items()}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these")
def test_what_is_no_file_is_neither_waited_for_nor_read(found, tmp_path):
    lay(tmp_path, f"lee/{SET}.ipynb")
    for name in ("pipe.zip", "lee/pipe.ipynb"):
        os.mkfifo(tmp_path / "in" / name)
    os.link(lay(tmp_path, "key", GOOD), tmp_path / "in" / f"eve_{SET}.ipynb")
    deep = "/".join("d" * 13)
    lay(tmp_path, f"lee/{deep}/{SET}.ipynb")
    everything = found()
    assert told(everything) == {"lee": f"lee/{SET}.ipynb"}
    assert dict(everything.refused) | {"key": ""} == {
        "key": "",
        "pipe.zip": "is no file",
        "lee/pipe.ipynb": "is no file",
        f"eve_{SET}.ipynb": "is a second name of another file: put a copy in its place",
        "/".join(["lee", *"d" * 12]): "lies in more than 11 folders",
    }


def test_one_broken_member_stops_no_other(found, tmp_path):
    names = [f"{name}/{SET}.ipynb" for name in ("ann", "bob", "cat", "dan")]
    path = zipped(tmp_path, "class.zip", *names)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        torn, locked = archive.infolist()[1:3]
    content[torn.header_offset + 200 : torn.header_offset + 260] = bytes(60)
    content[locked.header_offset + 6] |= 1  # it says that it has a password, there and here
    place = content.index(b"PK\1\2", content.index(b"PK\1\2", content.index(b"PK\1\2") + 1) + 1)
    content[place + 8] |= 1
    path.write_bytes(content)
    everything = found()
    assert sorted(told(everything)) == ["ann", "dan"]
    assert dict(everything.refused) == {
        f"class.zip/bob/{SET}.ipynb": "cannot be unpacked: it is damaged",
        f"class.zip/cat/{SET}.ipynb": "cannot be unpacked: it has a password",
    }


def test_a_students_zip_takes_nobody_elses_place(found, tmp_path):
    mine = lay(tmp_path, f"Li Lei_1_assignsubmission_file/{SET}.ipynb", GOOD)
    theirs = f"Li Lei_1_assignsubmission_file/{SET}.ipynb"
    zipped(tmp_path, "Eve_2_assignsubmission_file_x.zip", theirs, when=(2050, 1, 1, 0, 0, 0))
    lay(tmp_path, f"ann/{SET}.ipynb", GOOD)
    assert told(found())["Li Lei"] == f"{mine.parent.name}/{mine.name}"
    assert told(found())["Eve"].startswith("Eve_2_assignsubmission_file_x.zip/")


def test_zips_of_students_are_named_by_the_zip_and_those_of_classes_by_their_folders(
    found, tmp_path
):
    for name, inside in (("ann", ""), ("bob", "homework/"), ("cat", "homework/"), ("eve", "ann/")):
        zipped(tmp_path, f"{name}.zip", f"{inside}{SET}.ipynb")
    assert {name: one.split("/")[0] for name, one in told(found()).items()} == {
        name: f"{name}.zip" for name in ("ann", "bob", "cat", "eve")
    }
    for path in (tmp_path / "in").iterdir():
        path.unlink()
    zipped(tmp_path, "class.zip", *(f"Spring 2026/{name}/{SET}.ipynb" for name in ("ann", "bob")))
    assert sorted(told(found())) == ["ann", "bob"]
    zipped(tmp_path, "late.zip", f"bob/{SET}.ipynb", when=(2026, 11, 2, 12, 0, 0))
    assert told(found())["bob"] == f"late.zip/bob/{SET}.ipynb"


def test_a_date_in_a_zip_is_not_later_than_the_zip(found, tmp_path):
    path = zipped(tmp_path, "lee.zip", f"{SET}.ipynb", when=(2050, 1, 1, 0, 0, 0))
    os.utime(path, (1000, 1000))
    lay(tmp_path, f"lee/{SET}.ipynb", GOOD, 2000)
    assert told(found()) == {"lee": f"lee/{SET}.ipynb"}


@pytest.mark.parametrize(
    ("names", "students", "alike"),
    [
        (
            [f"王伟_{n}_assignsubmission_file/{SET}.ipynb" for n in (101, 102)],
            ["王伟 101", "王伟 102"],
            True,
        ),
        (
            [f"wangwei_{n}_66778_{SET}.ipynb" for n in (4455, 4456)],
            ["wangwei 4455", "wangwei 4456"],
            True,
        ),
        ([f"{SET}_team-{n}.ipynb" for n in (1, 2)], ["team-1", "team-2"], False),
        ([f"{name}/{SET}.ipynb" for name in ("Ann!", "Ann?")], ["Ann-d2ab", "Ann-e1c7"], False),
        (
            [
                f"{name}/{SET}.ipynb" for name in ("Ann!", "Ann-e1c7")
            ],  # named after another's number
            ["Ann-e1c7-0c1ae544", "Ann-e1c7-e1c7a221"],
            True,
        ),
        (["李雷".encode("gbk"), "韩梅".encode("gbk")], ["李雷", "韩梅"], False),
        ([f"a\nb\x1b[2J/{SET}.ipynb"], ["a_b_2J-a0a1"], False),
    ],
)
def test_two_students_stay_two(found, tmp_path, names, students, alike):
    for name in names:
        if isinstance(name, bytes):
            if sys.platform != "linux":
                pytest.skip("names are characters here")
            name = os.fsdecode(name) + f"/{SET}.ipynb"
        lay(tmp_path, name, GOOD)
    everything = found()
    assert sorted(student for student, _ in everything.hand_ins) == sorted(students)
    said = ["another student's name is like this one's" in n for n in everything.notes.values()]
    assert said == [alike] * len(students)
    for one in everything.hand_ins.values():
        assert one.told.isprintable()


def test_names_that_differ_in_capitals_are_two_folders_everywhere(found, tmp_path):
    zipped(tmp_path, "class.zip", f"Lee/{SET}.ipynb", f"lee/{SET}.ipynb")
    students = [student.casefold() for student, _ in found().hand_ins]
    assert len(set(students)) == 2


def test_a_late_hand_in_is_said_to_be_late(found, tmp_path):
    lay(tmp_path, f"lilei_LATE_4455_66778_{SET}-1.ipynb", GOOD, 2000)
    lay(tmp_path, f"lilei_4455_66770_{SET}.ipynb", GOOD, 1000)
    assert found().notes["lilei", SET].startswith("handed in late; handed in 2 times: lilei_LATE")


def test_the_cells_tell_the_set_where_the_name_does_not(found, tmp_path):
    lay(tmp_path, f"lee/exercises/student/{SET}.ipynb", GOOD, 1000)
    example = next((paths.COURSE / "notebooks").rglob(f"{SET.removeprefix('ex_')}.ipynb"))
    where = f"lee/notebooks/{example.name}"
    lay(tmp_path, where, example.read_text(encoding="utf-8"), 2000)
    lay(tmp_path, f"ann/{OTHER}.ipynb", GOOD)
    everything = found()
    assert sorted(everything.hand_ins) == [("ann", SET), ("lee", SET)]
    assert everything.notes["ann", SET] == "its name is another set's, its cells are this one's"
    assert everything.refused == [
        (where, "holds no cell of an exercise: is it the worked example?")
    ]


@pytest.mark.parametrize(
    "name",
    [
        "=HYPERLINK(1)",
        "+1",
        "@x",
        "-2",
        "../up",
        "a/b",
        "<b>x</b>",
        "con",
        "",
        "a[1]*?",
        "x\u202ey",
    ],
)
def test_a_name_is_no_formula_no_path_and_no_markup(name):
    safe = collect.safe_name(name)
    assert safe and safe[0].isalnum() and not set(safe) & set("=+/\\<>[]*?\"'|:\u202e")
    assert safe != collect.safe_name(name + "!") and safe.lower() != "con"


# rebuilding


def put_together(cells):
    return rebuild.rebuild(notebook("student"), cells)


def handed_in(nb, tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(nb), encoding="utf-8")
    return put_together(rebuild.read(path))


def answered():
    nb, key = notebook("student"), notebook("instructor")
    for c in nb.cells:
        if c.metadata.get("nbgrader", {}).get("solution"):
            c.source = cell(key, c.metadata.nbgrader.grade_id).source
    return nb


def code(built):
    return [c.source for c in built.notebook.cells if c.cell_type == "code"]


def test_what_was_done_to_the_structure_costs_and_gains_nothing(tmp_path):
    whole = code(handed_in(answered(), tmp_path))
    nb = answered()
    for c in nb.cells:
        c.metadata["tags"] = ["skip-execution"]
        if c.metadata.get("nbgrader", {}).get("grade"):
            c.metadata.nbgrader.points = 100
            c.source = "pass" if c.cell_type == "code" else c.source
    nb.cells.remove(cell(nb, "gone_check"))
    nb.cells.reverse()
    built = handed_in(nb, tmp_path)
    assert code(built) == whole
    points = [c.metadata.nbgrader.points for c in built.notebook.cells if judge.is_grade(c)]
    assert points == [2, 2, 2, 2, 4, 6]
    assert not any("tags" in c.metadata for c in built.notebook.cells)
    assert "cell gone_check is missing" in built.notes
    assert "cell fit_check was changed" in built.notes


@pytest.mark.parametrize("kept", ["grade_id", "id", "neither"])
def test_a_cell_is_known_by_its_name_or_its_id_and_else_by_its_neighbour(tmp_path, kept):
    whole, nb = code(handed_in(answered(), tmp_path)), answered()
    for number, c in enumerate(nb.cells):
        if kept != "grade_id":
            c.metadata = {}
        if kept != "id":
            c["id"] = f"other{number}"
    built = code(handed_in(nb, tmp_path))
    assert [one for one in built if one != rebuild.MISSING] == whole


def test_split_and_copied_cells_run_in_order_and_the_last_that_says_something_counts(tmp_path):
    nb = answered()
    fit = cell(nb, "fit_answer")
    second = copy.deepcopy(fit)
    fit.source, second.source = "table = base", "model = crm.BGNBD().fit(table)"
    place = nb.cells.index(fit)
    nb.cells.insert(place + 1, second)
    nb.cells.append(cell(notebook("student"), "advice_answer"))  # untouched, below the one written
    built = handed_in(nb, tmp_path)
    sources = code(built)
    assert sources[sources.index("table = base") + 1] == "model = crm.BGNBD().fit(table)"
    assert cell(built.notebook, "fit_answer").source == "model = crm.BGNBD().fit(table)"
    assert cell(built.notebook, "advice_answer").source.startswith("**Rubric**")
    assert "cell fit_answer stands there 2 times" in built.notes


def test_a_deleted_answer_costs_itself_and_one_written_elsewhere_is_found(tmp_path):
    nb = answered()
    nb.cells.remove(cell(nb, "fit_answer"))
    advice = cell(nb, "advice_answer")
    nb.cells[nb.cells.index(advice)] = nbformat.v4.new_markdown_cell("Do not delete them.")
    built = handed_in(nb, tmp_path)
    assert cell(built.notebook, "fit_answer").source == rebuild.MISSING
    assert cell(built.notebook, "advice_answer").source == "Do not delete them."


def test_the_untouched_open_answer_stays_untouched_to_the_letter(tmp_path):
    from nbgrader.utils import compute_checksum

    one = cell(handed_in(notebook("student"), tmp_path).notebook, "advice_answer")
    assert compute_checksum(one) == one.metadata.nbgrader.checksum


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"cells": [' + '{"a":1},' * 1_000_000 + "{}]}",
        '{"cells": ' + "9" * 100_000 + "}",
        "null",
        '{"cells": 5}',
        '{"cells": [5]}',
        '{"cells": [{"source": "x"}]}',
        "[" * 10**5,
        '{"cells": [{"cell_type": "code", "source": {"a": 1}, "metadata": []}]}',
        '{"worksheets": []}',
    ],
)
def test_a_torn_file_is_refused_in_words(tmp_path, text):
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    with pytest.raises(rebuild.Unusable, match="cannot be read as a notebook"):
        rebuild.read(path)


def test_an_old_notebook_and_odd_characters_are_read(tmp_path):
    path = tmp_path / "x.ipynb"
    cells = [{"cell_type": "code", "input": ["a = 1\n", "b = 2"], "outputs": []}]
    path.write_text(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}))
    assert [one.source for one in rebuild.read(path)] == ["a = 1\nb = 2"]
    path.write_text('{"cells": [{"cell_type": "raw", "source": "half \\ud800", "metadata": {}}]}')
    assert [(one.kind, one.source) for one in rebuild.read(path)] == [("markdown", "half ?")]


def test_pasted_pictures_and_endless_texts_are_cut_and_it_is_said(tmp_path):
    nb = answered()
    cell(nb, "advice_answer").source = "![x](data:image/png;base64,iVBOR/+=) " + "> " * 20_000
    built = handed_in(nb, tmp_path)
    said = cell(built.notebook, "advice_answer").source
    assert said.startswith("![x]([a picture])") and said.endswith("[cut here]")
    assert (
        len(said) < 20_100 and "cell advice_answer was cut after 20,000 characters" in built.notes
    )
    nb.cells += [nbformat.v4.new_code_cell("#" * 100_000)] * 11
    with pytest.raises(rebuild.Unusable, match="characters in its cells: take out"):
        handed_in(nb, tmp_path)


# the instructor's copies


@cache
def loaded(set_):
    return tasks.load(set_)


def faults(nb, name):
    """What is wrong with the check cells of an instructor's copy: each must hand out and keep."""
    checks = [c for c in nb.cells if judge.is_grade(c) and c.cell_type == "code"]
    set_ = judge.set_of(nb)
    known, seen = loaded(set_), []
    for c in checks:
        shown, _, hidden = c.source.partition("\n### BEGIN HIDDEN TESTS\n")
        check = judge.Check.of(shown, set_)
        seen.append(check.task)
        wanted = f"check.{check.task}.grade({shown.partition('(')[2]}\n### END HIDDEN TESTS"
        if hidden.strip() != wanted:
            yield f"{c.metadata.nbgrader.grade_id}: the hidden test is {hidden!r}"
        if c.metadata.nbgrader.points <= 0 or not c.metadata.nbgrader.locked:
            yield f"{c.metadata.nbgrader.grade_id}: no points, or not locked"
    if sorted(seen) != sorted(known) or set_ != name.removeprefix("ex_"):
        yield f"checked are {sorted(seen)}, the checks know {sorted(known)}"


@pytest.mark.parametrize("name", exercise_sets())
def test_every_task_is_checked_once_by_a_hidden_test(name):
    nb = notebook("instructor", name)
    assert list(faults(nb, name)) == []
    for number, c in enumerate(nb.cells):  # and the removal of any one is noticed
        if judge.is_grade(c) and c.cell_type == "code":
            for start in ("### BEGIN", "check."):
                broken = copy.deepcopy(nb)
                lines = c.source.split("\n")
                if start == "check.":  # the hidden line alone
                    lines = [one for one in lines if ".grade(" not in one]
                else:
                    lines = lines[: lines.index("### BEGIN HIDDEN TESTS")]
                broken.cells[number].source = "\n".join(lines)
                assert list(faults(broken, name)), (name, c.id)
