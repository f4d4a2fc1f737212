# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "lifetimes==0.11.3",
#     "pyarrow",  # what pandas keeps text in, as in the course
# ]
# ///
"""The tasks as a user of lifetimes does them."""

from functools import partial

from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter
from lifetimes.utils import summary_data_from_transaction_data
from measure import log_table, main, repeaters, summary, totals


def rfm(arrays, *, text=False):
    """Reduce a log to one row per customer."""
    log = log_table(arrays, text=text)

    def work():
        return summary_data_from_transaction_data(
            log, "customer_id", "date", "amount", freq="D", freq_multiplier=7
        )

    return work, totals


def fit(fitter, names):
    """Make the task of fitting one purchase model."""

    def task(arrays):
        table = summary(arrays)

        def work():
            return fitter().fit(table["frequency"], table["t_x"], table["T"])

        return work, lambda model: {"params": [float(model.params_[name]) for name in names]}

    return task


def fit_by_hand(fitter, names):
    """Make the task of fitting after grouping equal customers, which lifetimes leaves to users."""

    def task(arrays):
        table = summary(arrays)

        def work():
            cells = table.groupby(["frequency", "t_x", "T"]).size().reset_index(name="n")
            return fitter().fit(cells["frequency"], cells["t_x"], cells["T"], cells["n"])

        return work, lambda model: {"params": [float(model.params_[name]) for name in names]}

    return task


def fit_spend(arrays):
    """Fit the Gamma-Gamma model."""
    table = repeaters(arrays)

    def work():
        return GammaGammaFitter().fit(table["frequency"], table["monetary"])

    return work, lambda model: {"params": [float(model.params_[name]) for name in "pqv"]}


def clv(arrays):
    """Value every customer over a year of twelve 30-day months, with models already fitted."""
    table, known = summary(arrays), repeaters(arrays).head(20_000)
    some = table.head(20_000)
    purchases = BetaGeoFitter().fit(some["frequency"], some["t_x"], some["T"])
    spend = GammaGammaFitter().fit(known["frequency"], known["monetary"])
    monetary = table["monetary"].fillna(0)

    def work():
        return spend.customer_lifetime_value(
            purchases,
            table["frequency"],
            table["t_x"],
            table["T"],
            monetary,
            time=12,
            discount_rate=1.1 ** (1 / 12) - 1,
            freq="W",
        )

    return work, lambda value: {"value": float(value.mean())}


BETA = ["r", "alpha", "a", "b"]
PARETO = ["r", "alpha", "s", "beta"]

TASKS = {
    "rfm": rfm,
    "rfm text": partial(rfm, text=True),
    "BGNBD": fit(BetaGeoFitter, BETA),
    "MBGNBD": fit(ModifiedBetaGeoFitter, BETA),
    "ParetoNBD": fit(ParetoNBDFitter, PARETO),
    "BGNBD by hand": fit_by_hand(BetaGeoFitter, BETA),
    "ParetoNBD by hand": fit_by_hand(ParetoNBDFitter, PARETO),
    "GammaGamma": fit_spend,
    "clv": clv,
}

if __name__ == "__main__":
    main(TASKS)
