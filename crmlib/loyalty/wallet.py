"""The wallet allocation rule."""

from __future__ import annotations

from crmlib import validate


def wallet_share(rank: float, brands: int) -> float:
    r"""Guess a brand's share of a customer's spending from its rank among the brands used.

    .. math:: \left(1 - \frac{\text{rank}}{n+1}\right) \frac{2}{n}

    Over the ranks 1 to n these shares sum to 1. It is a rule of thumb: try it on customers whose
    spending is known.

    Parameters
    ----------
    rank : float
        Rank of the brand for this customer, 1 = liked best. Brands that tie share their mean rank:
        1.5 for two best ones.
    brands : int
        n, how many brands of the category the customer uses.

    Returns
    -------
    float
        Share of the category's spending, between 0 and 1.

    Raises
    ------
    ValueError
        For a rank outside 1 to `brands`, or fewer than one brand.

    References
    ----------
    Keiningham, T. L., Aksoy, L., Buoye, A. and Cooil, B. (2011). Customer loyalty isn't enough. Grow
    your share of wallet. Harvard Business Review 89(10), 29-31.

    Examples
    --------
    Of two brands, the one liked better gets two thirds:

    >>> round(wallet_share(1, 2), 3), round(wallet_share(2, 2), 3), wallet_share(1.5, 2)
    (0.667, 0.333, 0.5)
    """
    n = validate.whole_number(brands, "brands")
    r = validate.number(rank, "rank")
    if not 1 <= r <= n:
        raise validate.wrong("rank", rank, f"from 1 (best) to {n}, the number of brands")
    return (1 - r / (n + 1)) * 2 / n
