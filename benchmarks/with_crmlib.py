"""The tasks as a reader of the course does them; runs in the course's own environment."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from measure import log_table, main, repeaters, summary, totals
from simulate import DRIVEN, DRIVERS, MEASURES, PATHS
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

import crmlib as crm

ORDER = ["frequency", "t_x", "T", "monetary"]
NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


def rfm(arrays, *, text=False):
    """Reduce a log to one row per customer."""
    log = log_table(arrays, text=text)
    return lambda: crm.rfm(log), lambda table: totals(table[ORDER])


def rfm_duckdb(arrays, *, text=False):
    """Reduce a DuckDB relation, in DuckDB."""
    from with_sql import relation

    log = relation(arrays, text=text)
    return lambda: crm.rfm(log), lambda table: totals(table[ORDER])


def fit(model, prepare=summary):
    """Make the task of fitting one model; its standard errors are part of the fit."""

    def task(arrays):
        table = prepare(arrays)
        return lambda: model().fit(table), lambda fitted: {"params": fitted.params_.tolist()}

    return task


def clv(arrays):
    """Value every customer over 52 weeks, with models already fitted."""
    table, known = summary(arrays), repeaters(arrays).head(20_000)
    purchases, spend = crm.BGNBD().fit(table.head(20_000)), crm.GammaGamma().fit(known)

    def work():
        return crm.clv(purchases, spend, table, horizon=52, rate=0.1)

    return work, lambda value: {"value": float(value.mean())}


def importance(arrays):
    """Divide R² among the drivers by their order of entry (LMG)."""
    table = pd.DataFrame(arrays)
    return (
        lambda: crm.importance(table[DRIVERS], table[DRIVEN]),
        lambda shares: {"numbers": shares.tolist()},
    )


def path_model(arrays):
    """Fit the path model of the simulated survey."""
    table = pd.DataFrame(arrays)
    return (
        lambda: crm.PathModel(MEASURES, list(PATHS)).fit(table),
        lambda model: {"numbers": model.paths_.tolist()},
    )


def stability(arrays):
    """Draw customers a hundred times and cluster them by four variables into five, by k-means."""
    table = summary(arrays)
    variables = np.log1p(table[["frequency", "t_x", "T"]]).assign(spend=table["monetary"].fillna(0))
    X = StandardScaler().fit_transform(variables)
    return (
        lambda: crm.stability(X, KMeans(5, random_state=0)),
        lambda found: {"measures": {"mean": float(found["mean"].mean())}},
    )


def taught(notebook, cell):
    """Return what one cell of a worked example defines, so that the code measured is that taught."""
    cells = json.loads((NOTEBOOKS / notebook).read_text(encoding="utf-8"))["cells"]
    names = {}
    exec("".join(next(c["source"] for c in cells if c["id"] == cell)), names)
    return names


def snapshot(arrays):
    """Take the features of notebook 3.5 as of a day half a year before the log's end."""
    log = log_table(arrays)
    day = log["date"].max() - pd.Timedelta(180, "D")
    take = taught("3_loyalty/3_5_early_warning.ipynb", "snapshot")["snapshot"]
    return (
        lambda: take(log, day),
        lambda found: {"measures": {"customers": len(found)} | found.sum().to_dict()},
    )


def stages(arrays):
    """Assign the customers of a DuckDB relation of events to three stages, in DuckDB."""
    from with_sql import RULES, events

    log, day = events(arrays)
    return (
        lambda: crm.stages(log, on=day, rules=RULES),
        lambda stage: {"numbers": stage.value_counts()[list(RULES)].tolist()},
    )


def dirichlet(arrays):
    """Fit the NBD-Dirichlet to a panel: each customer's purchases, spread over four brands."""
    rng = np.random.default_rng(1)
    purchases = arrays["frequency"].astype(int)
    chances = rng.dirichlet([0.8, 0.6, 0.4, 0.2], len(purchases)).cumsum(axis=1)
    buyer = np.repeat(np.arange(len(purchases)), purchases)
    brand = (rng.random(len(buyer))[:, None] > chances[buyer, :3]).sum(axis=1)
    panel = pd.DataFrame({"buyer": buyer, "brand": brand})
    return (
        lambda: crm.Dirichlet().fit(panel, buyer="buyer", brand="brand", population=len(purchases)),
        lambda fitted: {"measures": {"S": fitted.params_["S"]}},
    )


TASKS = {
    "rfm": rfm,
    "rfm text": partial(rfm, text=True),
    "rfm DuckDB": rfm_duckdb,
    "rfm DuckDB text": partial(rfm_duckdb, text=True),
    "BGNBD": fit(crm.BGNBD),
    "MBGNBD": fit(crm.MBGNBD),
    "ParetoNBD": fit(crm.ParetoNBD),
    "GammaGamma": fit(crm.GammaGamma, repeaters),
    "clv": clv,
    "importance": importance,
    "path model": path_model,
    "stability": stability,
    "stages": stages,
    "Dirichlet": dirichlet,
    "snapshot": snapshot,
}

if __name__ == "__main__":
    main(TASKS)
