# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "clvkit==0.2.1",
#     "pyarrow",  # what pandas keeps text in, as in the course
# ]
# ///
"""The tasks as a user of clvkit does them. It has no Pareto/NBD."""

from functools import partial

import numpy as np
import pandas as pd
from clvkit import CustomerBase
from clvkit.clv import BGNBD, CLV, MBGNBD, GammaGamma
from measure import log_table, main, repeaters, summary, totals


def base(table):
    """Dress a summary as what clvkit's models take."""
    data = table.rename(columns={"t_x": "recency", "monetary": "monetary_value"}).fillna(0)
    return CustomerBase(
        data,
        time_unit="W",
        collapse="D",
        observation_period_end=pd.Timestamp("2024-12-28"),
        has_monetary=True,
        on_negative="net",
    )


def rfm(arrays, *, text=False):
    """Reduce a log to one row per customer."""
    log = log_table(arrays, text=text)

    def work():
        return CustomerBase.from_transactions(log, time_unit="W", collapse="D")

    return work, lambda result: totals(result.to_pandas())


def fit(model):
    """Make the task of fitting one purchase model."""

    def task(arrays):
        customers = base(summary(arrays))
        return lambda: model().fit(customers), lambda m: {"params": [float(p) for p in m.params_]}

    return task


def fit_spend(arrays):
    """Fit the Gamma-Gamma model."""
    customers = base(repeaters(arrays))
    return lambda: GammaGamma().fit(customers), lambda m: {"params": [m.p, m.q, m.gamma]}


def clv(arrays):
    """Value every customer over 52 weeks, with models already fitted."""
    everybody = base(summary(arrays))
    model = CLV(check_independence=False).fit(base(summary(arrays).head(20_000)))

    def work():
        weekly = 1.1 ** (7 / 365.25) - 1
        return model.predict(horizon=52, discount_rate=weekly, cb=everybody)

    return work, lambda result: {"value": float(np.mean(result.to_pandas()["clv"]))}


TASKS = {
    "rfm": rfm,
    "rfm text": partial(rfm, text=True),
    "BGNBD": fit(BGNBD),
    "MBGNBD": fit(MBGNBD),
    "GammaGamma": fit_spend,
    "clv": clv,
}

if __name__ == "__main__":
    main(TASKS)
