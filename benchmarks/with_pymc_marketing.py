# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "pymc-marketing==0.19.2",
#     "pyarrow",  # what pandas keeps text in, as in the course
# ]
# ///
"""The tasks as a user of pymc-marketing does them, with its default priors and method="map"."""

from functools import partial

from measure import log_table, main, repeaters, summary, totals
from pymc_marketing.clv import (
    BetaGeoModel,
    GammaGammaModel,
    ModifiedBetaGeoModel,
    ParetoNBDModel,
    rfm_summary,
)


def dressed(table):
    """Rename a summary's columns to what pymc-marketing asks for."""
    names = {"t_x": "recency", "monetary": "monetary_value"}
    return table.reset_index().rename(columns=names).fillna(0)


def mode(model, names):
    """Read the parameters at the mode of the posterior."""
    return [float(model.idata.posterior[name].squeeze()) for name in names]


def rfm(arrays, *, text=False):
    """Reduce a log to one row per customer."""
    log = log_table(arrays, text=text)

    def work():
        return rfm_summary(log, "customer_id", "date", "amount", time_unit="D", time_scaler=7)

    return work, lambda table: totals(table.drop(columns="customer_id"))


def fit(model_class, names, prepare=summary):
    """Make the task of fitting one model at its posterior mode."""

    def task(arrays):
        table = dressed(prepare(arrays))

        def work():
            model = model_class()
            model.fit(data=table, method="map", progressbar=False)
            return model

        return work, lambda model: {"params": mode(model, names)}

    return task


def clv(arrays):
    """Value every customer over twelve months, with models already fitted."""
    table = dressed(summary(arrays))
    purchases, spend = BetaGeoModel(), GammaGammaModel()
    purchases.fit(data=table.head(20_000), method="map", progressbar=False)
    known = dressed(repeaters(arrays).head(20_000))
    spend.fit(data=known, method="map", progressbar=False)

    def work():
        return spend.expected_customer_lifetime_value(
            transaction_model=purchases,
            data=table.copy(),
            future_t=12,
            discount_rate=1.1 ** (1 / 12) - 1,
            time_unit="W",
        )

    return work, lambda value: {"value": float(value.mean())}


BETA = ["r", "alpha", "a", "b"]

TASKS = {
    "rfm": rfm,
    "rfm text": partial(rfm, text=True),
    "BGNBD": fit(BetaGeoModel, BETA),
    "MBGNBD": fit(ModifiedBetaGeoModel, BETA),
    "ParetoNBD": fit(ParetoNBDModel, ["r", "alpha", "s", "beta"]),
    "GammaGamma": fit(GammaGammaModel, "pqv", repeaters),
    "clv": clv,
}

if __name__ == "__main__":
    main(TASKS)
