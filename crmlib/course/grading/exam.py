"""An exam: tables that nobody has seen, and student copies whose checks tell no verdict."""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pandas as pd

from crmlib import paths
from crmlib.course import places
from crmlib.course.checks import Function, tasks
from crmlib.course.checks.kinds import fits, quietly
from crmlib.course.grading import answers, cycle, public

_KEEP, _HAND_OUT, _TABLES = "instructor", "hand_out", "class_set"
_RECORD, _MARK = "seed.json", "exam.json"  # what the instructor keeps; what marks the tables
_READ_ME = """# Exam

1. Copy this folder, under the name `exam`, to `work/exercises/student/` in your folder of the course.
2. Start the course there with the tables of the exam:

   ```
   uv run crmlib lab --data work/exercises/student/exam/{tables}
   ```

3. Open the notebooks in `exercises/student/exam`:

{sets}

   The checks say whether an answer was tried and is of the right kind, and record it; what it is worth
   you are told with the marks. Of the real data (CDNOW, the tuna panel and others) you have a part,
   drawn for this exam: where the text says how many customers or rows there are, yours are fewer.
4. Save, and hand in these notebooks under their own names.
"""


def prepare(folder: Path, *, sets: str | None = None) -> str:
    """Make what is handed out for an exam, and what the instructor keeps.

    The tables come of a secret seed of 64 bits: a small one could be guessed, and the truth be made
    again. The seed is written down in the instructor's folder and nowhere else. Of the public tables
    it draws a part, so that published answers do not fit.

    Parameters
    ----------
    folder : Path
        New or empty; gets ``hand_out/`` and ``instructor/``.
    sets : str, optional
        Which sets, by number or name, parted by commas; all of them if not said.

    Returns
    -------
    str
        What was made, in words.

    Raises
    ------
    Refusal
        The folder holds something, or no set has that name.
    """
    names = _named(sets)
    if folder.exists() and any(folder.iterdir()):
        raise places.Refusal(f"{folder} is not empty; give a new folder.")
    seed = secrets.randbits(64)
    kept, out = folder / _KEEP, folder / _HAND_OUT
    _generate(seed, kept / _TABLES)
    public.draw(seed, kept / _TABLES)
    with tempfile.TemporaryDirectory() as temporary:
        copies = cycle.release(temporary, names)
        for path in copies:
            shutil.copyfile(path, _made(out) / path.name)
    left = _truth_used(out)
    record = {"seed": seed, "sets": names, "truth_used": left}
    (kept / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
    _without_truth(kept / _TABLES, out / _TABLES, left)
    listed = "\n".join(f"   - `{name}.ipynb`" for name in names)
    text = _READ_ME.format(tables=_TABLES, sets=listed)
    (out / "README.md").write_text(text, encoding="utf-8")
    lines = [f"To hand out: {out}", f"To keep: {kept} (the seed, and the tables with their truth)"]
    if left:
        lines += [f"The sets themselves use {', '.join(left)}: these tables stayed in."]
    if known := _known(names, kept / _TABLES):
        lines += [
            "Right is the answer of the course as shipped, which anyone may know, in:",
            *known,
            "Where that is by chance, another exam has other tables.",
        ]
    return "\n".join([*lines, f"Afterwards: crmlib grade SUBMISSIONS --exam {folder} --out DIR"])


def tables(folder: Path) -> Path:
    """Give the tables, truth and all, by which the exam of that folder is graded."""
    for path in (folder / _KEEP / _TABLES, folder / _TABLES, folder):
        if (path / "datapackage.json").exists() and not (path / _MARK).exists():
            return path
    raise places.Refusal(f"{folder} is no exam: `crmlib release --exam` makes one.")


def grade(folder: Path, submissions: Path, out: Path, **options) -> pd.DataFrame:
    """Grade an exam: judged by the truth, while students' code sees the tables handed out.

    `folder` is that of :func:`prepare`; the rest as for :func:`crmlib.course.grading.grade`.
    """
    whole = tables(folder)
    with tempfile.TemporaryDirectory() as temporary:
        seen = handed_out(whole, Path(temporary) / whole.name)
        return cycle.grade(submissions, out, class_set=whole, seen=seen, **options)


def handed_out(whole: Path, to: Path) -> Path:
    """Make the tables anew as students had them: their code must not see the truth.

    `whole` is what :func:`tables` gives, `to` a folder to make.
    """
    record = whole.parent / _RECORD
    known = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    _without_truth(whole, to, known.get("truth_used", []))
    return to


def _named(sets: str | None) -> list[str]:
    if not sets:
        return cycle.exercise_sets()
    folder = paths.EXERCISES / "instructor"
    return [places.notebook(name.strip(), folder).stem for name in sets.split(",")]


def _generate(seed: int, to: Path) -> None:
    """Simulate the firm. The seed goes by a pipe: a list of processes shows what is on a command."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import generate; "
        "generate.main(['--seed', sys.stdin.read(), '--out', sys.argv[2]])"
    )
    command = [sys.executable, "-c", code, str(paths.DATASETS), str(_made(to))]
    run = subprocess.run(command, input=str(seed), text=True, capture_output=True, check=False)
    if run.returncode:
        raise RuntimeError(f"The class set could not be made.\n{run.stderr[-500:]}")


def _truth_used(copies: Path) -> list[str]:
    """Name the tables of the truth that a handed-out notebook loads itself."""
    text = "".join(
        cell.source
        for path in copies.glob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    )
    return sorted(set(re.findall(r"shihu/(truth_\w+)", text)))


def _without_truth(whole: Path, to: Path, used: list[str]) -> None:
    """Copy the tables but those of the truth, of which only those used stay in."""
    package = json.loads((whole / "datapackage.json").read_text(encoding="utf-8"))
    resources = [
        one
        for one in package["resources"]
        if not one["name"].startswith("truth_") or one["name"] in used
    ]
    for one in resources:
        shutil.copyfile(whole / one["path"], _made(to) / one["path"])
    package["resources"] = resources
    content = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    (to / "datapackage.json").write_text(content, encoding="utf-8")
    exam = {"exam": hashlib.sha256(content.encode()).hexdigest()[:12]}
    (to / _MARK).write_text(json.dumps(exam), encoding="utf-8")


# tasks whose answers are known


def _known(names: list[str], exam: Path) -> list[str]:
    """List the tasks in which the shipped tables' right answer is right in the exam as well."""
    here, there = (_computed(names, folder) for folder in (exam, None))
    lines = []
    for name in names:
        loaded = tasks.load(name.removeprefix("ex_"))
        same = [t for t in loaded if _fits(loaded[t].kind, there[name][t], here[name][t])]
        if same:
            lines += [f"  {name}: {', '.join(same)} ({len(same)} of {len(loaded)})"]
    return lines


def _fits(kind, known: list[str], right: list[str]) -> bool:
    kind = kind.result if isinstance(kind, Function) else kind
    values = [[answers.unpack(text, None) for text in texts] for texts in (known, right)]
    return all(fits(kind, one, other) for one, other in zip(*values, strict=True))


def _computed(names: list[str], folder: Path | None) -> dict[str, dict[str, list[str]]]:
    """Compute the right answers with other tables; in a process of its own, for checks remember."""
    code = (
        "import sys, json; from crmlib.course.grading import exam; "
        "json.dump(exam.right_answers(sys.argv[2:]), open(sys.argv[1], 'w'))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "CRMLIB_DATA"}
    environment |= {"CRMLIB_DATA": str(folder)} if folder else {}
    with tempfile.TemporaryDirectory() as temporary:
        to = Path(temporary) / "answers.json"
        command = [sys.executable, "-c", code, str(to), *names]
        subprocess.run(command, env=environment, capture_output=True, check=True)
        return json.loads(to.read_text(encoding="utf-8"))


def right_answers(names: list[str]) -> dict[str, dict[str, list[str]]]:
    """Give the right answers of sets as text: for each task one, for a function one of each input."""
    return {
        name: {key: _right(task) for key, task in tasks.load(name.removeprefix("ex_")).items()}
        for name in names
    }


def _right(task) -> list[str]:
    with quietly():
        right = task.right
        if isinstance(task.kind, Function):
            right = [right(*given) for given in task.kind.inputs]
        else:
            right = [right]
    return [json.dumps(answers.pack(one)) for one in right]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
