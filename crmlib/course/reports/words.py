"""Pieces of sentences that every report says alike."""

from __future__ import annotations

import html
import re

import numpy as np
import pandas as pd


def plain(text: object) -> str:
    r"""Show text of the reader's own in Markdown as it is.

    >>> print(plain("a_b _<i> $x$"))
    a_b \_&lt;i&gt; \$x\$
    """
    one_line = " ".join(str(text).split())
    return re.sub(r"([\\`*|\[\]$~#]|(?<!\w)_|_(?!\w))", r"\\\1", html.escape(one_line, quote=False))


def drawn(text: object) -> str:
    r"""Show text of the reader's own in a figure as it is: ``$x$`` is no formula there.

    >>> print(drawn("price $"))
    price \$
    """
    return str(text).replace("$", r"\$")


def money(amount: float) -> str:
    """Write a sum with as many digits as say something.

    >>> money(1234567), money(1234.5), money(12.345), money(0)
    ('1,230,000', '1,230', '12.3', '0')
    """
    if not np.isfinite(amount) or amount == 0:
        return "0" if amount == 0 else "not finite"
    digits = 2 - int(np.floor(np.log10(abs(amount))))
    rounded = round(amount, digits)
    return f"{rounded:,.{max(digits, 0)}f}"


def span(low: float, high: float) -> str:
    """Write an interval of sums.

    >>> span(1190, 1260)
    '1,190 to 1,260'
    """
    return f"{money(low)} to {money(high)}"


def times(count: int, one: str, many: str) -> str:
    """Write a count with its noun.

    >>> times(1, "customer", "customers"), times(2000, "customer", "customers")
    ('1 customer', '2,000 customers')
    """
    return f"{count:,} {one if count == 1 else many}"


def share(value: float) -> str:
    """Write a share; a small one is not written as none.

    >>> share(0.304), share(0.0004), share(0.9996), share(0)
    ('30%', 'under 1%', 'over 99%', '0%')
    """
    if 0 < value < 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= value < 1 else f"{value:.0%}"


def day(when: pd.Timestamp) -> str:
    """Write a day.

    >>> day(pd.Timestamp("2024-02-01"))
    '1 February 2024'
    """
    return f"{when.day} {when:%B %Y}"
