"""A task as a recipe: the right way is a function of decisions, each with its usual wrong options."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from crmlib.course.checks.kinds import fits
from crmlib.course.checks.tasks import Task, listed

_SECONDS = 10.0  # the longest that a student waits for pairs of mistakes


def recipe(
    kind,
    *,
    means: str | Callable,
    hints: tuple[str, str, str],
    alike: Collection[tuple[str, str]] = (),
) -> Callable[[Callable], Recipe]:
    """Make a :class:`Recipe` of the function beneath, whose arguments are decisions.

    Parameters
    ----------
    kind : Number, Integer, Choice, Values, Table, Ids, Function or Model
        How an answer is compared with the right one, and which slips come with it.
    means : str or callable
        One line on what the right answer means; a callable gets the right answer.
    hints : three str
        A nudge, where to look, and a plan: shown one by one, from the second miss on.
    alike : pairs of str
        Wrong options that lead to the same answer by their nature, each as ``"decision=name"``:
        the check then offers both. Any other two must differ.

    Raises
    ------
    ValueError
        An argument of the function is no decision, or there are not three hints.

    Examples
    --------
    >>> from crmlib.course.checks import Integer
    >>> @recipe(
    ...     Integer(),
    ...     means="Promoters say 9 or 10.",
    ...     hints=("Who counts?", "Section 2.", "Count the answers from the border up."),
    ... )
    ... def promoters(*, border=choose(9, {8: "You counted 8 as a promoter; begin at 9."})):
    ...     return sum(score >= border for score in [10, 9, 8, 8, 3])
    >>> promoters(4)
    Not yet: right type, wrong value. You counted 8 as a promoter; begin at 9.
    """
    return lambda right: Recipe(right, kind, means=means, hints=hints, alike=alike)


class Decision(NamedTuple):
    """The right option of a decision, and the wrong ones with what to say about each."""

    right: object
    wrong: Mapping[Hashable, str]


def choose(right, wrong: Mapping[Hashable, str]) -> Decision:
    """Offer the right option of a decision and, beside their messages, the usual wrong ones.

    Options are what the recipe uses: names, numbers, functions. The message of an option is one or
    two sentences, and contains the words (or the number) that the option is called by.

    >>> choose(9, {8: "You counted 8 as a promoter."}).right
    9
    >>> choose(9, {9: "You counted 9."})
    Traceback (most recent call last):
    ValueError: The right option 9 is among the wrong ones.
    """
    if not wrong:
        raise ValueError("A decision needs at least one wrong option, with its message.")
    if right in wrong:
        raise ValueError(f"The right option {right!r} is among the wrong ones.")
    return Decision(right, wrong)


class Option(NamedTuple):
    """One wrong option: which decision, the value it takes, and what to say about it."""

    decision: str
    value: Hashable
    message: str

    @property
    def name(self) -> str:
        """The option as its author called it; a function by its name."""
        return getattr(self.value, "__name__", str(self.value))

    @property
    def label(self) -> str:
        """The option with its decision, as in ``"border=8"``."""
        return f"{self.decision}={self.name}"


class Recipe(Task):
    """A task whose wrong answers are computed: under each wrong option, and under two at once."""

    def __init__(self, right: Callable, kind, *, means, hints, alike=()):
        super().__init__(right, kind, means=means, hints=hints)
        if len(hints) != 3 or isinstance(hints, str):
            raise ValueError(f"{self.name} needs three hints: a nudge, where to look, a plan.")
        self._decisions = _decisions(right)
        self.options = {o.label: o for o in _options(self._decisions)}
        self.alike = {frozenset(pair) for pair in alike}
        if unknown := set().union(*self.alike) - set(self.options):
            known = ", ".join(self.options)
            raise ValueError(f"alike: {', '.join(unknown)} is no option. There are: {known}.")
        rights = {name: decision.right for name, decision in self._decisions.items()}
        self._way, self._computed, self._took = right, {}, {}
        self._compute = lambda: right(**rights)

    @property
    def messages(self) -> dict[str, str]:
        """What each wrong option is told, by its label."""
        return {label: option.message for label, option in self.options.items()}

    def wrong(self, *labels: str):
        """Compute the wrong answer under one wrong option, or under two of two decisions."""
        if labels not in self._computed:
            taken = {name: decision.right for name, decision in self._decisions.items()}
            taken |= {self.options[label].decision: self.options[label].value for label in labels}
            start = time.monotonic()
            self._computed[labels] = self._way(**taken)
            self._took[labels] = time.monotonic() - start
        return self._computed[labels]

    def _two(self, answer) -> str | None:
        """Name the two wrong options that lead to `answer`, if no other two do."""
        if not self.kind.pairs:
            return None
        found, until = {}, time.monotonic() + _SECONDS
        for messages, wrong in self.pairs():
            if fits(self.kind, answer, wrong, digits=4):
                found[frozenset(messages)] = messages
            if len(found) > 1 or time.monotonic() > until:
                break
        if len(found) != 1:
            return None
        return listed("Two things together would give this", *found.values())

    def pairs(self) -> Iterator[tuple[list[str], object]]:
        """Compute what two mistakes at once lead to: an option with a slip, or two options."""
        for label, option in self.options.items():
            for slip, wrong in self._slips_after(label).items():
                yield [option.message, slip], wrong
        for one, two in sorted(self._couples(), key=self._cost):
            try:
                wrong = self.wrong(one.label, two.label)
            except Exception:  # two options need not go together; what then fails can be any
                continue
            yield [one.message, two.message], wrong

    def _couples(self) -> Iterator[tuple[Option, Option]]:
        couples = combinations(self.options.values(), 2)
        return ((one, two) for one, two in couples if one.decision != two.decision)

    def _cost(self, couple: tuple[Option, Option]) -> float:
        """Guess the seconds from those of the single ones: the quick go first, for time is limited."""
        return sum(self._took.get((option.label,), 0.0) for option in couple)

    def _slips_after(self, label: str) -> dict:
        try:
            return self.kind.slips(self.wrong(label))
        except Exception:  # as above
            return {}


def _decisions(way: Callable) -> dict[str, Decision]:
    decisions = {name: p.default for name, p in inspect.signature(way).parameters.items()}
    if not decisions:
        raise ValueError(f"{way.__name__} has no decision: give it arguments, each by choose(...).")
    for name, decision in decisions.items():
        if not isinstance(decision, Decision):
            raise ValueError(f"{way.__name__}: {name} is no decision; write {name}=choose(...).")
    return decisions


def _options(decisions: Mapping[str, Decision]) -> Iterator[Option]:
    for name, decision in decisions.items():
        for value, message in decision.wrong.items():
            yield Option(name, value, message)
