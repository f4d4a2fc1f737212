"""What stands in the place of the checks while a notebook is graded: it holds no answer.

The grader copies this file to ``crmlib/course/checks.py`` of the course that a student's code sees.
"""

from crmlib.course.grading import answers


class _Check:
    __slots__ = ()

    def __call__(self, answer):
        """Take an answer; the grader asks for it by itself."""

    grade = __call__


class _Set:
    __slots__ = ()

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return _Check()


def of(name):
    """Give checks that say nothing."""
    return _Set()


def hand_over(answer):
    """Write an answer as the grader reads it."""
    return answers.Parcel(answer)


def call(number, given):
    """Call a function that was handed over, and hand over what it gives."""
    return answers.Parcel.of_call(number, given)
