"""Waiting lines: bounds, limits, agreement with a simulation, bad input."""

import heapq

import numpy as np
import pytest
from scipy.special import factorial

import crmlib as crm

CASES = [(24, 30, 1), (24, 30, 2), (100, 12, 9), (0.5, 0.02, 30), (950, 1, 1000)]


@pytest.mark.parametrize("case", CASES)
def test_littles_law_and_bounds(case):
    arrivals, service, _ = case
    queue = crm.mmc(*case)
    assert queue["L"] == pytest.approx(arrivals * queue["W"])
    assert queue["Lq"] == pytest.approx(arrivals * queue["Wq"])
    assert queue["W"] == pytest.approx(queue["Wq"] + 1 / service)
    assert 0 < queue["utilisation"] < 1
    assert 0 <= queue["P0"] <= 1 - queue["p_wait"] + 1e-12
    assert queue["p_wait"] == crm.erlang_c(*case)


@pytest.mark.parametrize("case", CASES[:4])
def test_the_textbook_sum_gives_the_same(case):
    arrivals, service, servers = case
    a, k = arrivals / service, np.arange(servers)
    tail = a**servers / factorial(servers) / (1 - a / servers)
    empty = 1 / ((a**k / factorial(k)).sum() + tail)
    assert crm.mmc(*case)["P0"] == pytest.approx(empty)
    assert crm.erlang_c(*case) == pytest.approx(empty * tail)


def test_only_the_ratio_of_the_rates_makes_people_wait():
    assert crm.erlang_c(24, 30, 2) == pytest.approx(crm.erlang_c(24 / 60, 30 / 60, 2))
    hours, minutes = crm.mmc(24, 30, 2), crm.mmc(24 / 60, 30 / 60, 2)
    assert minutes["Wq"] == pytest.approx(60 * hours["Wq"])


def test_more_servers_less_waiting_and_one_line_beats_two():
    waits = [crm.mmc(50, 10, c)["Wq"] for c in range(6, 15)]
    assert np.all(np.diff(waits) < 0)
    assert crm.mmc(48, 30, 2)["Wq"] < crm.mmc(24, 30, 1)["Wq"]


def test_a_whole_number_of_servers_may_be_a_float():
    assert crm.erlang_c(24, 30, 2.0) == crm.erlang_c(np.int64(24), 30, np.int64(2))


def test_nobody_comes_nobody_waits():
    queue = crm.mmc(0, 10, 3)
    assert queue.drop(["P0", "W"]).eq(0).all() and queue["P0"] == 1
    assert crm.staff(0, 0.1, target=0.9, within=0.1).index[0] == 1


def simulated(arrivals, service, servers, n, seed):
    """Serve n customers in order of arrival; give the waits, without the first tenth."""
    random = np.random.default_rng(seed)
    come = np.cumsum(random.exponential(1 / arrivals, n))
    take = random.exponential(1 / service, n)
    free = [0.0] * servers
    waits = np.empty(n)
    for i in range(n):
        start = max(come[i], heapq.heappop(free))
        waits[i] = start - come[i]
        heapq.heappush(free, start + take[i])
    return waits[n // 10 :]


@pytest.mark.parametrize("case", [(24, 30, 1), (50, 30, 2), (100, 12, 10)])
def test_a_simulation_agrees(case):
    runs = np.array([simulated(*case, n=20_000, seed=seed) for seed in range(8)])
    queue = crm.mmc(*case)
    for found, formula in (
        (runs.mean(axis=1), queue["Wq"]),
        ((runs > 0).mean(axis=1), queue["p_wait"]),
        ((runs <= 0.05).mean(axis=1), service_level(*case, within=0.05)),
    ):
        se = found.std(ddof=1) / np.sqrt(len(found))
        assert abs(found.mean() - formula) < 4 * se
        assert se < 0.1 * formula


def service_level(arrivals, service, servers, within):
    table = crm.staff(arrivals, 1 / service, target=0.999, within=within)
    return table.loc[servers, "service_level"]


def test_staff_lists_from_the_first_stable_to_two_beyond_the_first_that_meets():
    table = crm.staff(100, 3 / 60, target=0.8, within=20 / 3600)
    assert table.index[0] == 6  # five would be busy all the time
    assert table["meets"].tolist() == [False, False, True, True, True]
    assert table["service_level"].is_monotonic_increasing
    assert table["meets"].dtype == bool
    at_once = crm.staff(100, 3 / 60, target=0.5, within=0)
    np.testing.assert_allclose(at_once["service_level"], 1 - at_once["p_wait"])


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        ((30, 30, 1), "30 arrive in a unit of time, and 1 can serve 30(.|\n)*2 servers or more"),
        ((95, 30, 3), "Take 4 servers or more"),
        ((-1, 30, 1), "arrivals must be a number of zero or more, not -1"),
        ((1, 0, 1), "service must be a number above zero, not 0"),
        ((1, np.nan, 1), "service must be .* not nan"),
        (("1", 30, 1), "arrivals must be .*, not '1'"),
        ((1, 30, 0), "servers must be a whole number from 1 to 1,000,000, not 0"),
        ((1, 30, 0.5), "servers must be a whole number from 1"),
        ((1, 30, 1.5), "servers must be a whole number from 1"),
        ((1, 30, 10**9), "servers must be .*, not 1000000000"),
        ((1e300, 1e-300, 5), "are they for the same unit of time"),
    ],
)
def test_a_line_that_cannot_be_is_refused(case, problem):
    for measure in (crm.erlang_c, crm.mmc):
        with pytest.raises(ValueError, match=problem) as caught:
            measure(*case)
        assert not isinstance(caught.value, crm.DataError)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"target": 80}, r"80 % is 0\.8"),
        ({"target": 1}, "target must be a share between 0 and 1"),
        ({"handling": 0}, "handling must be a number above zero"),
        ({"within": -1}, "within must be"),
        ({"arrivals": 1e12}, "arrivals must be a load of less than 1,000,000 servers"),
    ],
)
def test_staff_refuses_what_is_no_promise(wrong, problem):
    with pytest.raises(ValueError, match=problem):
        crm.staff(**{"arrivals": 100, "handling": 0.05, "target": 0.8, "within": 0.01} | wrong)


def test_a_large_load_does_not_overflow():
    queue = crm.mmc(99_000, 1, 99_500)
    assert np.isfinite(queue).all() and 0 < queue["p_wait"] < 1
