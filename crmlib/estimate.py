"""A number with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True)
class Estimate:
    """An estimate, its standard error and its interval, from `n` observations.

    Parameters
    ----------
    value, se : float
        The estimate and its standard error, in the unit of what is measured.
    low, high : float
        Ends of the interval (95 % unless the maker says otherwise).
    n : int
        How many observations it rests on.

    Examples
    --------
    >>> print(Estimate(72.5, 1.22, 70.1, 74.9, 250))
    72.5 (70.1 to 74.9, n = 250)
    >>> print(Estimate(0.1, 0.07, -0.0372, 0.2372, 100))
    0.10 (-0.04 to 0.24, n = 100)
    """

    value: float
    se: float
    low: float
    high: float
    n: int

    @classmethod
    def normal(cls, value: float, se: float, n: int, *, confidence: float = 0.95) -> Estimate:
        """Make the usual interval: value plus and minus z standard errors.

        >>> print(Estimate.normal(10.0, 1.0, 40))
        10.0 (8.0 to 12.0, n = 40)
        """
        z = NormalDist().inv_cdf(0.5 + confidence / 2)
        return cls(float(value), float(se), float(value - z * se), float(value + z * se), int(n))

    def __str__(self) -> str:
        d = _decimals((self.high - self.low) / 2)
        return f"{self.value:,.{d}f} ({self.low:,.{d}f} to {self.high:,.{d}f}, n = {self.n:,})"

    __repr__ = __str__

    def __float__(self) -> float:
        return float(self.value)


def _decimals(half_width: float) -> int:
    """Count the decimals that show two digits of the half width, and no false precision.

    >>> [_decimals(h) for h in (35, 2.4, 0.135, 0)]
    [0, 1, 2, 3]
    """
    if not math.isfinite(half_width) or half_width <= 0:
        return 3
    return min(max(0, 1 - math.floor(math.log10(half_width))), 6)
