"""The NBD-Dirichlet model: what a brand's size alone lets one expect of its buyers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import gammaln, psi
from scipy.stats import nbinom
from sklearn.utils.validation import check_is_fitted

from crmlib import validate
from crmlib.errors import DataError, find, refuse, warn, whole
from crmlib.fitted import Fitted
from crmlib.loyalty.brands import Cells

_S_RANGE = (1e-3, 1e4)  # beyond, buyers are wholly loyal, or all alike
_K_RANGE = (1e-12, 1e6)
_TAIL = 1e-10  # buyers left out at the far end of the distribution of purchases, as a share
_MOST = 2_000_000  # purchases of one buyer; more is a mistake in the units


class Dirichlet(Fitted):
    r"""NBD-Dirichlet model of buying in a category, by Goodhardt, Ehrenberg and Chatfield (1984).

    How often people buy in the category is negative binomial with mean `M` and exponent `K`; which
    brand they buy each time is drawn with chances of their own, Dirichlet distributed with
    :math:`\alpha_j = S s_j`, where :math:`s_j` is the brand's share. The model knows of a brand its
    share and nothing else: what it predicts is the norm for a brand of that size, and small brands
    have fewer buyers who buy a little less often (double jeopardy). A brand off the norm is special.

    With :math:`P(n)` the chance of n purchases and
    :math:`p_0(n) = \frac{\Gamma(S)\,\Gamma(S-\alpha+n)}{\Gamma(S-\alpha)\,\Gamma(S+n)}` that of none
    of the brand among them, penetration is :math:`b = 1 - \sum P(n) p_0(n)`, frequency :math:`M s/b`.

    Attributes
    ----------
    params_ : Series
        `M` (purchases of the category per member of the population), `K` (small: few people buy
        much), `S` (small: loyal to one brand; large: everybody switches).
    shares_ : Series
        Share of each brand.
    brand_S_ : Series
        The `S` at which each brand by itself would have just the penetration it has; NaN where none
        gives it (then `warnings_` says so). They differ: the model's one `S` is a compromise.
    warnings_ : list of str
        What to know before trusting the numbers.

    References
    ----------
    Goodhardt, G. J., Ehrenberg, A. S. C. and Chatfield, C. (1984). The Dirichlet: a comprehensive
    model of buying behaviour. Journal of the Royal Statistical Society A 147(5), 621-655.
    Chen, F. (2016). NBDdirichlet: NBD-Dirichlet model of consumer buying behavior for marketing
    research. R package 1.3.

    Examples
    --------
    The toothpaste market of the R package's guide: 56 % of households bought, 2.6 times each. For
    Colgate the guide prints a penetration of 0.20 and a frequency of 1.82.

    >>> brands = ["Colgate DC", "Macleans", "Close Up", "Signal", "ultrabrite", "Gibbs SR",
    ...           "Boots Priv. Label", "Sainsbury Priv. Lab."]
    >>> shares = pd.Series([.25, .19, .10, .10, .09, .08, .03, .02], brands)
    >>> penetrations = pd.Series([.20, .17, .09, .08, .08, .07, .03, .02], brands)
    >>> import warnings
    >>> with warnings.catch_warnings(action="ignore"):
    ...     model = Dirichlet.from_shares(.56, 2.6, shares, penetrations)
    >>> model.params_.round(3).to_dict()
    {'M': 1.456, 'K': 0.779, 'S': 1.295}
    >>> model.predict().loc["Colgate DC"].round(2).to_dict()
    {'penetration': 0.2, 'frequency': 1.82, 'share': 0.25, 'scr': 0.58, 'sole': 0.45}
    """

    @classmethod
    def from_shares(cls, penetration: float, purchases: float, shares, brand_penetrations):
        """Make the model from a market's published figures.

        `M` and `K` follow from the category. Each brand has an `S` of its own, and the model's is
        their mean, weighted by share, without brands whose `S` stands out above: over the upper
        notch of the boxplot, median + 1.58 interquartile ranges / sqrt(brands), the rule of the R
        package NBDdirichlet. That is a choice, so `warnings_` names the brands left out and the
        mean over all.

        Parameters
        ----------
        penetration : float
            Share of the population that bought in the category at least once.
        purchases : float
            Purchases of the category per buyer of it.
        shares : Series, dict or array
            Share of all purchases by brand; they may sum to less than 1, for brands not listed.
        brand_penetrations : Series, dict or array
            Share of the population that bought the brand; matched by name.

        Returns
        -------
        Dirichlet

        Raises
        ------
        ValueError
            For figures of the category that cannot be: a penetration that is no share (56 for 56 %),
            fewer purchases than one per buyer.
        DataError
            For shares and penetrations of brands that are missing, cannot be, or do not match.
        """
        buyers = validate.share(penetration, "penetration", ends=False)
        if (w := validate.number(purchases, "purchases")) < 1:
            raise validate.wrong("purchases", purchases, "1 or more, for each buyer bought")
        shares, bought = _brand_table(shares, brand_penetrations)
        refuse(
            [find(bought, bought > buyers, f"more than bought in the category, {buyers:g}")],
            "Take all penetrations of the same population.",
        )
        model = cls()
        model.warnings_ = []
        model._set_category(buyers * w, buyers, shares)
        model._set_brand_s(bought)
        model.params_["S"] = model._mean_s()
        return model

    def fit(self, purchases: pd.DataFrame, *, buyer: str, brand: str, population=None):
        """Estimate the model from a panel of purchases.

        `M` and `K` are those that meet the purchases and the buyers in the population. `S` is by
        maximum likelihood of the brands each buyer chose, given how many purchases the buyer made,
        with the observed shares; it does not depend on the population.

        Parameters
        ----------
        purchases : DataFrame
            One row for each purchase.
        buyer, brand : str
            Its columns.
        population : int, optional
            People of whom the buyers are a part. Without it everybody there is has bought, the NBD
            has no `K` (it is NaN, with a warning), and the purchases per buyer are taken as they
            were observed.

        Returns
        -------
        self

        Raises
        ------
        DataError
            For missing columns, buyers or brands, fewer than two brands, or nobody who bought twice.
        ValueError
            For a population smaller than the number of buyers.
        """
        cells = Cells(purchases, buyer, brand)
        cells.need_two_brands()
        if cells.total.max() == 1:
            problem = "nobody bought twice, so nobody could be loyal or switch"
            raise DataError(whole(str(buyer), problem), "Watch the buyers for longer.")
        people = cells.members(population)
        names = pd.Index(cells.brands, name="brand")
        shares = np.bincount(cells.brand, cells.bought) / cells.total.sum()
        shares = pd.Series(shares, names, name="share").sort_values(ascending=False, kind="stable")
        buyers = pd.Series(np.bincount(cells.brand), names)[shares.index]
        self.warnings_ = []
        if people > len(cells.total):
            everybody = cells.total.sum() / people
            self._set_category(everybody, len(cells.total) / people, shares)
        else:
            self._observe(cells.total, shares)
        self._set_brand_s(buyers / people)
        self.params_["S"] = self._likeliest_s(cells)
        return self

    def predict(self) -> pd.DataFrame:
        """Predict each brand's measures from its share alone.

        Returns
        -------
        DataFrame
            By brand: ``penetration, frequency, share, scr, sole``, as
            :func:`crmlib.loyalty.brand_metrics` observes them.
        """
        check_is_fitted(self, "params_")
        return pd.DataFrame(
            [self._measures(share) for share in self.shares_],
            index=self.shares_.index,
            columns=["penetration", "frequency", "share", "scr", "sole"],
        )

    def _measures(self, share: float) -> tuple[float, ...]:
        S = self.params_["S"]
        n, chance = self._n, self._chance
        none = _ratio(S, S * (1 - share), n)
        b = 1 - chance @ none
        of_buyers = (n * chance) @ (1 - none)  # all purchases of the brand's buyers
        only = chance @ np.where(n > 0, _ratio(S, S * share, n), 0.0)
        bought = (n * chance).sum() * share
        return b, bought / b, share, bought / of_buyers, only / b

    def _set_category(self, M: float, penetration: float, shares: pd.Series) -> None:
        """Find K, and with it the distribution of purchases."""
        K = _exponent(M, penetration)
        if not _K_RANGE[0] < K < _K_RANGE[1]:
            self._warn(
                f"K ran away to {K:g}: no NBD has so many buyers and so many purchases (K large: "
                "buying as even as chance would make it, or more so). Check the two figures."
            )
        self.params_ = pd.Series({"M": M, "K": K, "S": np.nan})
        most = (
            nbinom.isf(_TAIL * penetration, K, K / (K + M)) if M <= _MOST else M
        )  # beyond, isf never ends
        if not most <= _MOST:
            problem = f"M = {M:.4g} and K = {K:.3g} mean buyers of more than {_MOST:,} purchases"
            raise DataError(whole("purchases", problem), "Count purchases over a shorter time.")
        self._n = np.arange(int(most) + 1)
        self._chance = nbinom.pmf(self._n, K, K / (K + M))
        self.shares_ = shares

    def _observe(self, total: np.ndarray, shares: pd.Series) -> None:
        """Take the distribution of purchases as it was observed."""
        self.params_ = pd.Series({"M": total.mean(), "K": np.nan, "S": np.nan})
        self._n, people = np.unique(total, return_counts=True)
        self._chance = people / people.sum()
        self.shares_ = shares
        self._warn(
            "everybody in the population bought, so that the NBD of purchases has no K (it is NaN); "
            "the observed numbers of purchases stand in for it. Give population=, the whole panel, "
            "to have K."
        )

    def _set_brand_s(self, penetrations: pd.Series) -> None:
        """Find the S at which each brand has its penetration."""
        self.brand_S_ = pd.Series(
            [self._own_s(s, b) for s, b in zip(self.shares_, penetrations, strict=True)],
            index=self.shares_.index,
            name="S",
        )
        without = self.brand_S_.index[self.brand_S_.isna()]
        if len(without):
            self._warn(
                f"no S gives {', '.join(map(str, without))} the penetration it has with its share."
            )

    def _own_s(self, share: float, penetration: float) -> float:
        n, chance = self._n, self._chance
        S = _root(lambda S: penetration - 1 + chance @ _ratio(S, S * (1 - share), n), _S_RANGE)
        return np.nan if S in _S_RANGE else S

    def _mean_s(self) -> float:
        """Average the brands' S by the rule of NBDdirichlet, and say what it left out."""
        own = self.brand_S_.dropna()
        if own.empty:
            problem = "no brand's penetration goes with its share"
            raise DataError(
                whole("brand_penetrations", problem), "Check the shares and penetrations."
            )
        weights = self.shares_[own.index]
        left_out = own > _upper_notch(own.to_numpy())
        kept = own[~left_out]
        S = np.average(kept, weights=weights[kept.index])
        if left_out.any():
            self._warn(
                f"S = {S:.3g} is a mean without {', '.join(map(str, own.index[left_out]))}, whose "
                f"own S is above the others'; over all brands it is "
                f"{np.average(own, weights=weights):.3g} (they run from {own.min():.3g} to "
                f"{own.max():.3g}, see brand_S_)."
            )
        return float(S)

    def _likeliest_s(self, cells: Cells) -> float:
        """Maximise the Dirichlet-multinomial likelihood, the observed shares given.

        It needs only how many buyers bought each brand x times, and the category n times.
        """
        span = int(cells.bought.max()) + 1
        keys, weights = np.unique(cells.brand * span + cells.bought, return_counts=True)
        which, x = np.divmod(keys, span)
        s = self.shares_.reindex(cells.brands).to_numpy()[which]
        n, people = np.unique(cells.total, return_counts=True)

        def slope(S):
            chosen = (weights * s) @ (psi(S * s + x) - psi(S * s))
            return chosen - people @ (psi(S + n) - psi(S))

        S = _root(slope, _S_RANGE)
        if S in _S_RANGE:
            why = "stay with one brand each" if S < 1 else "are all alike"
            self._warn(f"S ran away to {S:g}: the buyers {why}, so that no finite S fits best.")
        return S

    def _warn(self, text: str) -> None:
        """Say it once aloud, and keep it in `warnings_`."""
        self.warnings_.append(text)
        warn(f"Dirichlet: {text}")


def _ratio(S: float, a: float, n: np.ndarray) -> np.ndarray:
    r"""Give the chance that all n choices fall on brands with the sum a of :math:`\alpha`."""
    return np.exp(gammaln(S) - gammaln(a) + gammaln(a + n) - gammaln(S + n))


def _exponent(M: float, penetration: float) -> float:
    """Solve K ln(1 + M/K) = -ln(1 - penetration), that is P(0) of the NBD, for K."""
    return _root(lambda K: -K * np.log1p(M / K) - np.log1p(-penetration), _K_RANGE)


def _root(f, ends: tuple[float, float]) -> float:
    """Find where f falls through zero; the end beyond which it would, if it does not in between."""
    low, high = ends
    if f(high) >= 0:
        return high
    if f(low) <= 0:
        return low
    ln = brentq(lambda ln: f(np.exp(ln)), *np.log(ends), xtol=1e-12)
    return float(np.exp(ln))


def _upper_notch(values: np.ndarray) -> float:
    """Give the upper end of the notch of Tukey's boxplot."""
    ordered, half = np.sort(values), (len(values) + 1) // 2
    lower, upper = np.median(ordered[:half]), np.median(ordered[-half:])
    return np.median(values) + 1.58 * (upper - lower) / np.sqrt(len(values))


def _brand_table(shares, penetrations) -> tuple[pd.Series, pd.Series]:
    """Give share and penetration by brand, checked."""
    given = {"shares": shares, "brand_penetrations": penetrations}
    given = {k: pd.Series(v) if isinstance(v, dict) else v for k, v in given.items()}
    s, b = (validate.finite(v, k).rename(k) for k, v in given.items())
    if s.empty:
        raise DataError(whole("shares", "there are none"), "Give one for each brand.")
    if not isinstance(given["brand_penetrations"], pd.Series):
        b = b.to_numpy()
    table = [s, validate.aligned(b, s.index, "brand_penetrations", "shares")]
    for column in table:
        outside = ~((column > 0) & (column < 1))
        problem = "not a share between 0 and 1"
        refuse([find(column, outside, problem)], "Write 0.25 for 25 %; leave out brands with none.")
    if not s.index.is_unique:
        again = s.index[s.index.duplicated()]
        refuse([whole("shares", f"two brands are called {b!r}") for b in again], "Rename one.")
    if s.sum() > 1 + 1e-6:
        problem = f"they sum to {s.sum():.4g}, more than 1"
        raise DataError(whole("shares", problem), "Give shares of all purchases of the category.")
    return table[0].rename_axis("brand"), table[1].rename_axis("brand")
