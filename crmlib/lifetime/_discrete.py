"""Time that comes in whole periods."""

from __future__ import annotations

import numpy as np

from crmlib.validate import whole_number, wrong

_MANY = 100_000_000


def periods(t, least: int = 0, *, name: str = "t") -> np.ndarray:
    """Return `t` as whole numbers of periods or opportunities, none below `least`."""
    numbers = np.asarray(t)
    fits = numbers.dtype.kind in "iuf" and (np.abs(numbers) < 2**53).all()
    if not (fits and (numbers == np.floor(numbers)).all() and (numbers >= least).all()):
        raise wrong(name, t, f"a whole number from {least} up, or several")
    return numbers.astype(np.int64)


def how_many(n) -> int:
    """Return how many customers or draws are wanted, as many as fit into memory."""
    return whole_number(n, "n", most=_MANY)


def generator(seed) -> np.random.Generator:
    """Make the generator of a seed."""
    return np.random.default_rng(whole_number(seed, "seed", least=0))


def shaped(values):
    """Return a float where one number was asked for, else the array."""
    return float(values) if np.ndim(values) == 0 else values
