"""The proof of a recipe: every mistake is told from the right answer and from every other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from crmlib.course.checks.kinds import fits, quietly
from crmlib.course.checks.recipes import Option, Recipe


def faults(recipe: Recipe) -> list[str]:
    """List what is wrong with a recipe on the tables of today; an empty list is the proof.

    The right answer, also rounded to three digits, is right. No wrong option or slip is accepted,
    rounded or not; each is named by its own message, and no two options lead to the same answer.
    Every message contains the words of its option, so that two messages exchanged are noticed.

    >>> from crmlib.course.checks import Number, choose, recipe
    >>> @recipe(Number(), means="Half.", hints=("a", "b", "c"))
    ... def half(*, whole=choose(2, {2.0001: "You took 2.0001."})):
    ...     return 1 / whole
    >>> faults(half)
    ['whole=2.0001: its answer is taken for right']
    """
    with quietly():
        return [
            *_right(recipe),
            *_told_apart(recipe),
            *_named(recipe),
            *_slips(recipe),
            *_words(recipe),
        ]


def _right(recipe: Recipe) -> Iterator[str]:
    for answer in _dressed(recipe.right, recipe.kind.digits):
        outcome, text = recipe.judge(answer)
        if outcome != "right":
            yield f"the right answer, given as {_short(answer)}, is refused: {text}"


def _told_apart(recipe: Recipe) -> Iterator[str]:
    answers = {label: recipe.wrong(label) for label in recipe.options}
    for label, answer in answers.items():
        if any(
            fits(recipe.kind, one, recipe.right) for one in _dressed(answer, recipe.kind.digits)
        ):
            yield f"{label}: its answer is taken for right"
    for one, two in combinations(answers, 2):
        same = fits(recipe.kind, answers[one], answers[two])
        differ = recipe.messages[one] != recipe.messages[two]
        if same and differ and frozenset((one, two)) not in recipe.alike:
            yield f"{one} and {two} lead to the same answer"


def _named(recipe: Recipe) -> Iterator[str]:
    for label, message in recipe.messages.items():
        _, text = recipe.judge(recipe.wrong(label))
        if message not in text:
            yield f"{label}: its answer is told something else: {text}"


def _slips(recipe: Recipe) -> Iterator[str]:
    for message, wrong in recipe.kind.slips(recipe.right).items():
        outcome, text = recipe.judge(wrong)
        if outcome == "right":
            yield f"a slip is taken for right: {message}"
        elif not any(m in text for m in (message, *recipe.messages.values())):
            yield f"a slip is told something else: {message} {text}"


def _words(recipe: Recipe) -> Iterator[str]:
    options = list(recipe.options.values())
    for option in options:
        if not _speaks_of(option.message, option):
            yield f"{option.label}: its message does not contain the words of its name"
    for one, two in combinations(options, 2):
        exchanged = _speaks_of(one.message, two) and _speaks_of(two.message, one)
        if exchanged and one.message != two.message:
            yield f"{one.label} and {two.label}: nobody would notice their messages exchanged"


def _speaks_of(message: str, option: Option) -> bool:
    """Say whether a message holds every telling word of an option's name, or begins like it.

    >>> _speaks_of("You counted purchases, not customers.", Option("what", "purchase", ""))
    True
    """
    plain = isinstance(option.value, (bool, type(None)))
    name = option.decision if plain else option.name
    said = _split(message)
    return all(any(word.startswith(wanted[:5]) for word in said) for wanted in _split(name))


def _split(text: str) -> list[str]:
    found = re.findall(r"\d+(?:[.,]\d+)*|[a-z]+", text.lower())
    return [word for word in found if len(word) > 2 or word[0].isdigit()]


def _dressed(answer, digits: int) -> list:
    """Give an answer as students do: as it is, and rounded to the digits that the task asks for."""
    if isinstance(answer, (float, np.floating)):
        return [answer, float(f"{answer:.{digits}g}")]
    if isinstance(answer, (pd.Series, pd.DataFrame)):
        return [answer, answer.round(digits)]
    return [answer]


def _short(answer) -> str:
    return repr(answer).replace("\n", " ")[:60]
