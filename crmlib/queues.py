"""Waiting lines: how long people wait for c servers, and how many servers a promise needs.

All formulas are those of the M/M/c queue: arrivals at random (Poisson), handling times that are
exponential, one line, nobody gives up, and a load that has lasted long enough to settle.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp

from crmlib import validate

_MOST = 1_000_000  # servers: more than any firm has, and a second's work
_BEYOND = 2  # rows of `staff` after the first that meets the target: what one more would buy


def erlang_c(arrivals: float, service: float, servers: int) -> float:
    r"""Compute the chance to wait at all, by Erlang's C formula.

    With a = arrivals / service and c servers,

    .. math:: C = \frac{B}{1 - \rho (1 - B)}, \quad \rho = a / c,

    where B, the chance that c servers without a line are all busy, follows from
    :math:`B_0 = 1,\ B_k = a B_{k-1} / (k + a B_{k-1})`.

    Parameters
    ----------
    arrivals : float
        Arrivals per unit of time.
    service : float
        Customers that one server can serve per unit of time: 1 / mean service time.
    servers : int
        Servers at work.

    Returns
    -------
    float
        A share in 0-1.

    Raises
    ------
    ValueError
        For rates that are negative or missing, no server or over a million, or a load that the
        servers cannot carry (arrivals >= servers * service): the line would grow without end.

    References
    ----------
    Erlang, A. K. (1917). Solution of some problems in the theory of probabilities of significance
    in automatic telephone exchanges. Cooper, R. B. (1981). Introduction to Queueing Theory, 2nd ed.

    Examples
    --------
    One server that is busy 80 % of the time makes 80 % of the customers wait; two, each as fast:

    >>> erlang_c(24, 30, 1), round(erlang_c(24, 30, 2), 4)
    (0.8, 0.2286)
    """
    arrivals, service, servers = _stable(arrivals, service, servers)
    load = arrivals / service
    busy = next(islice(_all_busy(load), servers, None))
    return busy / (1 - load / servers * (1 - busy))


def mmc(arrivals: float, service: float, servers: int) -> pd.Series:
    """Compute what an M/M/c queue settles to.

    Parameters
    ----------
    arrivals, service : float
        Rates per unit of time, as for :func:`erlang_c`.
    servers : int
        Servers at work.

    Returns
    -------
    Series
        `utilisation` (share of time a server is busy), `p_wait` (share who wait), `P0` (chance of
        nobody there), `Lq` and `L` (mean number waiting, and there in all), `Wq` and `W` (mean time
        waiting, and there in all, in the unit of time of the rates).

    Raises
    ------
    ValueError
        As for :func:`erlang_c`.

    References
    ----------
    Bronson, R. (1982). Schaum's Outline of Theory and Problems of Operations Research, chapters 23
    and 24.

    Examples
    --------
    Bronson's problem 24.6: 300 arrivals a year, each of 3 servers serves 182.5 a year.

    >>> mmc(300, 182.5, 3).round(6)
    utilisation    0.547945
    p_wait         0.290751
    P0             0.177537
    Lq             0.352426
    L              1.996262
    Wq             0.001175
    W              0.006654
    dtype: float64
    """
    arrivals, service, servers = _stable(arrivals, service, servers)
    p_wait = erlang_c(arrivals, service, servers)
    spare = servers * service - arrivals  # how much faster customers can leave than come
    load, utilisation = arrivals / service, arrivals / (servers * service)
    wait = p_wait / spare
    return pd.Series(
        {
            "utilisation": utilisation,
            "p_wait": p_wait,
            "P0": _empty(load, servers),
            "Lq": arrivals * wait,
            "L": arrivals * wait + load,
            "Wq": wait,
            "W": wait + 1 / service,
        }
    )


def staff(arrivals: float, handling: float, *, target: float, within: float) -> pd.DataFrame:
    r"""List what each number of servers would give, up to those that meet a promise.

    The share answered within t is :math:`1 - C e^{-(c\mu - \lambda) t}`, with C the chance to wait
    (:func:`erlang_c`), :math:`\lambda` the arrivals and :math:`\mu` = 1 / handling.

    Parameters
    ----------
    arrivals : float
        Arrivals per unit of time.
    handling : float
        Mean time that one customer takes a server, in that unit.
    target : float
        Share that is to be answered in time, in 0-1.
    within : float
        The time promised, in that unit.

    Returns
    -------
    DataFrame
        A row for each number of `servers`, from the least that can carry the load to two more than
        are needed: `utilisation`, `p_wait`, `service_level` (share answered `within`), `Wq` (mean
        wait), `meets` (whether the target is met).

    Raises
    ------
    ValueError
        For a negative rate or time, a target that is not between 0 and 1, or a load of over a
        million servers.

    Examples
    --------
    A help line with 100 calls an hour of 3 minutes each; 80 % within 20 seconds:

    >>> staff(100, 3 / 60, target=0.8, within=20 / 3600).round(3)
             utilisation  p_wait  service_level     Wq  meets
    servers
    6              0.833   0.588          0.474  0.029  False
    7              0.714   0.324          0.740  0.008  False
    8              0.625   0.167          0.880  0.003   True
    9              0.556   0.081          0.948  0.001   True
    10             0.500   0.036          0.979  0.000   True
    """
    arrivals = validate.positive(arrivals, "arrivals", zero=True)
    handling = validate.positive(handling, "handling")
    within = validate.positive(within, "within", zero=True)
    target = validate.share(target, "target", ends=False)
    load = arrivals * handling
    if load >= _MOST:
        raise validate.wrong("arrivals", arrivals, f"a load of less than {_MOST:,} servers")
    least = int(load) + 1
    rows, met = {}, 0
    for servers, busy in enumerate(islice(_all_busy(load), least, None), start=least):
        p_wait = busy / (1 - load / servers * (1 - busy))
        spare = (servers - load) / handling  # how much faster customers can leave than come
        level = 1 - p_wait * np.exp(-spare * within)
        rows[servers] = (load / servers, p_wait, level, p_wait / spare, level >= target)
        met += level >= target
        if met > _BEYOND:
            break
    columns = ["utilisation", "p_wait", "service_level", "Wq", "meets"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("servers")


def _all_busy(load: float) -> Iterator[float]:
    """Yield Erlang's B for 0, 1, 2, ... servers: the chance that all are busy, without a line."""
    busy = 1.0
    for k in count(1):
        yield busy
        busy = load * busy / (k + load * busy)


def _empty(load: float, servers: int) -> float:
    """Compute P0, over logarithms: a large load's powers and factorials would overflow."""
    if load == 0:
        return 1.0
    k = np.arange(servers + 1)
    terms = k * np.log(load) - gammaln(k + 1)
    terms[-1] -= np.log1p(-load / servers)  # all servers busy, whoever else is waiting
    return float(np.exp(-logsumexp(terms)))


def _stable(arrivals, service, servers) -> tuple[float, float, int]:
    """Give numbers that are rates; refuse others, and a load under which the line grows without end."""
    arrivals = validate.positive(arrivals, "arrivals", zero=True)
    service = validate.positive(service, "service")
    servers = validate.whole_number(servers, "servers", most=_MOST)
    if arrivals >= servers * service:
        raise ValueError(
            f"{arrivals:g} arrive in a unit of time, and {servers} can serve {servers * service:g}: "
            f"the line would grow without end. {_more(arrivals / service)}"
        )
    return arrivals, service, servers


def _more(load: float) -> str:
    if load < _MOST:
        return f"Take {int(load) + 1} servers or more, or a lower load."
    return "Look up both rates: are they for the same unit of time?"
