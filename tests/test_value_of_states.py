"""What customers in a state are worth: the multiple, Markov chains, moves counted from a panel."""

import numpy as np
import pandas as pd
import pytest

import crmlib as crm

# Pfeifer and Carraway (2000): recency 1-4 and given up; chance to buy, 40 a purchase, 4 a mailing.
BUYS = [0.30, 0.20, 0.15, 0.05]
STATES = ["1", "2", "3", "4", "gone"]


def programme():
    P = pd.DataFrame(0.0, index=STATES, columns=STATES)
    for k, p in enumerate(BUYS):
        P.iloc[k, 0], P.iloc[k, k + 1] = p, 1 - p
    P.loc["gone", "gone"] = 1.0
    return P, pd.Series([36.0, -4.0, -4.0, -4.0, 0.0], index=STATES)


@pytest.fixture
def mailing():
    return programme()


# ---- The margin multiple -------------------------------------------------------------------------


def test_the_published_multiples():
    """Gupta and Lehmann (2005): retention by discount rate."""
    table = crm.margin_multiple(np.array([[0.6], [0.7], [0.8], [0.9]]), [0.10, 0.12, 0.14, 0.16])
    published = [
        [1.20, 1.15, 1.11, 1.07],
        [1.75, 1.67, 1.59, 1.52],
        [2.67, 2.50, 2.35, 2.22],
        [4.50, 4.09, 3.75, 3.46],
    ]
    assert table == pytest.approx(np.array(published), abs=0.00501)


def test_five_points_more_retention_add_a_fifth_to_a_third():
    r = np.array([0.50, 0.60, 0.70, 0.75, 0.80, 0.85, 0.90])
    lift = crm.margin_multiple(r + 0.05, 0.12) / crm.margin_multiple(r, 0.12) - 1
    expected = [0.1965, 0.1986, 0.2162, 0.2333, 0.2593, 0.2995, 0.3660]
    assert lift == pytest.approx(expected, abs=5e-5)


def test_the_multiple_is_the_sum_it_stands_for():
    t = np.arange(1, 500)
    value = crm.margin_multiple(0.8, 0.12)
    assert value == pytest.approx((0.8**t / 1.12**t).sum(), rel=1e-12)
    assert isinstance(value, float)
    assert crm.margin_multiple(0.0, 0.1) == 0.0
    assert crm.margin_multiple(1.0, 0.1) == pytest.approx(10)


@pytest.mark.parametrize(
    ("retention", "rate", "problem"),
    [
        (1.2, 0.1, "share from 0 to 1"),
        ([0.5, -0.1], 0.1, "share from 0 to 1"),
        (80, 0.1, "share from 0 to 1"),
        (np.nan, 0.1, "share from 0 to 1"),
        (1.0, 0.0, "infinitely much"),
        (0.95, -0.1, "rate must be a share"),
        (0.8, 12, "rate must be a share from 0 to below 1, not 12. 12 % is 0.12"),
        (0.8, np.inf, "rate must be a share"),
    ],
)
def test_impossible_rates_are_refused(retention, rate, problem):
    with pytest.raises(ValueError, match=problem):
        crm.margin_multiple(retention, rate)


# ---- The value of states -------------------------------------------------------------------------


def test_the_mailing_programme_over_four_periods(mailing):
    """The paper's example. Worked out here term by term, for its printed vector was not at hand."""
    P, R = mailing
    term, total = R.to_numpy(), R.to_numpy().copy()
    for _ in range(4):
        term = np.array([p * term[0] + (1 - p) * term[k + 1] for k, p in enumerate(BUYS)] + [0])
        term = term / 1.2
        total = total + term
    value = crm.migration_value(P, R, 0.2, horizon=4)
    assert value.to_numpy() == pytest.approx(total, rel=1e-12)
    assert value.round(3).tolist() == [50.115, 4.220, 0.592, -1.980, 0.0]
    assert (value.name, value.index.tolist()) == ("value", STATES)


def test_the_mailing_programme_without_end(mailing):
    """By hand: backwards from `gone`, each value is a line in V1; the first equation closes it."""
    P, R = mailing
    slope, constant = 0.0, 0.0
    for p, r in zip(BUYS[::-1], R.to_numpy()[3::-1], strict=True):
        slope, constant = (p + (1 - p) * slope) / 1.2, r + (1 - p) * constant / 1.2
    first = constant / (1 - slope)
    value = crm.migration_value(P, R, 0.2)
    assert value["1"] == pytest.approx(first, rel=1e-12)
    assert value.round(3).tolist() == [52.320, 5.554, 1.251, -1.820, 0.0]
    late = crm.migration_value(P, R, 0.2, horizon=300)
    pd.testing.assert_series_equal(value, late)


def test_the_last_mailing_is_one_too_many(mailing):
    """Stopping at recency 3 raises the value of every customer still mailed."""
    P, R = mailing
    mailed = crm.migration_value(P, R, 0.2)
    P.loc["4"], R["4"] = [0, 0, 0, 0, 1.0], 0.0
    assert (crm.migration_value(P, R, 0.2).iloc[:4] > mailed.iloc[:4]).all()


def test_two_states_are_the_margin_multiple():
    P = [[0.8, 0.2], [0, 1]]
    value = crm.migration_value(P, [1, 0], 0.12)
    assert value[0] - 1 == pytest.approx(crm.margin_multiple(0.8, 0.12))


def test_states_are_matched_by_name(mailing):
    P, R = mailing
    shuffled = P.loc[STATES[::-1], sorted(STATES)]
    value = crm.migration_value(shuffled, R.sample(frac=1, random_state=1), 0.2)
    pd.testing.assert_series_equal(value[STATES], crm.migration_value(P, R, 0.2))


def test_no_horizon_is_the_reward_of_today(mailing):
    P, R = mailing
    assert crm.migration_value(P, R, 0.2, horizon=0).tolist() == R.tolist()
    undiscounted = crm.migration_value(P, R, 0.0, horizon=1)
    assert undiscounted.to_numpy() == pytest.approx(R + P.to_numpy() @ R)


def test_rows_that_do_not_sum_to_one_are_named(mailing):
    P, R = mailing
    P.loc["2", "3"] = 0.7
    with pytest.raises(crm.DataError, match=r"row 2, sum of the row = 0\.89(.|\n)*is not 1") as e:
        crm.migration_value(P, R, 0.2)
    assert e.value.problems["row"].tolist() == ["2"]
    P.loc["2"] = [-0.2, 0, 1.2, 0, 0]
    with pytest.raises(crm.DataError, match="outside 0 to 1") as e:
        crm.migration_value(P, R, 0.2)
    assert e.value.problems["column"].tolist() == ["1", "3"]
    P.loc["2"] = [np.nan, 0, 1, 0, 0]
    with pytest.raises(crm.DataError, match="outside 0 to 1"):
        crm.migration_value(P, R, 0.2)


def test_states_that_do_not_match_are_named(mailing):
    P, R = mailing
    with pytest.raises(crm.DataError, match=r"no reward for state '3'(.|\n)*a reward for 'x'"):
        crm.migration_value(P, R.rename({"3": "x"}), 0.2)
    with pytest.raises(crm.DataError, match="not the same states"):
        crm.migration_value(P.iloc[:, :4], R, 0.2)
    with pytest.raises(crm.DataError, match="not the same states"):
        crm.migration_value(P.rename(columns={"4": "5"}), R, 0.2)
    with pytest.raises(crm.DataError, match="no reward for state 'gone'"):
        crm.migration_value(P, R.iloc[:4], 0.2)
    with pytest.raises(crm.DataError, match="no reward for state '1'"):
        crm.migration_value(P, R.tolist()[:4], 0.2)
    with pytest.raises(crm.DataError, match="two rewards for '1'"):
        crm.migration_value(P, pd.concat([R, R[:1]]), 0.2)
    with pytest.raises(crm.DataError, match=r"row 4(.|\n)*missing"):
        crm.migration_value(P, R.where(R.index != "4"), 0.2)
    with pytest.raises(crm.DataError, match="not a number"):
        crm.migration_value(P.astype(str), R, 0.2)


@pytest.mark.parametrize(
    ("rate", "horizon", "problem"),
    [
        (0.0, None, "no end"),
        (-0.1, None, "rate must be a share"),
        (20, None, "rate must be a share from 0 to below 1, not 20. 20 % is 0.2"),
        (np.nan, 3, "rate must be a share"),
        (0.2, 2.5, "whole number from 0 to 100,000"),
        (0.2, -1, "whole number from 0 to 100,000"),
        (0.2, 10**9, "whole number from 0 to 100,000"),  # it would never end
    ],
)
def test_impossible_horizons_are_refused(mailing, rate, horizon, problem):
    with pytest.raises(ValueError, match=problem):
        crm.migration_value(*mailing, rate, horizon=horizon)


@pytest.mark.parametrize("kind", ["float64", "Float64", "double[pyarrow]", "object"])
def test_rewards_and_chances_of_every_numeric_kind(mailing, kind):
    P, R = mailing
    value = crm.migration_value(P.astype(kind), R.sample(frac=1, random_state=2).astype(kind), 0.2)
    pd.testing.assert_series_equal(value, crm.migration_value(P, R, 0.2))


def test_a_table_of_one_column_keeps_the_names_of_its_rewards(mailing):
    P, R = mailing
    table = R.rename("profit").sample(frac=1, random_state=1).to_frame()
    pd.testing.assert_series_equal(
        crm.migration_value(P, table, 0.2), crm.migration_value(P, R, 0.2)
    )
    with pytest.raises(ValueError, match="one column"):
        crm.migration_value(P, table.assign(again=1), 0.2)
    with pytest.raises(ValueError, match="a row and a column for each state"):
        crm.migration_value([0.5, 0.5], R, 0.2)


# ---- Moves from a panel --------------------------------------------------------------------------


def walk(P, customers, length, seed):
    """Let customers walk through a chain, all from the first state."""
    rng, steps = np.random.default_rng(seed), np.cumsum(P.to_numpy(), axis=1)
    states = np.zeros((customers, length), dtype=int)
    for t in range(1, length):
        u = rng.random(customers)[:, None]
        states[:, t] = (u > steps[states[:, t - 1]]).sum(axis=1)
    return pd.DataFrame(np.array(P.index)[states])


def test_moves_are_counted_by_hand():
    panel = pd.DataFrame(
        [["a", "a", "b", None], [None, "b", "a", "b"], ["b", None, "a", None]], index=list("xyz")
    )
    moves = crm.transition_matrix(panel)
    assert moves.counts.to_dict("index") == {"a": {"a": 1, "b": 2}, "b": {"a": 1, "b": 0}}
    assert moves.shares.loc["a"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert moves.se.loc["a", "b"] == pytest.approx(np.sqrt(2 / 9 / 3))
    assert moves.se.loc["b"].tolist() == [0, 0]


@pytest.mark.slow
def test_the_chain_and_its_value_are_recovered(mailing):
    P, R = mailing
    truth = crm.migration_value(P, R, 0.2)
    covered = []
    for seed in range(30):
        moves = crm.transition_matrix(walk(P, 400, 6, seed), order=STATES)
        values = [crm.migration_value(D, R, 0.2) for D in moves.draws(80, seed)]
        low, high = np.quantile(values, [0.025, 0.975], axis=0)
        covered.append((low <= truth) & (truth <= high))
    assert 0.85 < np.mean(np.array(covered)[:, :4]) <= 1


def test_drawn_matrices_are_as_uncertain_as_the_counts(mailing):
    moves = crm.transition_matrix(walk(mailing[0], 500, 6, 0), order=STATES)
    draws = np.array(moves.draws(4000, seed=2))
    assert draws.sum(axis=2) == pytest.approx(1)
    assert draws.mean(axis=0) == pytest.approx(moves.shares.to_numpy(), abs=0.005)
    assert draws.std(axis=0) == pytest.approx(moves.se.to_numpy(), rel=0.08, abs=1e-6)
    assert (draws[:, moves.counts.to_numpy() == 0] == 0).all()
    pd.testing.assert_frame_equal(moves.draws(1, seed=5)[0], moves.draws(1, seed=5)[0])


def test_the_order_of_the_states_is_the_readers():
    panel = pd.DataFrame([["low", "high"], ["high", "low"], ["mid", "mid"]])
    assert crm.transition_matrix(panel).shares.index.tolist() == ["high", "low", "mid"]
    order = ["low", "mid", "high"]
    moves = crm.transition_matrix(panel, order=order)
    assert moves.shares.index.tolist() == moves.shares.columns.tolist() == order
    tiers = panel.astype(pd.CategoricalDtype(order, ordered=True))
    assert crm.transition_matrix(tiers, order=order).counts.equals(moves.counts)


def test_panels_that_tell_nothing_are_refused():
    with pytest.raises(crm.DataError, match="two periods"):
        crm.transition_matrix(pd.DataFrame({"jan": ["a", "b"]}))
    with pytest.raises(crm.DataError, match="no move from 'b' was seen"):
        crm.transition_matrix(pd.DataFrame([["a", "a"], ["a", "b"]]))
    with pytest.raises(crm.DataError, match="'c' is not in the order"):
        crm.transition_matrix(pd.DataFrame([["a", "c"], ["c", "a"]]), order=["a", "b"])
    with pytest.raises(crm.DataError, match="two periods"):
        crm.transition_matrix(pd.DataFrame([[None, "a"], ["a", None]]))
    with pytest.raises(TypeError, match="DataFrame of states"):
        crm.transition_matrix(["a", "b"])


def test_a_state_named_twice_in_the_order_is_refused():
    """Its row would be counted twice: 1/2, 1/2, 1/2."""
    panel = pd.DataFrame([["a", "a", "b"], ["a", "b", "b"], ["b", "a", None]])
    with pytest.raises(ValueError, match=r"names each state once.*Twice: \['a'\]"):
        crm.transition_matrix(panel, order=["a", "b", "a"])
    with pytest.raises(ValueError, match="order must be a list of the states, not 'ab'"):
        crm.transition_matrix(panel, order="ab")
    assert crm.transition_matrix(panel, order=["a", "b"]).shares.loc["a"].tolist() == [1 / 3, 2 / 3]


def test_a_long_table_is_refused_in_words():
    wide = walk(programme()[0], 60, 7, seed=1)
    wide.index = [f"C{i:02}" for i in range(60)]
    long = wide.rename_axis("customer").reset_index().melt("customer", var_name="period")
    tables = {
        "ids, numbers, states": long,
        "ids, text, states": long.astype({"period": "str"}).assign(period=lambda d: "p" + d.period),
        "dates": long.assign(period=pd.Timestamp("2024-01-01")),
        "ids in a column of a wide table": wide.reset_index(),
        "whole numbers": long.assign(customer=long.index.to_numpy() + 1000)[["customer", "period"]],
    }
    for table in tables.values():
        with pytest.raises(crm.DataError, match=r"one column a period.*pivot"):
            crm.transition_matrix(table)
    back = long.pivot(index="customer", columns="period", values="value")
    counts = crm.transition_matrix(back, order=STATES).counts
    assert counts.equals(crm.transition_matrix(wide, order=STATES).counts)


def test_states_that_only_look_alike_are_refused():
    with pytest.raises(crm.DataError, match="'a ' has blanks around it"):
        crm.transition_matrix(pd.DataFrame([["a", "a ", "b"], ["b", "a", "a"]]))
    with pytest.raises(crm.DataError, match="'' has blanks around it, or is empty"):
        crm.transition_matrix(pd.DataFrame([["a", "", "b"], ["b", "a", "a"]]))
    with pytest.raises(crm.DataError, match="do not hold one state each"):
        crm.transition_matrix(pd.DataFrame([[["a"], ["b"]], [["b"], ["a"]]]))


def test_a_rate_that_is_lost_in_rounding_is_none(mailing):
    P, R = mailing
    with pytest.raises(ValueError, match="without discounting the value has no end"):
        crm.migration_value(P, R, 1e-17)


def test_no_more_draws_than_end():
    moves = crm.transition_matrix(pd.DataFrame([["a", "b"], ["b", "a"]]))
    with pytest.raises(ValueError, match="n must be a whole number from 1 to 100,000"):
        moves.draws(10**8, 0)
