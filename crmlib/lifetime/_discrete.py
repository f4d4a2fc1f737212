"""Time that comes in whole periods."""

from __future__ import annotations

import numpy as np


def periods(t, least: int = 0) -> np.ndarray:
    """Return `t` as whole numbers of periods or opportunities, none below `least`."""
    t = np.asarray(t)
    fits = np.issubdtype(t.dtype, np.number) and np.isfinite(t).all()
    if not (fits and (t == np.floor(t)).all() and (t >= least).all()):
        raise ValueError(f"time is counted in whole numbers from {least} on, not {t.tolist()!r}")
    return t.astype(np.int64)


def shaped(values):
    """Return a float where one number was asked for, else the array."""
    return float(values) if np.ndim(values) == 0 else values
