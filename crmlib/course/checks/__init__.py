"""Instant feedback on an exercise: not tried yet, not yet (and why), right.

A set of exercises has one file of checks, ``exercises/checks/<set>.py``. Each task in it is a
*recipe*: a function that computes the right answer from the data, so that a class set with another
seed needs no new answers, and whose arguments are the decisions on the way. Beside each decision
stand the usual wrong options, each with what to say about it.

Examples
--------
>>> lost, everybody, back = 1414, 2357, 120
>>> @recipe(
...     Number(share=True),
...     means=lambda share: f"{share:.1%} came back.",
...     hints=("A share of whom?", "See section 1.", "Keep the lost, then ask who is among them."),
... )
... def came_back(
...     *,
...     of=choose(lost, {everybody: "You divided by all 2357 customers, not by those called lost."}),
...     counted=choose(back, {171: "You counted 171 purchases; the question is about customers."}),
... ):
...     return counted / of
>>> came_back(...)
Not tried yet. Put your answer where the ... stands, and run both cells again.
>>> came_back(0.0509)
Not yet: right type, wrong value. You divided by all 2357 customers, not by those called lost.
>>> came_back(171 / 2357)  # doctest: +NORMALIZE_WHITESPACE
Not yet: right type, wrong value. Two things together would give this:
(1) You divided by all 2357 customers, not by those called lost.
(2) You counted 171 purchases; the question is about customers.
Hint 1 of 3: A share of whom?
>>> came_back(0.085)
Right. 8.5% came back.
"""

from crmlib.course.checks.kinds import (
    Choice,
    Function,
    Ids,
    Integer,
    Model,
    Number,
    Table,
    Values,
)
from crmlib.course.checks.recipes import Recipe, choose, recipe
from crmlib.course.checks.tasks import Task, of

__all__ = [
    "Choice",
    "Function",
    "Ids",
    "Integer",
    "Model",
    "Number",
    "Recipe",
    "Table",
    "Task",
    "Values",
    "choose",
    "of",
    "recipe",
]
