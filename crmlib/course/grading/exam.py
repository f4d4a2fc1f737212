"""An exam: tables that nobody has seen, and student copies whose checks tell no verdict."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from crmlib import paths
from crmlib.course import places
from crmlib.course.grading import cycle

_KEEP, _TABLES = "instructor", "class_set"
_READ_ME = """# Exam

1. Put the folder `{tables}` into your folder of the course, and start the course with it:

   ```
   uv run crmlib lab --data {tables}
   ```

2. Open the exercises named below. The checks say whether an answer was tried and is of the right kind,
   and record it; what it is worth you are told with the marks.
3. Hand in the notebooks under their own names.

{sets}
"""


def prepare(folder: Path, *, sets: str | None = None) -> str:
    """Make what is handed out for an exam, and what the instructor keeps.

    The tables come of a secret seed of 64 bits: a small one could be guessed, and the truth be made
    again. The seed is written down in the instructor's folder and nowhere else.

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
    kept, out = folder / _KEEP, folder / cycle.HAND_OUT
    _generate(seed, kept / _TABLES)
    record = {"seed": seed, "sets": names}
    (kept / "seed.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        copies = cycle.release(temporary, names)
        for path in copies:
            shutil.copyfile(path, _made(out) / path.name)
    left = _without_truth(kept / _TABLES, out / _TABLES, out)
    listed = "\n".join(f"- `{name}.ipynb`" for name in names)
    text = _READ_ME.format(tables=_TABLES, sets=listed)
    (out / "README.md").write_text(text, encoding="utf-8")
    lines = [f"To hand out: {out}", f"To keep: {kept} (the seed, and the tables with their truth)"]
    if left:
        lines += [f"The sets themselves use {', '.join(left)}: these tables stayed in."]
    return "\n".join([*lines, f"Afterwards: crmlib grade SUBMISSIONS --exam {folder} --out DIR"])


def tables(folder: Path) -> Path:
    """Give the tables, truth and all, by which the exam of that folder is graded."""
    for path in (folder / _KEEP / _TABLES, folder / _TABLES, folder):
        if (path / "datapackage.json").exists() and not (path / cycle.EXAM_MARK).exists():
            return path
    raise places.Refusal(f"{folder} is no exam: `crmlib release --exam` makes one.")


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


def _without_truth(whole: Path, to: Path, copies: Path) -> list[str]:
    """Copy the tables but those of the truth; name those that a handed-out notebook loads itself."""
    text = "".join(
        cell.source
        for path in copies.glob("*.ipynb")
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    )
    package = json.loads((whole / "datapackage.json").read_text(encoding="utf-8"))
    used = {one for one in re.findall(r"shihu/(truth_\w+)", text)}
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
    (to / cycle.EXAM_MARK).write_text(json.dumps(exam), encoding="utf-8")
    return sorted(used)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
