"""The data that every library is measured on: CDNOW, simulated logs and simulated answers.

Nothing here uses crmlib's own ``rfm``: the summary is counted a second way, so that it can serve as
the referee of what is measured.
"""

from __future__ import annotations

import numpy as np

# Published CDNOW estimates, per week: Fader, Hardie & Lee (2005a) for the purchases and
# Fader & Hardie (2013) for the spend. A simulated shop therefore looks like the real one.
R, ALPHA, A, B = 0.243, 4.414, 0.793, 2.426
P, Q, GAMMA = 6.25, 3.74, 15.44
START = np.datetime64("2023-01-01")
DAYS, ARRIVAL_DAYS = 728, 364  # two years of log; customers arrive during the first
EXTRA_LINES = 0.25  # further lines of the same purchase on the same day, on average

# A survey: constructs, each measured by three items, and what drives what, how strongly.
PATHS = {
    ("image", "quality"): 0.5,
    ("quality", "value"): 0.6,
    ("quality", "loyalty"): 0.4,
    ("value", "loyalty"): 0.3,
}
MEASURES = {
    construct: [f"{construct}_{item}" for item in (1, 2, 3)]
    for construct in ("image", "quality", "value", "loyalty")
}
DRIVERS = [item for construct in ("image", "quality", "value") for item in MEASURES[construct]]
DRIVEN = "loyalty_1"
LOADING = 0.85


def purchases(n: int, rng, *, daily: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Simulate `n` customers' purchases: arrays of customer number and time in days.

    Times are sorted within a customer, the first purchase included. With ``daily`` they are whole
    days, as a real log has them; several may then fall on the same day.
    """
    rate = rng.gamma(R, 1 / ALPHA, n) / 7
    first = rng.uniform(0, ARRIVAL_DAYS, n)
    first = np.floor(first) if daily else first
    window = DAYS - first
    possible = rng.poisson(rate * window)
    made = np.minimum(possible, rng.geometric(np.maximum(rng.beta(A, B, n), 1e-12)))
    who = np.repeat(np.arange(n), possible)
    # Given their number, Poisson events are uniform in the window: sort them all at once by
    # putting the customer number before the decimal point.
    share = np.sort(who + rng.random(len(who))) - who
    place = np.arange(len(who)) - np.repeat(np.cumsum(possible) - possible, possible)
    kept = place < np.repeat(made, possible)
    who, share = who[kept], share[kept]
    customer = np.concatenate([np.arange(n), who])
    time = np.concatenate([first, first[who] + share * window[who]])
    order = np.argsort(customer, kind="stable")
    time = np.minimum(np.floor(time), DAYS - 1) if daily else time
    return customer[order], time[order]


def spend(customer: np.ndarray, rng) -> np.ndarray:
    """Draw the amount of each purchase from the Gamma-Gamma model, in cents of at least one."""
    scale = rng.gamma(Q, 1 / GAMMA, customer.max() + 1)
    return np.maximum(np.round(rng.gamma(P, 1, len(customer)) / scale[customer], 2), 0.01)


def log(rows: int, seed: int) -> dict[str, np.ndarray]:
    """Simulate a transaction log of exactly `rows` lines in the order of time."""
    rng = np.random.default_rng(seed)
    customer, day = purchases(rows // 2, rng)
    amount = spend(customer, rng)
    lines = 1 + rng.poisson(EXTRA_LINES, len(customer))
    pick = np.repeat(np.arange(len(customer)), lines)[:rows]
    if len(pick) < rows:
        raise ValueError(f"the simulation made {len(pick):,} lines, {rows:,} are needed")
    amount = np.maximum(np.round(amount / lines, 2), 0.01)
    pick = rng.permutation(pick)
    pick = pick[np.argsort(day[pick].astype(np.int16), kind="stable")]
    date = (START + day[pick].astype("timedelta64[D]")).astype("datetime64[us]")
    return {"customer_id": customer[pick] + 1, "date": date, "amount": amount[pick]}


def customers(n: int, seed: int, *, daily: bool = True) -> dict[str, np.ndarray]:
    """Simulate the summary of `n` customers; ``daily=False`` gives nearly every one its own T."""
    rng = np.random.default_rng(seed)
    customer, time = purchases(n, rng, daily=daily)
    amount = spend(customer, rng)
    return summarise(customer, time, amount, end=DAYS - 1 if daily else DAYS)


def answers(n: int, seed: int) -> dict[str, np.ndarray]:
    """Simulate the answers of `n` respondents to every item."""
    rng = np.random.default_rng(seed)
    constructs, items = {}, {}
    for construct, names in MEASURES.items():
        drawn = rng.normal(size=n)
        for (source, to), strength in PATHS.items():
            drawn = drawn + strength * constructs[source] if to == construct else drawn
        constructs[construct] = (drawn - drawn.mean()) / drawn.std()
        for name in names:
            error = np.sqrt(1 - LOADING**2) * rng.normal(size=n)
            items[name] = LOADING * constructs[construct] + error
    return items


def records(n: int, seed: int) -> dict[str, np.ndarray]:
    """Simulate `n` records of fewer people: one in five is a second record, with its mistakes.

    A second record has a letter of either name wrong in up to 10 %, another phone in 20 %, another
    city in 10 % and another year of birth in 5 %. Names are uneven: one person in
    seven has the commonest surname.
    """
    rng = np.random.default_rng(seed)
    first = n - n // 5
    names = {"surname": _names(rng, first, 500), "given_name": _names(rng, first, 5_000)}
    names["phone"] = (13 * 10**9 + rng.integers(10**9, size=first)).astype("U11")
    born = np.datetime64("1940-01-01") + rng.integers(25_000, size=first)
    person = np.concatenate([np.arange(first), rng.permutation(first)[: n - first]])
    made = {name: values[person] for name, values in names.items()}
    made |= {"born": born[person], "city": rng.integers(40, size=first)[person]}
    again, chance = np.arange(n) >= first, rng.random((5, n))
    for name, dice in zip(("surname", "given_name"), chance, strict=False):
        wrong = again & (dice < 0.1)
        made[name][wrong] = np.char.replace(made[name][wrong], "a", "e", count=1)
    new = again & (chance[4] < 0.2)
    made["phone"][new] = (13 * 10**9 + rng.integers(10**9, size=new.sum())).astype("U11")
    made["city"] = np.where(again & (chance[2] < 0.1), rng.integers(40, size=n), made["city"])
    made["born"] = np.where(
        again & (chance[3] < 0.05), made["born"] + np.timedelta64(365, "D"), made["born"]
    )
    mixed = rng.permutation(n)
    return {name: values[mixed] for name, values in ({"person": person} | made).items()}


def _names(rng, n: int, different: int) -> np.ndarray:
    """Draw names of two or three syllables, the k-th commonest 1/k as often as the first."""
    syllables = np.array(
        [a + b for a in "bdfghjklmnpqrstwxyz" for b in ("a", "an", "ei", "o", "ua")]
    )
    parts = rng.choice(syllables, (3, different))
    parts[2, ::2] = ""
    made = np.char.add(np.char.add(parts[0], parts[1]), parts[2])
    odds = 1 / np.arange(1, different + 1)
    return made[rng.choice(different, n, p=odds / odds.sum())]


def summarise(customer, day, amount, *, end: float) -> dict[str, np.ndarray]:
    """Count the summary in weeks by sorting: the referee of every ``rfm``.

    >>> summarise([7, 7, 7, 9], [0, 14, 14, 7], [5.0, 2.0, 4.0, 1.0], end=21)["monetary"]
    array([ 6., nan])
    """
    order = np.lexsort((day, customer))
    customer, day, amount = (np.asarray(a)[order] for a in (customer, day, amount))
    new = (np.diff(customer, prepend=customer[0] - 1) != 0) | (np.diff(day, prepend=-1) != 0)
    start = np.flatnonzero(new)
    customer, day, amount = customer[start], day[start], np.add.reduceat(amount, start)
    start = np.flatnonzero(np.diff(customer, prepend=customer[0] - 1))
    purchases = np.diff(start, append=len(customer))
    frequency = purchases - 1
    repeat_amount = np.add.reduceat(amount, start) - amount[start]
    first, last = day[start], day[start + frequency]
    with np.errstate(invalid="ignore"):
        monetary = np.where(frequency > 0, repeat_amount / frequency, np.nan)
    return {
        "frequency": frequency,
        "t_x": (last - first) / 7,
        "T": (end - first) / 7,
        "monetary": monetary,
    }


def snapshot(log: dict[str, np.ndarray], ahead: int = 180) -> dict[str, float]:
    """Add up what is known of the customers `ahead` days before the log ends, by sorting.

    >>> days = np.array(["2024-01-01", "2025-01-01", "2025-06-30", "2025-12-27"], "datetime64[us]")
    >>> log = {"customer_id": np.array([1, 1, 2, 2]), "date": days, "amount": np.ones(4)}
    >>> {name: float(total) for name, total in snapshot(log).items()}  # as of 30 June
    {'customers': 2.0, 'silent': 180.0, 'tenure': 546.0, 'orders': 3.0, 'last_year': 2.0, 'spent': 2.0}
    """
    ago = (log["date"].max() - log["date"]) // np.timedelta64(1, "D") - ahead
    order = np.lexsort((ago, log["customer_id"]))
    order = order[ago[order] >= 0]
    customer, ago, amount = log["customer_id"][order], ago[order], log["amount"][order]
    start = np.flatnonzero(np.diff(customer, prepend=customer[0] - 1))
    year = ago < 365
    return {
        "customers": len(start),
        "silent": ago[start].sum(),
        "tenure": ago[np.append(start[1:], len(ago)) - 1].sum(),
        "orders": len(ago),
        "last_year": year.sum(),
        "spent": amount[year].sum(),
    }


def cdnow() -> dict[str, np.ndarray]:
    """Read the CDNOW master log as arrays."""
    import crmlib as crm

    table = crm.load("cdnow")
    return {
        "customer_id": table["customer_id"].astype(int).to_numpy(),
        "date": table["date"].to_numpy("datetime64[us]"),
        "amount": table["amount"].to_numpy(float),
    }


def summarise_log(log: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Summarise a log up to its last day."""
    day = (log["date"] - log["date"].min()) / np.timedelta64(1, "D")
    _, customer = np.unique(log["customer_id"], return_inverse=True)
    return summarise(customer, day, log["amount"], end=day.max())
