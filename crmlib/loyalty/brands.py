"""How brands share their buyers: the measures of a consumer panel."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from crmlib import validate
from crmlib.errors import DataError, whole
from crmlib.loyalty._checks import panel


def brand_metrics(
    purchases: pd.DataFrame, *, buyer: str, brand: str, population: int | None = None
) -> pd.DataFrame:
    r"""Measure each brand in a panel: how many buy it, how often, and what else they buy.

    Parameters
    ----------
    purchases : DataFrame
        One row for each purchase; equal rows are purchases of their own.
    buyer, brand : str
        Its columns.
    population : int, optional
        People of whom the share of buyers is taken: the whole panel, for instance, also those who
        bought nothing. By default all buyers seen.

    Returns
    -------
    DataFrame
        By brand, the largest share first:

        - ``penetration``: share of the population that bought the brand at least once;
        - ``frequency``: purchases of the brand per buyer of it;
        - ``share``: its part of all purchases;
        - ``scr``: share of category requirements, its part of all purchases of its buyers;
        - ``sole``: share of its buyers who bought nothing else.

    Raises
    ------
    DataError
        For missing columns, buyers or brands, or no purchases.
    ValueError
        For a population smaller than the number of buyers.

    References
    ----------
    Ehrenberg, A. S. C., Uncles, M. D. and Goodhardt, G. J. (2004). Understanding brand performance
    measures: using Dirichlet benchmarks. Journal of Business Research 57(12), 1307-1325.

    Examples
    --------
    The private label ``pw`` has few buyers, yet they buy it often: not what its size would explain.

    >>> from crmlib.data import load
    >>> brand_metrics(load("tuna"), buyer="household", brand="brand").round(3)
           penetration  frequency  share    scr   sole
    brand
    skw          0.686      2.855  0.442  0.525  0.321
    sko          0.353      2.236  0.178  0.353  0.217
    cosw         0.363      1.991  0.163  0.298  0.174
    coso         0.348      1.789  0.140  0.269  0.187
    pw           0.144      2.365  0.077  0.355  0.167
    """
    cells = Cells(purchases, buyer, brand)
    population = cells.members(population)
    total = cells.total[cells.buyer]  # all the buyer's purchases, by cell
    buyers, bought, of_all, sole = (
        np.bincount(cells.brand, weights)
        for weights in (None, cells.bought, total, cells.bought == total)
    )
    table = {
        "penetration": buyers / population,
        "frequency": bought / buyers,
        "share": bought / bought.sum(),
        "scr": bought / of_all,
        "sole": sole / buyers,
    }
    table = pd.DataFrame(table, index=pd.Index(cells.brands, name="brand"))
    return table.sort_values("share", ascending=False, kind="stable")


def duplication(purchases: pd.DataFrame, *, buyer: str, brand: str) -> pd.DataFrame:
    r"""Find how many buyers of each brand also bought each other brand.

    By the law of duplication of purchase b(Y|X) = D b(Y): brands share buyers in proportion to how
    many buy the other one, with one coefficient `D` for the whole category. Pairs far above it
    compete closely.

    Parameters
    ----------
    purchases : DataFrame
        One row for each purchase.
    buyer, brand : str
        Its columns.

    Returns
    -------
    DataFrame
        b(Y|X): of the buyers of the row's brand X, the share that bought the column's Y too; brands
        in order of their penetration; 1 on the diagonal. ``attrs["D"]`` is the coefficient by least
        squares through the origin, over all pairs, with b(Y) the share of all buyers seen. Buyers
        of nothing are not among them: with them b(Y) would fall, and D rise.

    Raises
    ------
    DataError
        For missing columns, buyers or brands, or fewer than two brands.

    References
    ----------
    Ehrenberg, A. S. C. (1988). Repeat-buying: facts, theory and applications, 2nd ed. Griffin.

    Examples
    --------
    >>> from crmlib.data import load
    >>> shared = duplication(load("tuna"), buyer="household", brand="brand")
    >>> shared.loc["pw", "skw"].round(3), round(shared.attrs["D"], 3)
    (np.float64(0.649), 0.981)
    """
    cells = Cells(purchases, buyer, brand)
    cells.need_two_brands()
    ones = np.ones(len(cells.brand))
    who = csr_array((ones, (cells.buyer, cells.brand)))
    both = (who.T @ who).toarray()
    buyers = both.diagonal()
    shares, b = both / buyers[:, None], buyers / len(cells.total)
    pairs = ~np.eye(len(b), dtype=bool)
    per_pair = np.broadcast_to(b, shares.shape)[pairs]
    table = pd.DataFrame(shares, cells.brands, cells.brands)
    order = np.argsort(-b, kind="stable")
    table = table.iloc[order, order].rename_axis(index="buyers of", columns="also buy")
    table.attrs["D"] = float(shares[pairs] @ per_pair / (per_pair @ per_pair))
    return table


class Cells:
    """A panel, counted once: how often each buyer bought each brand that the buyer bought at all.

    Attributes
    ----------
    brands : Index
        Their names, sorted.
    buyer, brand, bought : arrays
        By cell: number of the buyer, number of the brand, purchases.
    total : array
        By buyer, purchases of all brands.
    """

    def __init__(self, purchases: pd.DataFrame, buyer: str, brand: str):
        who, what = panel(purchases, buyer, brand)
        codes, buyers = pd.factorize(who)
        kinds, self.brands = pd.factorize(what, sort=True)
        keys = codes.astype("int64") * len(self.brands) + kinds
        keys, self.bought = np.unique(keys, return_counts=True)
        self.buyer, self.brand = np.divmod(keys, len(self.brands))
        self.total = np.bincount(codes, minlength=len(buyers))

    def members(self, population) -> int:
        """Give the number of people, which must hold all the buyers."""
        buyers = len(self.total)
        if population is None:
            return buyers
        people = validate.whole_number(population, "population", most=10**10)
        if people < buyers:
            raise validate.wrong("population", people, f"at least {buyers}, the buyers seen")
        return people

    def need_two_brands(self) -> None:
        """Refuse a panel in which there was nothing to choose."""
        if len(self.brands) == 1:
            problem = f"{self.brands[0]} is the only brand"
            raise DataError(whole("brand", problem), "Give the purchases of the whole category.")
