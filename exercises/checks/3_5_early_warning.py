"""Feedback for exercises 3.5, early warning."""

from functools import cache

import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Number, choose, recipe

DAYS = {
    "31 March": "2025-03-31",
    "1 July": "2025-07-01",
    "December": "2024-12-01",
}


@cache
def table(name):
    return crm.load(name)


@cache
def snapshot(day, active=180, ahead=180, clock="day"):
    """Active customers of a day: silence, orders, and whether they fell quiet."""
    day, orders = pd.Timestamp(DAYS[day]), table("shihu/orders")
    past = orders[orders["date"] <= day]
    last, end = past.groupby("customer_id")["date"].max(), orders["date"].max()
    base = past.groupby("customer_id").agg(orders=("order_id", "size"), first=("date", "min"))
    base["silent"] = (day - last).dt.days
    base["tenure"] = (day - base["first"]).dt.days
    year = past[past["date"] > day - pd.Timedelta(365, "D")]
    base["last_year"] = year.groupby("customer_id").size().reindex(base.index, fill_value=0)
    if clock == "log":
        base["silent"] = (end - orders.groupby("customer_id")["date"].max()).dt.days[base.index]
    after = orders[(orders["date"] > day) & (orders["date"] <= day + pd.Timedelta(ahead, "D"))]
    base["quiet"] = ~base.index.isin(after["customer_id"])
    return base[(day - last).dt.days <= active] if active else base


# Warm-up: who falls quiet


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%} of the active fell quiet: any model must be held against this."
    ),
    hints=(
        "Who stands below the line: everybody, or the active?",
        "The section of the example that learns, chooses and judges has such a share for each day.",
        "Customers whose last order until the day is at most 180 days old; those of them without "
        "an order in the next 180 "
        "days, as a share.",
    ),
)
def quiet_share(
    *,
    day=choose(
        "31 March",
        {
            "1 July": "You stood on 1 July, as the example does; here it is 31 March.",
            "December": "You stood in December, on a day of the example; here it is 31 March 2025.",
        },
    ),
    active=choose(
        180,
        {
            "within a year": "You took those with an order within a year; active means 180 days.",
            "within a quarter": "You took those with an order within a quarter; active means 180 days.",
            "ever ordered": "You took everybody who ever ordered; keep the active.",
        },
    ),
    ahead=choose(
        180,
        {
            "quarter ahead": "You looked one quarter ahead; it is 180 days.",
            "year ahead": "You looked one year ahead; it is 180 days.",
            "month ahead": "You looked one month ahead; it is 180 days.",
        },
    ),
    given=choose(
        "share",
        {
            "number": "This is the number of those who fell quiet; give their share.",
            "all customers": "You divided by all customers so far; divide by the active.",
            "to those who came": "You took the ratio to those who came; divide by all active.",
        },
    ),
):
    """Share of the active customers who order nothing in the next half-year."""
    active = {"within a year": 365, "within a quarter": 90, "ever ordered": 0}.get(active, 180)
    ahead = {"quarter ahead": 90, "year ahead": 365, "month ahead": 30}.get(ahead, 180)
    base = snapshot(day, active, ahead)
    quiet = base["quiet"].sum()
    return {
        "share": quiet / len(base),
        "number": quiet,
        "all customers": quiet / len(snapshot(day, 0, ahead)),
        "to those who came": quiet / (len(base) - quiet),
    }[given]


# Standard: a rule without a model


def ranked(base, score):
    return {
        "few orders": -base["last_year"],
        "silence": base["silent"],
        "all orders": -base["orders"],
        "short tenure": -base["tenure"],
    }[score]


@recipe(
    Number(),
    means=lambda lift: (
        f"The longest silent tenth falls quiet {lift:.2f} times as often as "
        f"everybody; no model was needed."
    ),
    hints=(
        "Two rates are compared: that of the best tenth, and that of whom?",
        "The example takes the lift of its model by hand, on the judging day.",
        "Sort the active by silence, the longest first; take a tenth of them, rounded down; their "
        "rate of falling quiet over that "
        "of all active.",
    ),
)
def lift(
    *,
    day=choose(
        "31 March", {"1 July": "You stood on 1 July, as the example does; here it is 31 March."}
    ),
    score=choose(
        "silence",
        {
            "all orders": "You ranked by all orders so far; rank by silence.",
            "few orders": "You ranked by few orders in a year; rank by silence.",
            "short tenure": "You ranked by short tenure, the time as a customer; rank by silence.",
        },
    ),
    part=choose(
        "tenth",
        {
            "fifth": "You took a fifth; a tenth is asked.",
            "half": "You took one half; a tenth is asked.",
            "hundredth": "You took a hundredth; a tenth is asked.",
        },
    ),
    end=choose(
        "longest",
        {"shortest": "You took the shortest silence; the longest should come first."},
    ),
    clock=choose(
        "day",
        {
            "log": "Your silence runs to the end of the log, which knew the half-year to be foreseen."
        },
    ),
    compared=choose(
        "rate over all",
        {
            "rate": "This is the rate of the tenth itself; the lift is that over the rate of "
            "everybody.",
            "other nine": "You divided by the rate of the other nine tenths; divide by that of "
            "everybody.",
            "difference": "This is a difference of rates; divide them.",
            "captured": "This is the share captured, of all who fell quiet those in the tenth; "
            "the lift is a ratio of rates.",
            "who came": "You compared the rates of those who came back; take those who fell quiet.",
            "active everybody": "You divided by the rate of everybody who ever ordered, active or "
            "not; divide by that of the active.",
        },
    ),
):
    """Rate of falling quiet in the longest silent tenth over that of all active."""
    base = snapshot(day, clock=clock)
    n = {"tenth": len(base) // 10, "fifth": len(base) // 5, "half": len(base) // 2,
         "hundredth": len(base) // 100, "250": 250}[part]  # fmt: skip
    key = ranked(base, score)
    top = (key if end == "longest" else -key).nlargest(n).index
    mine, all_ = base["quiet"][top].mean(), base["quiet"].mean()
    rest = base["quiet"].drop(top)
    return {
        "rate over all": mine / all_,
        "rate": mine,
        "other nine": mine / rest.mean(),
        "difference": mine - all_,
        "captured": base["quiet"][top].sum() / base["quiet"].sum(),
        "who came": (1 - mine) / (1 - all_),
        "active everybody": mine / snapshot(day, 0)["quiet"].mean(),
    }[compared]


@recipe(
    Number(share=True),
    means=lambda caught: (
        f"{caught:.0%} of those who fell quiet had been silent for more than 90 days: the rule "
        f"misses the rest."
    ),
    hints=(
        "Of whom is it a share: of those whom the rule names, or of those who fell quiet?",
        "Precision and recall: notebook 3.4, where a rule of silence is put on trial.",
        "The active who had been silent for more than 90 days on the day and fell quiet, over all "
        "active who fell quiet.",
    ),
)
def caught(
    *,
    day=choose(
        "31 March", {"1 July": "You stood on 1 July, as the example does; here it is 31 March."}
    ),
    border=choose(
        90,
        {
            60: "You took a silence of more than 60 days; the task says 90.",
            120: "You took a silence of more than 120 days; the task says 90.",
            30: "You took a silence of more than 30 days; the task says 90.",
        },
    ),
    active=choose(
        180,
        {"ever ordered": "You took everybody who ever ordered; keep the active."},
    ),
    of=choose(
        "quiet",
        {
            "precision": "This is the precision: of those whom the rule names, the share that "
            "fell quiet.",
            "active": "You divided by all the active; divide by those who fell quiet.",
            "named": "This is the share named by the rule, quiet or not.",
            "false alarms": "These are the false alarms: of those who came, the share that the "
            "rule names.",
            "correct": "This is the share of customers about whom the rule is correct.",
            "number": "This is the number of customers caught; give a share.",
            "lift": "This is the lift of the rule; give a share of those who fell quiet.",
        },
    ),
    clock=choose(
        "day",
        {
            "log": "Your silence runs to the end of the log, which knew the half-year to be foreseen."
        },
    ),
):
    """Share of those who fell quiet whom a rule of silence had named."""
    base = snapshot(day, 0 if active == "ever ordered" else active, clock=clock)
    named, quiet = base["silent"] > border, base["quiet"]
    return {
        "quiet": named[quiet].mean(),
        "precision": quiet[named].mean(),
        "active": (named & quiet).mean(),
        "named": named.mean(),
        "false alarms": named[~quiet].mean(),
        "correct": (named == quiet).mean(),
        "number": (named & quiet).sum(),
        "lift": quiet[named].mean() / quiet.mean(),
    }[of]


# Transfer: a threshold at the vendor's company


@recipe(
    Integer(),
    means=lambda n: (
        f"A call pays for {n:,} of {len(table('telco_churn')):,} customers, if it "
        f"keeps one in ten who would leave."
    ),
    hints=(
        "The gain has a part for each customer and a part for each group. Which is which?",
        "The section of the example on a threshold by money.",
        "The share that left in each group of contract and internet service; times 0.10, times "
        "three monthly charges, times 0.4; less the call; count the gains above "
        "zero.",
    ),
)
def pays(
    *,
    groups=choose(
        "contract and internet",
        {
            "contract alone": "You grouped by contract alone; the task names two columns.",
            "internet alone": "You grouped by internet alone; the task names two columns.",
            "everyone": "You gave everyone one chance; take the share of each group.",
            "outcome": "You took the outcome itself, who left; that is not known when the call is "
            "made.",
        },
    ),
    kept=choose(
        0.10,
        {
            "every call": "You took every call to keep the customer; it keeps one in ten.",
            "a fifth": "You took a fifth for the share that a call keeps; it is one in ten.",
            "the firm": "You took the share of the firm, of the example; here it is one in ten.",
        },
    ),
    months=choose(
        3,
        {
            "a year": "You took a year of charges; the task says three months.",
            "single": "You took a single monthly charge; the task says three.",
        },
    ),
    margin=choose(
        0.4,
        {
            "whole charge": "You took the whole charge; the margin is 0.4.",
            "what it costs": "You took what it costs to serve, 0.6; the margin is 0.4.",
        },
    ),
    cost=choose(
        1.5,
        {
            "left out": "You left out the cost of the call, 1.50.",
            "ten times": "You took ten times the cost of the call; it is 1.50.",
        },
    ),
    worth=choose(
        "monthly_charges",
        {
            "total_charges": "You took total_charges, all that was paid so far; take the monthly ones.",
            "mean": "You took the mean charge of all; each customer has a charge.",
        },
    ),
    counted=choose(
        "pays",
        {
            "others": "You counted the others, for whom it does not pay.",
            "groups": "You counted groups; count customers.",
            "leavers": "You counted only leavers among them; nobody knows them when the call is made.",
        },
    ),
):
    """Customers of the vendor's company for whom a call is expected to pay."""
    rows = table("telco_churn")
    kept = {"every call": 1, "a fifth": 0.2, "the firm": 0.28}.get(kept, kept)
    months = {"a year": 12, "single": 1}.get(months, months)
    margin = {"whole charge": 1, "what it costs": 0.6}.get(margin, margin)
    cost = {"left out": 0, "ten times": 15}.get(cost, cost)
    left = rows["churn"].astype(float)
    keys = {
        "contract and internet": ["contract", "internet_service"],
        "contract alone": ["contract"],
        "internet alone": ["internet_service"],
    }
    by = [rows[c].astype("str").fillna("none") for c in keys.get(groups, ["contract"])]
    chance = {"everyone": left.mean(), "outcome": left}.get(
        groups, left.groupby(by).transform("mean")
    )
    charge = rows["monthly_charges"].mean() if worth == "mean" else rows[worth].fillna(0)
    gain = chance * kept * months * margin * charge - cost + 0 * left
    yes = gain > 0
    return {
        "pays": yes.sum(),
        "others": (~yes).sum(),
        "groups": yes.groupby(by).mean().gt(0.5).sum(),
        "leavers": (yes & (left == 1)).sum(),
    }[counted]
