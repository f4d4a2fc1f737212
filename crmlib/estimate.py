"""A number with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from statistics import NormalDist

import numpy as np

from crmlib import validate

_ROUNDING = 1e-9  # how far, as a share of the width, an end may miss the value by arithmetic alone


@dataclass(frozen=True)
class Estimate:
    r"""An estimate, its standard error and its interval, from `n` observations.

    Independent estimates can be added and subtracted, and any estimate multiplied by a number. The
    variances add up; the interval comes from both intervals, end by end (MOVER), so that it keeps
    their lopsidedness: with l and u their ends, a - b reaches down to

    .. math:: a - b - \sqrt{(a - l_a)^2 + (u_b - b)^2}

    Estimates from the same people are not independent: take the difference for each person first.

    Parameters
    ----------
    value, se : float
        The estimate and its standard error, in the unit of what is measured. The error is NaN where
        nobody knows it.
    low, high : float
        Ends of the interval (95 % unless the maker says otherwise).
    n : int
        How many observations it rests on; of a sum or difference, those of both.

    Raises
    ------
    ValueError
        Unless low <= value <= high and se >= 0.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a
    general approach. Statistics in Medicine 27(10), 1693-1702.

    Examples
    --------
    >>> print(Estimate(72.5, 1.22, 70.1, 74.9, 250))
    72.5 (70.1 to 74.9, n = 250)
    >>> print(Estimate(0.1, 0.07, -0.0372, 0.2372, 100))
    0.10 (-0.04 to 0.24, n = 100)

    A difference of two shares, 56 of 70 less 48 of 80, from their Wilson intervals. Newcombe (1998,
    Statistics in Medicine 17, method 10) prints 0.0524 to 0.3339:

    >>> one = Estimate(0.8, 0.0466, 0.69183, 0.87695, 70)
    >>> other = Estimate(0.6, 0.0542, 0.49045, 0.70038, 80)
    >>> print(f"{one - other:.4f}")
    0.2000 (0.0524 to 0.3339, n = 150)
    """

    value: float
    se: float
    low: float
    high: float
    n: int

    def __post_init__(self):
        for name in ("value", "se", "low", "high"):
            object.__setattr__(self, name, validate.real(getattr(self, name), name))
        object.__setattr__(self, "n", validate.whole_number(self.n, "n", least=0))
        slack = _ROUNDING * max(abs(self.value), abs(self.high - self.low))
        if self.low > self.value + slack or self.high < self.value - slack:
            raise ValueError(
                f"value must lie within its interval, {self.low:g} to {self.high:g}, not at "
                f"{self.value:g}."
            )
        if self.se < 0:
            raise validate.wrong("se", self.se, "a number of zero or more")
        object.__setattr__(self, "low", min(self.low, self.value))
        object.__setattr__(self, "high", max(self.high, self.value))

    @classmethod
    def normal(cls, value: float, se: float, n: int, *, confidence: float = 0.95) -> Estimate:
        """Make the usual interval: value plus and minus z standard errors.

        >>> print(Estimate.normal(10.0, 1.0, 40))
        10.0 (8.0 to 12.0, n = 40)
        """
        z = z_score(validate.share(confidence, "confidence", ends=False))
        value, se = validate.real(value, "value"), validate.real(se, "se")
        return cls(value, se, value - z * se, value + z * se, n)

    @classmethod
    def from_draws(
        cls, draws, *, level: float = 0.95, value: float | None = None, n: int | None = None
    ) -> Estimate:
        """Sum up draws, of a bootstrap or a posterior: their median, spread and middle `level`.

        Parameters
        ----------
        draws : array-like of shape (draws,)
        level : float
            Share of the draws within the interval.
        value : float, optional
            The estimate itself, where it is at hand, in place of the median.
        n : int, optional
            How many observations are behind the draws; without it the number of draws.

        Raises
        ------
        DataError
            For draws that are missing or infinite, or fewer than two.

        Examples
        --------
        >>> print(Estimate.from_draws(range(101), level=0.9))
        50 (5 to 95, n = 101)
        >>> print(Estimate.from_draws(range(101), level=0.9, value=48, n=30))
        48 (5 to 95, n = 30)
        """
        x = validate.finite(draws, "draws", advice="Look at how it was drawn.").to_numpy()
        if len(x) < 2:
            raise ValueError(f"draws must be two or more, better 500, not {len(x)}.")
        tail = (1 - validate.share(level, "level", ends=False)) / 2
        low, median, high = np.quantile(x, [tail, 0.5, 1 - tail])
        value = median if value is None else value
        return cls(value, x.std(ddof=1), low, high, len(x) if n is None else n)

    def __add__(self, other: Estimate) -> Estimate:
        if not isinstance(other, Estimate):
            return NotImplemented
        value, se = self.value + other.value, math.hypot(self.se, other.se)
        down = math.hypot(self.value - self.low, other.value - other.low)
        up = math.hypot(self.high - self.value, other.high - other.value)
        return Estimate(value, se, value - down, value + up, self.n + other.n)

    def __sub__(self, other: Estimate) -> Estimate:
        return self + -other if isinstance(other, Estimate) else NotImplemented

    def __mul__(self, k: float) -> Estimate:
        if not isinstance(k, Real):
            return NotImplemented
        low, high = sorted((self.low * k, self.high * k))
        return Estimate(self.value * k, self.se * abs(k), low, high, self.n)

    __rmul__ = __mul__

    def __neg__(self) -> Estimate:
        return self * -1

    def __format__(self, spec: str) -> str:
        """Write value and ends by a format of numbers; without one, to two digits of the doubt."""
        spec = spec or f",.{_decimals((self.high - self.low) / 2)}f"
        value, low, high = (format(x, spec) for x in (self.value, self.low, self.high))
        return f"{value} ({low} to {high}, n = {self.n:,})"

    def __str__(self) -> str:
        return format(self, "")

    __repr__ = __str__

    def __float__(self) -> float:
        return float(self.value)


def z_score(confidence: float = 0.95) -> float:
    """Give the z of an interval of this confidence: 1.96 for 95 %.

    >>> round(z_score(), 6)
    1.959964
    """
    return -NormalDist().inv_cdf((1 - confidence) / 2)


def _decimals(half_width: float) -> int:
    """Count the decimals that show two digits of the half width, and no false precision.

    >>> [_decimals(h) for h in (35, 2.4, 0.135, 0)]
    [0, 1, 2, 3]
    """
    if not math.isfinite(half_width) or half_width <= 0:
        return 3
    return min(max(0, 1 - math.floor(math.log10(half_width))), 6)
