"""Inputs nobody thought of, for logs and lifetime value: as in test_fuzz, whose means are used."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st
from test_fuzz import ODD, SEED, SHARE, column, mostly, table, tried

import crmlib as crm

NAMES = {"customer": "customer_id", "date": "date", "amount": "amount"}
DAYS = ["2024-01-05", "2024-02-01", "2024-02-29", "2024-03-08", "2024-03-09", "2024-05-01"]
UNIT = mostly(st.sampled_from(["day", "week", "month", "year", "weeks"]))
DAY = mostly(st.sampled_from(["2024-03-01", "2024-04-01", "2025-01-01", "1/2/2024", "2023-01-01"]))
SPLIT = mostly(st.sampled_from(["2024-02-05", "2024-02-28"]))
BUYING = crm.BGNBD.from_params(r=0.5, alpha=6.0, a=0.8, b=2.4)
PARETO = crm.ParetoNBD.from_params(r=0.5, alpha=6.0, s=0.7, beta=12.0)
BGBB = crm.BGBB.from_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
SPEND = crm.GammaGamma.from_params(p=6.0, q=4.0, gamma=15.0)
SBG = crm.SBG.from_params(alpha=0.7, beta=3.8)
CELLS = [
    "ann ",
    "",
    None,
    np.nan,
    1e12,
    "1.2E+11",
    "9999-12-31",
    "31/12/2024",
    -5,
    np.inf,
    "5,00",
    7,
]


@st.composite
def log(draw):
    """Make a log, mostly good, with one strange cell, column, type or shape."""
    n = draw(st.integers(1, 12))
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{draw(st.integers(0, 3))}" for _ in range(n)],
            "date": [draw(st.sampled_from(DAYS)) for _ in range(n)],
            "amount": [draw(st.integers(0, 50)) / 2 for _ in range(n)],
        }
    )
    column = draw(st.sampled_from(list(frame)))
    change = draw(st.sampled_from(["", "", "", "cell", "lack", "twin", "kind", "none", "odd"]))
    if change == "cell":
        frame = frame.astype({column: object})
        frame.loc[draw(st.integers(0, n - 1)), column] = draw(st.sampled_from(CELLS))
    if change == "kind":
        kinds = ["category", "object", "datetime64[s]", "Float64", "bool", "string"]
        try:
            frame = frame.astype({column: draw(st.sampled_from(kinds))})
        except (TypeError, ValueError):
            return frame
    changes = {
        "lack": lambda f: f.drop(columns=column),
        "twin": lambda f: pd.concat([f, f[[column]]], axis=1),
        "none": lambda f: f.iloc[:0],
        "odd": lambda f: draw(ODD),
    }
    return changes.get(change, lambda f: f)(frame)


@st.composite
def summary(draw, last="T"):
    """Make a table of histories, mostly possible ones."""
    n = draw(st.integers(1, 8))
    x = [draw(st.integers(0, 4)) for _ in range(n)]
    t_x = [draw(st.integers(v, 9)) if v else 0 for v in x]
    T = [v + draw(st.integers(0, 20)) for v in t_x]
    frame = pd.DataFrame({"frequency": x, "t_x": t_x, last: T, "monetary": 9.0})
    change = draw(st.sampled_from(["", "", "", "cell", "lack", "text", "twin", "none"]))
    column = draw(st.sampled_from(list(frame)))
    if change == "cell":
        frame = frame.astype({column: object})
        frame.loc[0, column] = draw(st.sampled_from([-1, 0.5, np.nan, np.inf, "3", 99, None, True]))
    changes = {
        "lack": lambda f: f.drop(columns=column),
        "text": lambda f: f.astype({column: str}),
        "twin": lambda f: pd.concat([f, f[[column]]], axis=1),
        "none": lambda f: f.iloc[:0],
    }
    return changes.get(change, lambda f: f)(frame)


def model_of(model):
    def use(base, x, t, seed):
        predicted = model.predict(base, t)
        model.pmf(base, x, t), model.draw_future(base, t, seed)
        return predicted

    return use


def fitted(model):
    return lambda base, weights: model().fit(base, weights).summary()


TIME, COUNT = mostly(st.floats(0, 100)), mostly(st.integers(0, 20))
COUNTS = st.one_of(COUNT, st.just([0, 1, 2]), st.just([]))
WEIGHTS = st.one_of(st.none(), column(0, 9))
MARGIN = st.one_of(st.just(0.3), SHARE, column(0, 1))
HORIZON = st.one_of(mostly(st.floats(0, 100)), st.just([4, 52]), st.just([]))
MATRIX = mostly(
    st.sampled_from([[[0.8, 0.2], [0, 1]], [[0.8, 0.1], [0, 1]], [[1]], [[0.5, 0.5], [0.5]], [[]]])
)
REWARDS = mostly(st.lists(st.floats(-9, 9), min_size=2, max_size=2))
PANEL = st.one_of(table(1, 3), table(1, 3, "ab"), ODD)
ORDER = mostly(st.sampled_from([None, [1, 2, 3], [1, 1, 2], "123", list(range(11))]))
SURVIVORS = mostly(
    st.lists(st.integers(1, 99), min_size=1, max_size=6).map(lambda v: sorted(v)[::-1])
)
FUTURE = {"x": COUNTS, "t": TIME, "seed": SEED}
ORDERS = pd.DataFrame({c: [1.0, 2.0] for c in ("amount", "delivery_fee", "delivery_cost")}).assign(
    order_id=["a", "b"]
)
LINES = pd.DataFrame({"order_id": ["a", "b"], "cost": [1.0, 1.0]})
FUNCTIONS = {
    "check_log": (crm.check_log, dict(log=log(), **{k: st.just(v) for k, v in NAMES.items()})),
    "rfm": (crm.rfm, dict(log=log(), end=st.one_of(st.none(), DAY), unit=UNIT)),
    "holdout": (crm.holdout, dict(log=log(), split=SPLIT, unit=UNIT)),
    "gaps": (crm.gaps, dict(log=log())),
    "cohorts": (crm.cohorts, dict(
        log=log(), period=mostly(st.sampled_from(["month", "year", "day"])))),
    "order_profit": (crm.order_profit, dict(
        orders=mostly(st.sampled_from([ORDERS, ORDERS[:1], ORDERS[["amount"]]])),
        lines=mostly(st.sampled_from([LINES, LINES[:1]])), payment_share=SHARE)),
    "BGNBD": (model_of(BUYING), dict(base=summary(), **FUTURE)),
    "ParetoNBD": (model_of(PARETO), dict(base=summary(), **FUTURE)),
    "BGBB": (model_of(BGBB), dict(base=summary("n"), **FUTURE | {"t": COUNT})),
    "BGNBD.fit": (fitted(crm.BGNBD), dict(base=summary(), weights=WEIGHTS)),
    "BGBB.fit": (fitted(crm.BGBB), dict(base=summary("n"), weights=WEIGHTS)),
    "GammaGamma": (lambda base: SPEND.predict(base), dict(base=summary())),
    "expected_purchases": (BUYING.expected_purchases, dict(t=st.one_of(TIME, column()))),
    "simulate": (BUYING.simulate, dict(n=mostly(st.integers(1, 9)), T=TIME, seed=SEED)),
    "SBG": (lambda survivors: crm.SBG().fit(survivors).summary(), dict(survivors=SURVIVORS)),
    "derl": (SBG.derl, dict(renewals=COUNTS, rate=SHARE)),
    "clv": (crm.clv, dict(
        purchases=st.just(BUYING), spend=st.just(SPEND), summary=summary(),
        horizon=HORIZON, rate=SHARE, margin=MARGIN, unit=UNIT)),
    "margin_multiple": (crm.margin_multiple, dict(retention=SHARE, rate=SHARE)),
    "migration_value": (crm.migration_value, dict(
        transitions=MATRIX, rewards=REWARDS, rate=SHARE, horizon=st.one_of(st.none(), COUNT))),
    "transition_matrix": (crm.transition_matrix, dict(states=PANEL, order=ORDER)),
    "gini": (crm.gini, dict(values=st.one_of(column(), table()))),
    "lorenz": (crm.lorenz, dict(values=st.one_of(column(), table()))),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_right_answer_or_a_refusal_in_words(name):
    outcomes = tried(*FUNCTIONS[name])
    assert outcomes["refused"] and outcomes["right"], outcomes
