"""How many to ask."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from crmlib.errors import refuse, whole


def sample_size(
    margin: float, *, population: int | None = None, share: float = 0.5, confidence: float = 0.95
) -> int:
    r"""Compute how many answers a share needs to be known within plus and minus `margin`.

    .. math:: n_0 = z^2\,\pi(1-\pi) / e^2, \qquad n = \frac{n_0}{1 + (n_0 - 1)/N}

    for a simple random sample, in which everybody drawn also answers.

    Parameters
    ----------
    margin : float
        Half the width of the interval, e, as a share: 0.05 for 5 points.
    population : int, optional
        How many there are, N; without it, so many that it makes no difference.
    share : float
        The share expected, pi; one half needs the most answers.
    confidence : float
        How often such an interval holds the true share.

    Returns
    -------
    int
        n to the nearest whole answer, as the published tables round it, and at least 1.

    Raises
    ------
    DataError
        For a margin, share or confidence outside 0-1, or a population below 1.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 4.4. Krejcie, R. V. and Morgan,
    D. W. (1970). Determining sample size for research activities. Educational and Psychological
    Measurement 30(3), 607-610.

    Examples
    --------
    >>> [sample_size(0.05, population=N) for N in (10, 220, 1000, 10_000)]
    [10, 140, 278, 370]
    >>> sample_size(0.05), sample_size(0.025)
    (384, 1537)
    """
    between = {"margin": margin, "share": share, "confidence": confidence}
    outside = [whole(name, "not between 0 and 1", value) for name, value in between.items()
               if not 0 < value < 1]  # fmt: skip
    refuse(outside, "Give shares: 5 points are 0.05, and 95 % are 0.95.")
    if population is not None and not population >= 1:
        refuse([whole("population", "fewer than one", population)], "Count who could be asked.")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    n = z**2 * share * (1 - share) / margin**2
    if population is not None and np.isfinite(population):
        n = n / (1 + (n - 1) / population)
    return max(1, round(n))
