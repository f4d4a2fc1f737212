"""Customers as states: how they move, and what each state is worth."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, find, refuse, whole
from crmlib.lifetime._discrete import generator

_ROUNDING = 1e-6  # how far from 1 a row of shares may sum
_FAR = 100_000  # periods or draws: more than anybody needs, and a second's work
_MANY = 10  # as many values that are all different, and nowhere else, are ids
_BARE = "Strip the states (.str.strip()), and leave a cell without one empty: None."
_WIDE = (
    "Give one row a customer and one column a period, the state in each cell: from a long table by "
    "log.pivot(index='customer_id', columns='period', values='state'), with ids in the index."
)


def migration_value(transitions, rewards, rate: float, *, horizon: int | None = None) -> pd.Series:
    r"""Value the states of a Markov chain of customers.

    .. math:: V = \sum_{t=0}^{h} \left(\frac{P}{1+\text{rate}}\right)^t R,
        \qquad h \to \infty:\; V = \left(I - \frac{P}{1+\text{rate}}\right)^{-1} R

    A customer in a state now brings its reward at once, the reward of the next state a period
    later, and so on.

    Parameters
    ----------
    transitions : DataFrame or array of shape (states, states)
        P: from each state (row) the chance to be in each state (column) one period later.
    rewards : Series or array of shape (states,)
        R: profit of a period in each state. A Series, or the one column of a table, is matched by
        the names of the states.
    rate : float
        Discount rate a period: 0.12 for 12 %.
    horizon : int, optional
        h, the last period that counts; without it all of them do.

    Returns
    -------
    Series
        `value` by state.

    Raises
    ------
    DataError
        If rows do not sum to 1, chances are outside 0 to 1, or the states do not match.
    ValueError
        For a rate that is no share, and for all periods at a rate of zero: the sum need not end.

    References
    ----------
    Pfeifer, P. E. and Carraway, R. L. (2000). Modeling customer relationships as Markov chains.
    Journal of Interactive Marketing 14(2), 43-55.

    Examples
    --------
    The paper's mailing programme: a customer who bought 1, 2, 3, 4 periods ago buys again with
    chance 0.30, 0.20, 0.15, 0.05 and is given up after that; a purchase brings 40, a mailing
    costs 4.

    >>> P = [[.30, .70, 0, 0, 0], [.20, 0, .80, 0, 0], [.15, 0, 0, .85, 0],
    ...      [.05, 0, 0, 0, .95], [0, 0, 0, 0, 1]]
    >>> migration_value(P, [36, -4, -4, -4, 0], rate=0.2).round(3).tolist()
    [52.32, 5.554, 1.251, -1.82, 0.0]

    The last mailing does not pay: it costs more than the customers it brings back are worth.
    """
    P = _checked_matrix(transitions)
    R = _checked_rewards(rewards, P.index)
    rate = validate.rate(rate)
    discounted = P.to_numpy() / (1 + rate)
    if horizon is None:
        if 1 + rate == 1:
            raise ValueError("without discounting the value has no end: give a rate or a horizon")
        value = np.linalg.solve(np.eye(len(P)) - discounted, R)
    else:
        value = R
        for _ in range(validate.whole_number(horizon, "horizon", least=0, most=_FAR)):
            value = R + discounted @ value
    return pd.Series(value, index=P.index, name="value")


@dataclass(frozen=True)
class Transitions:
    """Moves between states as they were counted, and how sure their chances are.

    Attributes
    ----------
    counts : DataFrame
        From state (rows) to state (columns), how many moves were seen in one period.
    """

    counts: pd.DataFrame

    @property
    def shares(self) -> pd.DataFrame:
        """Chance of each move: the rows of `counts`, divided by their sums."""
        return self.counts.div(self.counts.sum(axis=1), axis=0)

    @property
    def se(self) -> pd.DataFrame:
        """Standard error of each share, sqrt(p (1 - p) / n) with n the moves from its state."""
        p = self.shares
        return np.sqrt((p * (1 - p)).div(self.counts.sum(axis=1), axis=0))

    def draws(self, n: int, seed: int) -> list[pd.DataFrame]:
        """Draw `n` matrices that are as uncertain as the counts leave them.

        Each row is drawn from the Dirichlet distribution with the counts as its parameters (the
        Bayesian bootstrap: a prior that adds nothing). The mean is `shares`; a move never seen keeps
        the chance 0, as moves that cannot be, from bought last week to silent for a year, must.
        """
        n, rng = validate.whole_number(n, "n", most=_FAR), generator(seed)
        counts = self.counts.to_numpy(dtype=float)
        draws = rng.standard_gamma(np.broadcast_to(counts, (n, *counts.shape)))
        draws /= draws.sum(axis=2, keepdims=True)
        return [pd.DataFrame(d, self.counts.index, self.counts.columns) for d in draws]


def transition_matrix(states: pd.DataFrame, *, order=None) -> Transitions:
    """Estimate how customers move between states from a panel.

    Parameters
    ----------
    states : DataFrame
        One row a customer, one column a period in the order of time, in each cell the customer's
        state. Empty before a customer comes and after the customer was last watched: no move is
        counted from or to an empty cell.
    order : list, optional
        The states in the order wanted; sorted otherwise.

    Returns
    -------
    Transitions
        `counts`, `shares` (the matrix), `se`, and `draws(n, seed)` of matrices.

    Raises
    ------
    DataError
        For fewer than two periods, states that are not in `order`, a state from which no move
        was seen.

    Examples
    --------
    >>> panel = pd.DataFrame([["a", "a", "b"], ["a", "b", "b"], ["b", "a", None]])
    >>> moves = transition_matrix(panel)
    >>> moves.counts
    to    a  b
    from
    a     1  2
    b     1  1
    >>> moves.shares.loc["a", "b"].round(3), moves.se.loc["a", "b"].round(3)
    (np.float64(0.667), np.float64(0.272))
    """
    if not isinstance(states, pd.DataFrame):
        raise validate.WrongType(f"states must be a DataFrame of states, not {states!r:.60}")
    order = _checked_order(order)
    _refuse_long(states)
    cells = states.to_numpy(dtype=object)
    loose = [
        s for s in pd.unique(cells.ravel()) if isinstance(s, str) and (s != s.strip() or not s)
    ]
    refuse([whole("states", f"{s!r} has blanks around it, or is empty") for s in loose], _BARE)
    before, after = pd.Series(cells[:, :-1].ravel()), pd.Series(cells[:, 1:].ravel())
    both = (before.notna() & after.notna()).to_numpy()
    if not both.any():
        raise DataError(whole(None, "no customer was seen in two periods in a row"), _WIDE)
    there = pd.unique(pd.Series(cells.ravel()).dropna())
    if order is None:
        order = _sorted(there)
    unknown = [state for state in there if state not in order]
    advice = "Name every state in `order`, or clean the states."
    refuse([whole("states", f"{s!r} is not in the order given") for s in unknown], advice)
    place = pd.Series(range(len(order)), order)
    counts = np.zeros((len(order), len(order)), dtype="int64")
    np.add.at(counts, (place[before[both]], place[after[both]]), 1)
    counts = pd.DataFrame(counts, order, order)
    _refuse_dead_ends(counts)
    return Transitions(counts.rename_axis(index="from", columns="to"))


def _sorted(states) -> list:
    try:
        return sorted(states)
    except TypeError:
        problem = whole("states", "are of kinds that have no order among them")
        raise DataError(problem, "Name them in the order wanted: order=[...].") from None


def _checked_order(order) -> list | None:
    """Give the states in the order wanted as a list; refuse one that is named twice."""
    if order is None:
        return None
    names = [] if isinstance(order, str) or not np.iterable(order) else list(order)
    if not names or not all(isinstance(state, Hashable) for state in names):
        raise validate.wrong("order", order, "a list of the states")
    if twice := list(dict.fromkeys(state for state in names if names.count(state) > 1)):
        allowed = "a list that names each state once"
        raise validate.wrong("order", names, allowed, f"Twice: {twice}.")
    return names


def _refuse_long(states: pd.DataFrame) -> None:
    """Refuse a table of customer, period and state, and one whose ids stand in a column.

    In a panel each column holds the same kind of thing, states, which come back in other columns.
    """
    columns = [states.iloc[:, i].dropna() for i in range(states.shape[1])]
    if not all(isinstance(state, Hashable) for column in columns for state in column):
        raise DataError(whole(None, "the cells do not hold one state each"), _WIDE)
    seen = [set(column) for column in columns]
    dates = any(pd.api.types.is_datetime64_any_dtype(kind) for kind in states.dtypes)
    texts = {isinstance(state, str) for values in seen for state in values}
    own = [
        values.isdisjoint(set().union(*seen[:i], *seen[i + 1 :])) for i, values in enumerate(seen)
    ]
    ids = [
        alone and len(values) == len(column) >= _MANY
        for alone, values, column in zip(own, seen, columns, strict=True)
    ]
    if dates or len(texts) > 1 or (len(own) > 2 and all(own)) or any(ids):
        raise DataError(whole(None, "the columns do not all hold states"), _WIDE)


def _refuse_dead_ends(counts: pd.DataFrame) -> None:
    never = counts.index[counts.sum(axis=1) == 0]
    refuse(
        [whole("states", f"no move from {state!r} was seen") for state in never],
        "If customers stay there for good, repeat the state in every later period; else merge it.",
    )


def _checked_matrix(transitions) -> pd.DataFrame:
    """Return P as floats, its states in the same order both ways, or refuse it."""
    try:
        P = pd.DataFrame(transitions)
    except (TypeError, ValueError):
        P = pd.DataFrame()
    flat = not isinstance(transitions, pd.DataFrame) and P.shape != (len(P), len(P))
    if P.empty or flat:
        allowed = "a table of chances, a row and a column for each state"
        raise validate.wrong("transitions", transitions, allowed)
    if not (P.index.is_unique and P.columns.is_unique and set(P.index) == set(P.columns)):
        raise DataError(
            whole(None, f"{P.shape[0]} rows and {P.shape[1]} columns, not the same states"),
            "A transition matrix has each state once as a row and once as a column.",
        )
    P = P[P.index].apply(validate.numbers)
    outside = [
        find(P[c].rename(str(c)), ~P[c].between(0, 1), "a chance outside 0 to 1") for c in P.columns
    ]
    total = P.sum(axis=1).rename("sum of the row")
    refuse(
        [*outside, find(total, (total - 1).abs() >= _ROUNDING, "is not 1")],
        "Rows are where customers come from; each must sum to 1. Divide a row by its sum, or add "
        "the state that is missing: customers who leave go somewhere.",
    )
    return P


def _checked_rewards(rewards, states: pd.Index) -> np.ndarray:
    """Return the rewards in the order of the states, or refuse them."""
    if isinstance(rewards, pd.DataFrame) and rewards.shape[1] == 1:
        rewards = rewards.iloc[:, 0]
    named = isinstance(rewards, pd.Series)
    R = validate.numbers(rewards, "rewards")
    if not named and len(R) == len(states):
        R = R.set_axis(states)
    odd = [whole("rewards", f"no reward for state {s!r}") for s in states if s not in R.index]
    odd += [whole("rewards", f"a reward for {s!r}, no state") for s in R.index if s not in states]
    odd += [whole("rewards", f"two rewards for {s!r}") for s in R.index[R.index.duplicated()]]
    refuse(odd, "Give one reward for each state of the transition matrix, by the same names.")
    R = validate.finite(
        R.reindex(states).rename("rewards"), advice="Give each its profit a period."
    )
    return R.to_numpy()
