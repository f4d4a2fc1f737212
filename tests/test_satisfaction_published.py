"""Satisfaction measures against published numbers and independent programs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest

import crmlib as crm

PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text("utf-8"))
CODES = {"A": (1, 3), "O": (1, 5), "M": (2, 5), "I": (3, 3), "R": (5, 1), "Q": (1, 1)}
SCHEMES = ("path", "centroid", "factorial")


@pytest.fixture(scope="module")
def attitude():
    table = crm.load("attitude")
    return table.drop(columns="rating"), table["rating"]


@pytest.mark.parametrize("case", PUBLISHED["csat"]["satisfied, n, low, high"])
def test_newcombes_shares(case):
    satisfied, n, low, high = case
    share = crm.csat([5] * satisfied + [1] * (n - satisfied))
    assert share.value == pytest.approx(satisfied / n)
    assert [round(share.low, 4), round(share.high, 4)] == [low, high]


@pytest.mark.parametrize("method", ["wald", "adjusted"])
def test_nps_interval(method):
    case = PUBLISHED["nps"]
    counts = case["counts"]
    scores = [9] * counts["promoters"] + [7] * counts["passives"] + [0] * counts["detractors"]
    score = crm.nps(scores, method=method)
    assert score.value == pytest.approx(case["value"])
    assert [score.low, score.high] == pytest.approx(case[method], abs=1e-5)


def test_nps_standard_errors():
    scores = [10] * 30 + [8] * 50 + [6] * 20
    assert crm.nps(scores, method="wald").se == pytest.approx(0.07)
    assert crm.nps(scores).se == pytest.approx(0.069013, abs=5e-7)


def test_krejcie_and_morgan_to_the_printed_digit():
    for population, n in PUBLISHED["sample_size"]["population"].items():
        assert crm.sample_size(0.05, population=int(population)) == n
    assert crm.sample_size(0.05) == 384  # Cochran's 384.16


@pytest.mark.parametrize("method", ["lmg", "johnson"])
def test_importance_of_the_supervisors_qualities(attitude, method):
    shares = crm.importance(*attitude, method=method)
    expected = pd.Series(PUBLISHED["importance"][method])
    pd.testing.assert_series_equal(shares.round(4), expected, check_names=False)
    assert shares.sum() == pytest.approx(PUBLISHED["importance"]["r_squared"], abs=5e-5)


def test_lmg_is_what_pingouin_computes(attitude):
    X, y = attitude
    theirs = pingouin.linear_regression(X, y, relimp=True).set_index("names")["relimp"].dropna()
    ours = crm.importance(X, y)
    np.testing.assert_allclose(ours[theirs.index], theirs, atol=1e-10)


def test_kano_of_skis():
    case = PUBLISHED["kano"]
    there, missing = {}, {}
    for feature, percent in case["percent"].items():
        people = np.rint(10 * np.array(percent)).astype(int)
        pairs = [CODES[c] for c, n in zip("AOMIRQ", people, strict=True) for _ in range(n)]
        there[feature], missing[feature] = map(pd.Series, zip(*pairs, strict=True))
    table = crm.kano(pd.DataFrame(there), pd.DataFrame(missing))
    assert table["better"].round(4).tolist() == case["better"]
    assert table["worse"].round(4).tolist() == case["worse"]
    assert table["category"].tolist() == case["category"]
    assert table.loc["service", list("AOMIRQ")].tolist() == [638, 216, 29, 85, 7, 25]


@pytest.mark.parametrize("case", ["mm3", "mm1"])
def test_bronsons_queues(case):
    numbers = PUBLISHED["mmc"][case]
    queue = crm.mmc(numbers["arrivals"], numbers["service"], numbers["servers"])
    for name in {"P0", "Lq", "L", "Wq", "W"} & set(numbers):
        assert queue[name] == pytest.approx(numbers[name], rel=5e-6), name


def test_p_chart_of_orange_juice():
    case = PUBLISHED["p_chart"]
    cans = pd.Series(case["defective"], index=range(1, 31))
    limits = crm.control_limits(cans, pd.Series(case["inspected"], cans.index), kind="p")
    assert limits[["centre", "low", "high"]].iloc[0].round(4).tolist() == [
        case["centre"],
        case["low"],
        case["high"],
    ]
    assert limits.index[limits["outside"]].tolist() == [15, 23]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_path_model_is_what_plspm_computes(scheme, monkeypatch):
    monkeypatch.delenv("CRMLIB_DATA", raising=False)
    case = PUBLISHED["PathModel"]
    expected = case["paths"][scheme]
    paths = [tuple(path.split(">")) for path in expected]
    answers = crm.load("shihu/survey").dropna()
    names = list(dict.fromkeys(name for path in paths for name in path))
    measures = {name: [c for c in answers if c.startswith(f"{name}_")] for name in names}
    model = crm.PathModel(measures, paths, scheme=scheme).fit(answers)
    np.testing.assert_allclose(model.paths_, list(expected.values()), atol=case["tolerance"])
