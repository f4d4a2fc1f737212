"""Inputs nobody thought of for loyalty and for what reads, writes and shows, as in `test_fuzz`.

`test_every_function_is_tried` holds that a new function gets a line.
"""

import inspect

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import test_fuzz
import test_fuzz_lifetime
from hypothesis import strategies as st
from test_fuzz import ODD, SEED, SHARE, column, mostly, table, tried

import crmlib as crm
from crmlib import plots

N = st.just(8)
FLAGS, SCORE = column(0, 1, N), column(0, 9, N)
PANEL = pd.DataFrame({"buyer": [1, 1, 2, 2, 3, 3, 3], "brand": list("xyxxyyx")})
PANELS = mostly(st.sampled_from([
    PANEL, PANEL.assign(brand="x"), PANEL.assign(brand=None), PANEL[:0], PANEL.to_numpy(),
    PANEL.assign(brand=["x ", *"xyxy", "", "y"]), PANEL.assign(buyer=PANEL["buyer"] / 2),
]))  # fmt: skip
COLUMN = st.one_of(st.sampled_from(["buyer", "brand", "Brand", ["brand"]]), ODD)
BUYER, BRAND = (st.one_of(st.just(name), st.just(name), COLUMN) for name in ("buyer", "brand"))
PEOPLE = mostly(st.sampled_from([None, 3, 10, 10**10]))
PANEL_OF = {"purchases": PANELS, "buyer": BUYER, "brand": BRAND}
BRANDS = pd.Series([0.25, 0.19], ["a", "b"])
BRAND_SHARES = mostly(st.sampled_from([BRANDS, BRANDS[::-1], BRANDS * 100, BRANDS[:1], BRANDS * 0]))
EVENTS = pd.DataFrame(
    {
        "customer_id": ["ann", "bo", "ann", "bo"],
        "date": ["2024-01-01", "2024-01-02", "2024-02-01", "2024-03-01"],
        "kind": ["visit", "visit", "order", "order"],
    }
)
MANY_EVENTS = mostly(st.sampled_from([
    EVENTS, EVENTS[:0], EVENTS.drop(columns="kind"), EVENTS.assign(kind=1),
    EVENTS.assign(date=["9999-12-31", *EVENTS["date"][1:]]),
    EVENTS.assign(customer_id=["ann ", "bo", None, "1.2E+11"]),
]))  # fmt: skip
RULE = {"kind": "order", "at_least": 1, "within_days": 60}
RULES = mostly(st.sampled_from([
    {"client": RULE}, {1: RULE}, {}, {"client": {}}, {"client": RULE | {"most": 1}},
    {"client": RULE | {"kind": ["order"]}}, {"client": RULE | {"at_least": "1"}},
]))  # fmt: skip
WIDE = pd.DataFrame([["a", "a", "b"], ["a", "b", "b"], ["b", "a", None]])
STATES = mostly(
    st.sampled_from([WIDE, WIDE.replace("a", "a "), WIDE.replace("b", ""), WIDE.map(lambda s: [s])])
)
LOG = pd.DataFrame(
    {"customer_id": ["a", "a", "b"], "date": pd.to_datetime(["2024-01-01", "2024-02-01"] * 2)[:3]}
)
MODEL = crm.MBGNBD.from_params(r=0.5, alpha=7, a=0.8, b=2)
UNIT = mostly(st.sampled_from(["day", "week", "wk"]))
DAY = mostly(st.sampled_from(["2024-03-01", "01/03/2024", "2024-02-30"]))
CURVE = crm.uplift_curve([1, 0, 1, 0], [1, 0, 0, 1], [4, 3, 2, 1])
METRICS = table(1, 5, ["penetration", "frequency"])
FIGURE = st.one_of(st.builds(plt.figure), ODD)


def dirichlet(purchases, buyer, brand, population):
    return crm.Dirichlet().fit(purchases, buyer=buyer, brand=brand, population=population).predict()


def from_shares(**figures):
    return crm.Dirichlet.from_shares(**figures).predict()


def draws(states, n, seed):
    return crm.transition_matrix(states).draws(n, seed)[0]


FUNCTIONS = {
    "brand_metrics": (crm.brand_metrics, PANEL_OF | {"population": PEOPLE}),
    "duplication": (crm.duplication, PANEL_OF),
    "Dirichlet": (dirichlet, PANEL_OF | {"population": PEOPLE}),
    "from_shares": (from_shares, dict(
        penetration=mostly(st.just(0.56)), purchases=mostly(st.floats(1, 50)), shares=BRAND_SHARES,
        brand_penetrations=BRAND_SHARES)),
    "wallet_share": (crm.wallet_share, dict(
        rank=mostly(st.integers(1, 3)), brands=mostly(st.just(3)))),
    "lift_table": (crm.lift_table, dict(outcome=FLAGS, score=SCORE, bins=mostly(st.just(2)))),
    "uplift_curve": (crm.uplift_curve, dict(outcome=FLAGS, treated=FLAGS, score=SCORE)),
    "qini": (crm.qini, dict(outcome=FLAGS, treated=FLAGS, score=SCORE)),
    "stages": (crm.stages, dict(events=MANY_EVENTS, on=DAY, rules=RULES)),
    "draws": (draws, dict(states=STATES, n=mostly(st.integers(1, 5)), seed=SEED)),
    "MBGNBD": (MODEL.simulate, dict(n=mostly(st.just(3)), T=mostly(st.floats(0, 9)), seed=SEED)),
    "Estimate": (crm.Estimate, {
        name: mostly(st.just(value)) for name, value in
        dict(value=0.5, se=0.1, low=0.3, high=0.7, n=20).items()}),
    "Estimate.normal": (crm.Estimate.normal, dict(
        value=mostly(st.just(5)), se=mostly(st.just(1)), n=mostly(st.just(9)), confidence=SHARE)),
    "load": (lambda name: len(crm.load(name)), dict(name=mostly(st.just("cdnow_sample")))),
    "describe": (crm.describe, dict(name=mostly(st.just("cdnow_sample")))),
    "show": (lambda fig, alt: crm.show(fig, alt) or 1, dict(
        fig=FIGURE, alt=mostly(st.just("The shop sells more than the web site.")))),
    "say": (lambda text: crm.say(text) or 1, dict(text=mostly(st.just("So it is.")))),
    "expect": (lambda condition, what: crm.expect(condition, what) or 1, dict(
        condition=mostly(st.just(np.True_)), what=mostly(st.just("it holds")))),
    "check_log": (crm.check_log, dict(
        log=st.just(LOG.assign(amount=1.0)), amount=st.just("amount"),
        customer=st.one_of(st.just("customer_id"), ODD), date=st.one_of(st.just("date"), ODD))),
    "tracking": (plots.tracking, dict(actual=column(size=st.just(4)), unit=UNIT,
        expected=table(rows=st.just(4)), split=st.none(), ax=mostly(st.none()))),
    "calibration": (plots.calibration, dict(
        frequency=column(0, 3, N), actual=column(0, 3, N), expected=table(0, 3, rows=N),
        top=mostly(st.just(2)))),
    "histories": (plots.histories, dict(
        log=mostly(st.sampled_from([LOG, LOG[["date"]]])), end=DAY, split=st.none(),
        customers=mostly(st.sampled_from([["a", "b"], "a", ["c"]])))),
    "alive_map": (plots.alive_map, dict(
        model=mostly(st.just(MODEL)), T=mostly(st.just(39)), unit=UNIT)),
    "double_jeopardy": (plots.double_jeopardy, dict(
        metrics=METRICS, expected=st.one_of(st.none(), METRICS))),
    "grid": (plots.grid, dict(values=table(-9, 9))),
    "uplift": (plots.uplift, dict(curves=mostly(
        st.sampled_from([CURVE, {"a": CURVE.astype(str)}, {"a": CURVE, "b": CURVE * 2}, {}])))),
    "likert": (plots.likert, dict(
        answers=table(1, 5), scale=mostly(st.sampled_from([(1, 5), (5, 1), (0, 10**7)])))),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_right_answer_or_a_refusal_in_words(name):
    outcomes = tried(*FUNCTIONS[name])
    assert outcomes["right"] and outcomes["refused"], outcomes


def test_every_function_is_tried():
    """But for those that read the course's own files or a log that the course has written."""
    source = "".join(map(inspect.getsource, (test_fuzz, test_fuzz_lifetime)))
    source += inspect.getsource(inspect.getmodule(dirichlet))
    functions = {name for name in crm.__all__ if not inspect.ismodule(getattr(crm, name))}
    left = {name for name in functions if f"crm.{name}" not in source}
    assert left == {"DataError", "truth", "read_log", "write_table"}
