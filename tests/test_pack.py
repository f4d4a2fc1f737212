"""The instructor's pack: complete, true to the notebooks, readable by Moodle."""

import re
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree

import pytest
from test_chapter_pages import NO_NUMBERS, said

from crmlib.course import cli
from crmlib.course.checks import tasks
from crmlib.course.digests import NUMBER
from crmlib.course.pack import misconceptions, questions, rubrics, slides, syllabus
from crmlib.course.pack.lessons import lessons
from crmlib.paths import COURSE

QUESTIONS = questions.read()


def test_lessons_are_the_course_in_order():
    numbers = list(lessons())
    assert numbers[:3] == ["00", "0.1", "0.2"] and numbers[3:] == sorted(numbers[3:])
    assert "1.2" in lessons()["1.3"].builds_on
    assert all(lesson.minutes > 0 for lesson in lessons().values())
    assert lessons()["2.4"].exercise == 60


# Questions


def test_there_are_fifty_questions_ten_of_them_the_exam_s():
    names = [question["name"] for question in QUESTIONS]
    assert len(names) == len(set(names)) == 50
    assert [f"exam {n}" for n in range(1, 11)] == names[:10]
    assert {lesson for q in QUESTIONS if (lesson := q["where"])} == set(lessons()) - {"0.1", "0.2"}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["name"])
def test_every_number_of_a_reason_stands_in_its_notebook(question):
    told = " ".join([question["why"], question["right"], *question["wrong"].values()])
    known = said(lessons()[question["where"]].path) | set(NUMBER.findall(question["text"]))
    assert not [n for n in NUMBER.findall(NO_NUMBERS.sub("", told)) if n not in known]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["name"])
def test_a_question_has_one_right_answer_and_reasons(question):
    answers = [question["right"], *question["wrong"]]
    assert len(answers) == len(set(answers)) >= 4
    assert all(text.endswith((".", "?")) for text in [question["why"], *question["wrong"].values()])


def parsed(gift):
    """Read GIFT as Moodle does: unescaped marks only."""
    for block in re.split(r"\n\n+", gift):
        found = re.fullmatch(
            r"// .*\n::((?:\\.|[^:\\])+)::((?:\\.|[^{\\])+)\{\n(.*)\n\}", block.strip(), re.S
        )
        if found:
            marks = re.findall(r"^\t([=~])((?:\\.|[^#\\\n])+)#((?:\\.|[^\\\n])+)$", found[3], re.M)
            plain = [(m, re.sub(r"\\(.)", r"\1", a).strip()) for m, a, _ in marks]
            yield re.sub(r"\\(.)", r"\1", found[1]), plain


def test_gift_holds_every_question_with_one_right_answer():
    found = dict(parsed(questions.gift()))
    assert len(found) == 50
    for question in QUESTIONS:
        marks = found[question["name"]]
        assert marks[0] == ("=", question["right"])
        assert [a for m, a in marks if m == "~"] == list(question["wrong"])
        assert Counter(m for m, _ in marks)["="] == 1


# Syllabus and mistakes


@pytest.mark.parametrize("weeks", syllabus.WEEKS)
def test_a_syllabus_has_its_weeks_and_names_what_it_leaves_out(weeks):
    plan = syllabus.WEEKS[weeks]
    taught = " ".join(plan).split()
    assert len(plan) == weeks and len(taught) == len(set(taught))
    assert set(taught) <= set(lessons())
    for number, needs in syllabus.unprepared(plan).items():
        assert f"{number} builds on {needs}" in syllabus.page()


def test_the_longest_course_is_the_whole_course_and_prepares_everything():
    assert set(" ".join(syllabus.WEEKS[16]).split()) == set(lessons())
    assert syllabus.unprepared(syllabus.WEEKS[16]) == {}


def test_minutes_are_summed():
    week = next(line for line in syllabus.page().splitlines() if line.startswith("| 2 | 1.1"))
    first = lessons()["1.1"].minutes + lessons()["1.3"].minutes + lessons()["1.4"].minutes
    assert f"| {first} | " in week


def test_every_mistake_of_every_set_is_listed():
    text = misconceptions.page()
    for lesson in lessons().values():
        for task in tasks.load(lesson.path.stem).values() if lesson.exercise else ():
            assert all(message in text for message in task.messages.values())


# Slides and the map


def test_a_slide_shows_question_figure_and_answer():
    found = {section.title: section for section in slides.sections(lessons()["4.5"])}
    assert "Going further" not in " ".join(found)
    section = found["Where the list ends"]
    assert section.guess.endswith("?") and section.figure[1] and section.said
    assert found["On Monday"].said


@pytest.mark.parametrize("lesson", lessons().values(), ids=lambda lesson: lesson.path.stem)
def test_a_slide_stands_alone(lesson):
    page = slides.page(lesson)
    assert page.count("<section>") >= (1 if lesson.number == "00" else 3)
    assert not re.search(r"""<script|https?:|src="(?!data:image/png;base64)|\*\*|\]\(""", page)
    assert len(re.findall("<img ", page)) == len(re.findall(r'<img [^>]*alt="[^"]+"', page))


def test_the_pack_is_written_by_one_command(tmp_path, capsys):
    assert cli.main(["pack", "--out", str(tmp_path / "pack")]) == 0
    written = sorted(p.relative_to(tmp_path / "pack").as_posix() for p in tmp_path.rglob("*.*"))
    assert "questions.gift" in written and "syllabus.md" in written
    assert sum(name.startswith("slides/") for name in written) == len(lessons())
    drawn = ElementTree.parse(tmp_path / "pack/prerequisites.svg")
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}path"))) > len(lessons())
    assert "questions.gift" in capsys.readouterr().out


# Answers for a class set


@pytest.mark.slow
def test_answers_are_computed_for_a_class_set(seed_7, tmp_path):
    lesson = lessons()["2.2"]
    assert rubrics.write(lesson, seed_7, tmp_path) == "2.2: all cells ran"
    here = (tmp_path / f"ex_{lesson.path.stem}.html").read_text("utf-8")
    assert "Rubric" in here and "Right." in here


def test_a_folder_that_is_not_there_is_refused(tmp_path, capsys):
    assert cli.main(["pack", "--out", str(tmp_path), "--data", str(tmp_path / "none")]) == 1
    assert "There is no folder" in capsys.readouterr().err


def test_the_command_loads_nothing_heavy_before_it_runs():
    script = "import sys, crmlib.course.cli; print('nbclient' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=COURSE
    )
    assert done.stdout == "False\n"
