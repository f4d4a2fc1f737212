"""How many to ask."""

from crmlib import validate
from crmlib.estimate import z_score

_LEAST = 1e-6  # a margin finer than that is a slip


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
    ValueError
        For a margin, share or confidence that is not between 0 and 1, a population that is no
        number from 1 up.

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
    e = validate.share(margin, "margin", ends=False)
    pi = validate.share(share, "share", ends=False)
    if e < _LEAST:
        raise validate.wrong("margin", margin, f"a share of {_LEAST:f} or more")
    n = z_score(validate.share(confidence, "confidence", ends=False)) ** 2 * pi * (1 - pi) / e**2
    if population is not None:
        most = validate.number(population, "population", "a number from 1 up")
        if most < 1:
            raise validate.wrong("population", population, "a number from 1 up")
        n = n / (1 + (n - 1) / most)
    return max(1, round(n))
