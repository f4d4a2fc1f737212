"""Time that comes in whole periods."""

from __future__ import annotations

import numpy as np

from crmlib.validate import wrong


def periods(t, least: int = 0, *, name: str = "t") -> np.ndarray:
    """Return `t` as whole numbers of periods or opportunities, none below `least`."""
    numbers = np.asarray(t)
    fits = np.issubdtype(numbers.dtype, np.number) and np.isfinite(numbers).all()
    if not (fits and (numbers == np.floor(numbers)).all() and (numbers >= least).all()):
        raise wrong(name, t, f"a whole number from {least} up, or several")
    return numbers.astype(np.int64)


def shaped(values):
    """Return a float where one number was asked for, else the array."""
    return float(values) if np.ndim(values) == 0 else values
