"""Customers as states: how they move, and what each state is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlib.errors import find, refuse, whole
from crmlib.lifetime._discrete import periods

_ROUNDING = 1e-6  # how far from 1 a row of shares may sum


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
        R: profit of a period in each state. A Series is matched by the names of the states.
    rate : float
        Discount rate a period.
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
        For all periods at a rate of zero or less: the sum need not end.

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
    P = _matrix(transitions)
    R = _aligned(rewards, P.index)
    if np.ndim(rate) or not (np.isfinite(rate) and rate > -1):
        raise ValueError(f"rate is a share a period, such as 0.12, not {rate!r}")
    discounted = P.to_numpy() / (1 + rate)
    if horizon is None:
        if rate <= 0:
            raise ValueError("without discounting the value has no end: give a rate or a horizon")
        value = np.linalg.solve(np.eye(len(P)) - discounted, R)
    else:
        value = R
        for _ in range(periods(horizon)):
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
        rng = np.random.default_rng(seed)
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
        raise TypeError(f"expected a DataFrame of states, not {type(states).__name__}")
    cells = states.to_numpy(dtype=object)
    before, after = pd.Series(cells[:, :-1].ravel()), pd.Series(cells[:, 1:].ravel())
    both = before.notna() & after.notna()
    if not both.any():
        refuse(
            [whole(None, "no customer was seen in two periods in a row")],
            "Give one row a customer and one column a period, the state in each cell.",
        )
    there = pd.unique(pd.Series(cells.ravel()).dropna())
    order = sorted(there) if order is None else list(order)
    unknown = [s for s in there if s not in order]
    advice = "Name every state in `order`, or clean the states."
    refuse([whole("states", f"{s!r} is not in the order given") for s in unknown], advice)
    counts = pd.crosstab(before[both], after[both]).reindex(
        index=order, columns=order, fill_value=0
    )
    _check_left(counts)
    return Transitions(counts.rename_axis(index="from", columns="to").astype("int64"))


def _check_left(counts: pd.DataFrame) -> None:
    never = counts.index[counts.sum(axis=1) == 0]
    refuse(
        [whole("states", f"no move from {state!r} was seen") for state in never],
        "If customers stay there for good, repeat the state in every later period; else merge it.",
    )


def _matrix(transitions) -> pd.DataFrame:
    """Return P with its states in the same order both ways, or refuse it."""
    P = pd.DataFrame(transitions)
    if not (P.index.is_unique and P.columns.is_unique and set(P.index) == set(P.columns)):
        refuse(
            [whole(None, f"{P.shape[0]} rows and {P.shape[1]} columns, not the same states")],
            "A transition matrix has each state once as a row and once as a column.",
        )
    if not P.columns.equals(P.index):
        P = P[P.index]
    if not all(pd.api.types.is_numeric_dtype(kind) for kind in P.dtypes):
        refuse([whole(None, "chances are not numbers")], "Convert them with pandas.to_numeric.")
    chances = P.to_numpy(dtype=float)
    if not ((chances >= 0).all() and (np.abs(chances.sum(axis=1) - 1) < _ROUNDING).all()):
        _refuse_chances(P.astype(float))
    return P


def _refuse_chances(P: pd.DataFrame) -> None:
    """Say which chances and which rows are wrong."""
    outside = [
        find(P[c].rename(str(c)), ~P[c].between(0, 1), "a chance outside 0 to 1") for c in P.columns
    ]
    total = P.sum(axis=1).rename("sum of the row")
    refuse(
        [*outside, find(total, (total - 1).abs() >= _ROUNDING, "is not 1")],
        "Rows are where customers come from; each must sum to 1. Divide a row by its sum, or add "
        "the state that is missing: customers who leave go somewhere.",
    )


def _aligned(rewards, states: pd.Index) -> np.ndarray:
    """Return the rewards in the order of the states, or refuse them."""
    named = isinstance(rewards, pd.Series)
    R = rewards if named else pd.Series(np.asarray(rewards).ravel())
    if not named and len(R) == len(states):
        R = R.set_axis(states)
    odd = [whole("rewards", f"no reward for state {s!r}") for s in states if s not in R.index]
    odd += [whole("rewards", f"a reward for {s!r}, no state") for s in R.index if s not in states]
    odd += [whole("rewards", f"two rewards for {s!r}") for s in R.index[R.index.duplicated()]]
    refuse(odd, "Give one reward for each state of the transition matrix, by the same names.")
    R = R.reindex(states).rename("rewards")
    if not pd.api.types.is_numeric_dtype(R):
        refuse([whole("rewards", f"is {R.dtype}, not numbers")], "Use pandas.to_numeric.")
    R = R.astype(float)
    refuse(
        [find(R, ~np.isfinite(R), "missing or infinite")], "Give each state its profit a period."
    )
    return R.to_numpy()
