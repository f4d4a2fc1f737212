"""What a customer is worth at a constant retention rate."""

from __future__ import annotations

import numpy as np

from crmlib import validate
from crmlib.lifetime._discrete import shaped


def margin_multiple(retention, rate):
    r"""Return how many yearly margins a customer is worth at a constant retention rate.

    .. math:: \sum_{t=1}^{\infty} \frac{r^t}{(1+i)^t} = \frac{r}{1+i-r}

    The margin is the same every year and comes at the end of each, the first a year from now and
    only if the customer stays; what a customer pays on joining is not in it (add 1 if it is to
    be).

    Parameters
    ----------
    retention : float or array
        Share r of the customers that stay from one year to the next.
    rate : float or array
        Discount rate i a year: 0.12 for 12 %.

    Returns
    -------
    float or array
        In yearly margins; arrays are broadcast.

    Raises
    ------
    ValueError
        If r is outside 0 to 1, or not below 1 + i: then the value is infinite.

    References
    ----------
    Gupta, S. and Lehmann, D. R. (2005). Managing customers as investments.

    Examples
    --------
    Five points more retention at 12 %:

    >>> margin_multiple(np.array([0.80, 0.85]), 0.12).round(2)
    array([2.5 , 3.15])
    """
    r = _each(retention, validate.share, "retention")
    i = _each(rate, validate.rate, "rate")
    if (r >= 1 + i).any():
        raise ValueError(
            "retention must be below 1 + rate: customers who never leave, at no "
            "discount, are worth infinitely much"
        )
    return shaped(r / (1 + i - r))


def _each(values, check, name: str) -> np.ndarray:
    """Check one number or each of several."""
    numbers = np.asarray(values, dtype=object)
    return np.array([check(v, name) for v in numbers.ravel()]).reshape(numbers.shape)
