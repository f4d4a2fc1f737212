"""An exam: what is handed out holds no truth and no seed, and its checks tell no verdict."""

import json
import subprocess
import sys

import nbformat
import pytest

import crmlib as crm
from crmlib import paths
from crmlib.course import cli
from crmlib.course.checks import tasks
from crmlib.course.grading import cycle, exam, exercise_sets, public
from crmlib.course.places import Refusal

pytestmark = pytest.mark.slow
SET = "ex_2_4_buy_till_you_die"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exams") / "exam"
    seeds = []

    def small(seed, to):
        seeds.append(seed)
        to.parent.mkdir(parents=True)
        command = [sys.executable, paths.DATASETS / "generate.py", "--seed", "9", "--out", to]
        command += ["--customers", "300"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exam, "_generate", small)
        patch.setattr(exam.secrets, "randbits", lambda bits: 2**63 + 7)  # the same on every run
        said = exam.prepare(folder, sets="2.2, 2.4, 4.1")
    return folder, seeds[0], said


def test_what_is_handed_out_has_no_truth_no_seed_and_no_solution(made):
    folder, seed, said = made
    out = folder / "hand_out"
    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {f"{SET}.ipynb", "ex_4_1_who_is_who.ipynb", "README.md"} <= names
    # 4.1 itself compares with the truth of the records: that table stays, and it is said.
    assert [name for name in names if "truth" in name] == ["class_set/truth_contacts.csv"]
    assert "use truth_contacts: these tables stayed in" in said
    for path in out.rglob("*"):
        if path.is_file():
            assert str(seed) not in path.read_text(encoding="utf-8")
    assert "SOLUTION" not in (out / f"{SET}.ipynb").read_text(encoding="utf-8")
    record = json.loads((folder / "instructor" / "seed.json").read_text(encoding="utf-8"))
    assert record["seed"] == seed == 2**63 + 7 and record["sets"][1:] == [SET, "ex_4_1_who_is_who"]
    assert (folder / "instructor" / "class_set" / "truth.json").exists()


def test_the_seed_is_secret_and_has_64_bits(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(exam.secrets, "randbits", lambda bits: asked.append(bits) or 5)
    monkeypatch.setattr(exam, "_generate", lambda seed, to: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        exam.prepare(tmp_path / "exam", sets="2.4")
    assert asked == [64]


def test_in_an_exam_a_check_tells_no_verdict(made, monkeypatch, capsys):
    monkeypatch.setenv("CRMLIB_DATA", str(made[0] / "hand_out" / "class_set"))
    check = crm.checks.of("2_4_buy_till_you_die")
    said = []
    for answer in (..., "text", 0.5, 0.0509, 5.09):
        assert check.warm_up(answer) is None
        said.append(capsys.readouterr().out)
        assert check.warm_up.grade(answer) is None
    assert said[0].startswith("Not tried yet") and said[1].startswith("Wrong kind. A number")
    assert set(said[2:]) == {"Recorded. What it is worth is told with the marks.\n"}
    assert tasks.load("2_4_buy_till_you_die")["warm_up"].judge(0.5)[0] == "not yet"
    with pytest.raises(crm.DataError, match=r"truth\.json is missing"):
        crm.truth()


def test_students_code_gets_the_tables_handed_out_and_the_judge_those_with_the_truth(
    made, tmp_path, monkeypatch
):
    whole = exam.tables(made[0])
    assert whole == made[0] / "instructor" / "class_set" == exam.tables(whole)
    with pytest.raises(Refusal, match="is no exam"):
        exam.tables(made[0] / "hand_out")
    asked = {}

    def grade(submissions, out, *, class_set, seen):  # hand_out/ itself may be gone by now
        names = {one: {path.name for path in one.iterdir()} for one in (class_set, seen)}
        asked.update(class_set=class_set, same=names[class_set] ^ names[seen])

    monkeypatch.setattr(cycle, "grade", grade)
    exam.grade(made[0], tmp_path, tmp_path)
    truth = {path.name for path in whole.glob("truth*")} - {"truth_contacts.csv"}
    assert asked == {"class_set": whole, "same": truth | {"exam.json"}} and len(truth) > 2


def test_tasks_whose_answer_is_known_are_named(made):
    # Their numbers stand in the text; the logs of the other sets are drawn for the exam.
    said = "Right is the answer of the course as shipped, which anyone may know, in:"
    known = "  ex_2_2_five_points_of_retention: warm_up, value, dear (3 of 5)"
    assert f"{said}\n{known}\nWhere that is by chance, another exam has other tables.\n" in made[2]


def test_an_exam_has_four_fifths_of_each_public_table(made, monkeypatch):
    whole = {name: crm.load(name) for name in crm.describe().name if "/" not in name}
    monkeypatch.setenv("CRMLIB_DATA", str(made[0] / "hand_out" / "class_set"))
    part = {name: crm.load(name) for name in whole}
    said = crm.describe().set_index("name")
    assert len(part) == 17 and said.what["tuna"].startswith("Four fifths, drawn for an exam, of: ")
    for name, table in whole.items():
        assert len(part[name]) == said.rows[name]
        count = {"donations": "donors", "housing": "freq"}.get(name)
        left, of = (one[count].sum() if count else len(one) for one in (part[name], table))
        assert 0.6 < left / of < 0.95, name
    units = {"cdnow": "customer_id", "tuna": "household", "febrl1": "person", "gehan": "pair"}
    for name, unit in units.items():  # who stays, stays whole
        stayed = whole[name][whole[name][unit].isin(part[name][unit])]
        assert stayed.reset_index(drop=True).equals(part[name])
    days, all_days = (one["bank_calls"]["start"].dt.date.value_counts() for one in (part, whole))
    assert days.equals(all_days.loc[days.index])
    sample, all_ = (set(part[name].customer_id) for name in ("cdnow_sample", "cdnow"))
    assert sample == set(whole["cdnow_sample"].customer_id) & all_


def test_the_part_is_the_seed_s(made, tmp_path):
    kept = made[0] / "instructor" / "class_set"
    for seed in (made[1], made[1] + 1):
        folder = tmp_path / str(seed)
        folder.mkdir()
        (folder / "datapackage.json").write_text('{"resources": []}', encoding="utf-8")
        public.draw(seed, folder)
        files = sorted(folder.glob("*.csv"))
        same = {one.read_bytes() == (kept / one.name).read_bytes() for one in files}
        assert len(files) == 17 and same == {seed == made[1]}


def test_student_copies_of_an_exam_are_those_of_the_course(made):
    one = nbformat.read(made[0] / "hand_out" / f"{SET}.ipynb", as_version=4)
    assert one == nbformat.read(paths.EXERCISES / "student" / SET / f"{SET}.ipynb", as_version=4)


def test_wrong_calls_are_refused_in_words(made, tmp_path, capsys):
    with pytest.raises(Refusal, match="is not empty"):
        exam.prepare(made[0])
    with pytest.raises(Refusal, match="is not a notebook of the course"):
        exam.prepare(tmp_path / "new", sets="9.9")
    assert exam._named(None) == exercise_sets()
    with pytest.raises(SystemExit):
        cli.main(["release", "--sets", "2.4"])
    assert "--sets goes with --exam" in capsys.readouterr().err
