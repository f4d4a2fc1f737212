"""The grading cycle: student copies out, hand-ins in, marks and feedback out.

The judge never runs a student's code, and a student's code never sees the judge. A hand-in is found
(:mod:`collect`) and rebuilt in the instructor's structure (:mod:`rebuild`), then runs in a kernel
(:mod:`launch`, :mod:`talk`) behind a wall (:mod:`walls`), which gives its answers as values
(:mod:`answers`); these are judged by the set's checks (:mod:`judge`), two hand-ins at a time
(:mod:`pool`), and entered into nbgrader's gradebook (:mod:`mark`).
"""

from crmlib.course.grading import exam
from crmlib.course.grading.cycle import COLUMNS, exercise_sets, grade, release

__all__ = ["COLUMNS", "exam", "exercise_sets", "grade", "release"]
