"""Feedback for exercises 2.4, who is still my customer."""

from functools import cache

import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Model, Number, Values, choose, recipe

TODAY = pd.Timestamp("1997-12-31")
FIRM_TODAY = pd.Timestamp("2025-12-31")  # the end of Shihu Garden's orders


@cache
def log():
    return crm.load("cdnow_sample")


@cache
def base(split="end of 1997", unit="week"):
    """Customers at a split, with what they did afterwards; without a split, all that is known."""
    if split == "after":
        return crm.rfm(log(), unit=unit)
    if split == "watched longer":
        return crm.rfm(log()[log().date <= TODAY], end="1998-06-30", unit=unit)
    return crm.holdout(log(), split=TODAY if split == "end of 1997" else split, unit=unit)


@cache
def model(split="end of 1997", unit="week", customers="all", kind="BGNBD"):
    table = base(split, unit)
    if customers == "more than once":
        table = table[table.frequency > 0]
    return getattr(crm, kind)().fit(table)


@cache
def prediction(days=181, **how):
    return model(**how).predict(base(), days / 7)


FITTED_TO = choose(
    "end of 1997",
    {
        "1997-09-30": "Your model stops at 1997-09-30, as the worked example does; here it is "
        "31 December.",
        "after": "Your model was fitted to all the data; it must not see what came after 1997.",
        "watched longer": "Your T runs to June 1998, so the model thinks everyone was watched longer, "
        "and bought nothing; end the table on 31 December 1997.",
    },
)
FITTED_ON = choose(
    "all",
    {
        "more than once": "You fitted to those who bought more than once; "
        "most of what we know of leaving is in the others."
    },
)


# Warm-up: a rule, and the customers it wrote off


@cache
def lost_customers(purchase="last", days=170, seen="past", border="earlier"):
    """Customers whose last purchase lies more than 170 days before TODAY."""
    rows = {
        "past": log().date <= TODAY,
        "whole log": log().date.notna(),
        "stopped a day early": log().date < TODAY,
    }
    purchases = log()[rows[seen]].groupby("customer_id").date
    day = purchases.max() if purchase == "last" else purchases.min()
    limit = TODAY - pd.Timedelta(days, "D")
    return day.index[day < limit if border == "earlier" else day <= limit]


def later():
    return log()[log().date > TODAY]


@recipe(
    Number(share=True),
    means=lambda share: (
        f"The rule writes off {len(lost_customers()):,} customers; {share:.1%} of them, "
        f"{share * len(lost_customers()):.0f} people, were only between two purchases."
    ),
    hints=(
        "A share of whom? Say first, in words, who stands below the line and who above it.",
        "The worked example's rule of 90 days does the same: see its first section.",
        "The last purchase of each customer up to today; the ids whose last purchase is too old; "
        "for each of these whether it stands among the later buyers; the mean of that.",
    ),
    # Everyone in this log bought first before April: by the first purchase all are lost.
    alike=[("purchase=first", "among=everybody")],
)
def warm_up(
    *,
    purchase=choose("last", {"first": "You went by the first purchase; the last one decides."}),
    days=choose(
        170, {90: "You waited 90 days, as the worked example does.", 180: "You waited 180 days."}
    ),
    seen=choose(
        "past",
        {
            "whole log": "You took the last purchase from the whole log: "
            "whoever came back is then not called lost at all.",
            "stopped a day early": "You stopped a day early: 31 December belongs to the past.",
        },
    ),
    border=choose(
        "earlier",
        {"exactly": "You included those who bought exactly on the border: lost is who is earlier."},
    ),
    among=choose(
        "lost",
        {
            "everybody": "This is the share of everybody who bought later; keep only those called lost.",
            "once": "You took those who bought once for lost; the rule asks when, not how often.",
            "active": "You kept the active ones; asked are those that the rule calls lost.",
        },
    ),
    within=choose(
        "half-year",
        {
            "quarter": "You looked only a quarter (90 days) ahead; any later purchase counts.",
            "January": "You looked at January only; any later purchase counts.",
        },
    ),
    counted=choose(
        "customers who came back",
        {
            "purchases": "You counted purchases; a customer who came back three times is one.",
            "called lost": "You counted who is called lost; how many of them came back?",
        },
    ),
    divided_by=choose(
        "lost",
        {
            "all customers": "You divided by all customers; the question is about those called lost.",
            "later buyers": "You divided by the later buyers: their share who had been called lost. "
            "Asked is the share of the lost who bought later.",
            "later purchases": "You divided by the later purchases; divide by those called lost.",
            "one": "This is how many, not a share: divide the ones who came back by all who could.",
        },
    ),
):
    """Share of the customers called lost who bought again."""
    lost = lost_customers(purchase, days, seen, border)
    ahead = {"half-year": 181, "quarter": 90, "January": 31}[within]
    after = later()[later().date <= TODAY + pd.Timedelta(ahead, "D")]
    everybody = base().index
    group = {
        "lost": lost,
        "everybody": everybody,
        "once": everybody[base().frequency == 0],
        "active": everybody.difference(lost),
    }[among]
    if counted == "purchases":
        above = after.customer_id.isin(group).sum()
    elif counted == "called lost":
        # Of whom they are a share does not matter: they themselves would be all of the lost.
        return len(group) / len(everybody)
    else:
        above = group.isin(after.customer_id).sum()
    below = {
        "lost": len(group),
        "all customers": len(everybody),
        "later buyers": after.customer_id.nunique(),
        "later purchases": len(after),
        "one": 1,
    }
    return above / below[divided_by]


# Standard: fit, count the living, forecast


@recipe(
    Model(),
    means=lambda bgnbd: (
        f"An average customer buys about {bgnbd.params_['r'] / bgnbd.params_['alpha']:.3f} times "
        f"a week while alive, but the rates differ widely (r = {bgnbd.params_['r']:.2f})."
    ),
    hints=(
        "Nothing needs to be prepared: the table is made in the cell above.",
        "The worked example fits the same model, in its section *Everyone at once*.",
        "Make an object of the model's class, and fit it to the whole of the table.",
    ),
)
def fitted(
    *,
    split=FITTED_TO,
    unit=choose(
        "week",
        {
            "day": "Your times are in days; this course's tables are in weeks.",
            "month": "Your times are in months; this course's tables are in weeks.",
            "year": "Your times are in years; this course's tables are in weeks.",
        },
    ),
    customers=FITTED_ON,
):
    """A BG/NBD model of the customers at the end of 1997."""
    return model(split, unit, customers)


@recipe(
    Integer(),
    means=lambda count: (
        f"{count:,} of {len(base()):,}. None of them bought only once: "
        "BG/NBD lets a customer leave only after a repeat purchase."
    ),
    hints=(
        "One of the two columns of a prediction answers this; it does not depend on the horizon.",
        "The worked example computes P(alive) in its section *Who is alive?*, and maps it.",
        "Predict for the whole table with any horizon, compare the chance of being alive with one "
        "half, and count how often it is smaller.",
    ),
)
def gone(
    *,
    split=FITTED_TO,
    customers=FITTED_ON,
    table=choose(
        "end of 1997",
        {
            "predicted as of September": "You predicted as of September, as the worked example does.",
            "knows": "You predicted from a table that knows what came after 1997.",
        },
    ),
    column=choose(
        "p_alive",
        {"purchases": "You compared the expected purchases with the border, not P(alive)."},
    ),
    border=choose(
        0.5, {0.3: "You took 0.3, the border of the open question; here it is one half."}
    ),
    side=choose(
        "below",
        {
            "living": "You counted the living: those at 0.5 or above.",
            "expected number": "You summed the chances of having left. That expected number is a good "
            "figure, but the task counts customers under one half.",
            "came back": "You counted only those who came back afterwards, against the odds.",
            "silent": "You counted who was silent afterwards; the model cannot know that.",
            "once": "You counted who bought once. To BG/NBD they are all alive.",
            "adds up": "This adds up P(alive), the living on average; count customers.",
            "stayed away": "You counted only those who stayed away afterwards, too; the border decides.",
            "rule": "You counted who is lost by the rule of the warm-up; ask the model.",
            "share": "This is a share of the customers; give their number.",
        },
    ),
):
    """Customers with P(alive) under one half."""
    as_of = base({"predicted as of September": "1997-09-30", "knows": "after"}.get(table, table))
    values = model(split=split, customers=customers).predict(as_of, 181 / 7)[column]
    left = {
        "below": (values < border).sum(),
        "living": (values >= border).sum(),
        "expected number": round((1 - values).sum()),
        "came back": (
            (values < border) & (base().holdout_frequency > 0).reindex(values.index)
        ).sum(),
        "silent": (base().holdout_frequency == 0).sum(),
        "once": (base().frequency == 0).sum(),
        "adds up": round(values.sum()),
        "stayed away": (
            (values < border) & (base().holdout_frequency == 0).reindex(values.index)
        ).sum(),
        "rule": len(lost_customers()),
        "share": (values < border).mean(),
    }
    return left[side]


@recipe(
    Number(digits=4),  # 180 days for 181 are half a per cent off
    means=lambda total: (
        f"{total:,.0f} expected, {base().holdout_frequency.sum():,} came: "
        f"{total / base().holdout_frequency.sum() - 1:+.1%}."
    ),
    hints=(
        "In what unit does the model count time, and in what unit is the horizon given?",
        "The worked example forecasts its holdout in its section *Was it right?*.",
        "Turn the 181 days into the model's unit, predict for everyone in the table, and add up "
        "the column of expected purchases.",
    ),
)
def forecast(
    *,
    days=choose(
        181,
        {
            1267: "You asked for 181 weeks (1267 days); the model counts in weeks, and 181 are days.",
            182: "You took half a year for 26 weeks, which are 182 days; the task says 181 days.",
            180: "You took half a year for 180 days; the task says 181 days.",
            42: "You asked for 6, the months: that is 42 days, for the model counts in weeks.",
            42.2: "You divided 181 by 30: 6 months, or 42.2 days; the model counts in weeks.",
            273: "You took 39 weeks (273 days), the horizon of the worked example.",
            365: "You took a whole year, 365 days.",
            364: "You took a whole year of 52 weeks (364 days).",
            175: "You cut the 181 days to 25 whole weeks (175 days); a week may be split.",
            25.9: "Your model is in days, and 181 / 7 = 25.9 are then days, not weeks.",
        },
    ),
    split=FITTED_TO,
    customers=FITTED_ON,
    column=choose(
        "purchases",
        {
            "alive": "This adds up P(alive), a number of customers; the task asks for purchases.",
            "alive twice": "You counted P(alive) twice: the expected purchases contain it already.",
            "brand-new": "You used what a brand-new customer is expected to buy; "
            "these customers have a history.",
            "came": "You summed what came, holdout_frequency; the task asks what was expected.",
            "past": "You summed the purchases of the past; the task asks for those to come.",
            "rows": "You counted the rows of the log after 1997; the task asks what was expected.",
            "rate": "You went on with each customer's past rate, as if nobody had left.",
        },
    ),
    over=choose(
        "everyone",
        {
            "repeat buyers": "You took the repeat buyers only; those who bought once come back too.",
            "active": "You took the active ones of the warm-up; the model needs no rule.",
            "living": "You took the living only, P(alive) of one half or more.",
        },
    ),
    how=choose(
        "sum",
        {
            "mean": "This is the mean, for one customer; sum over all of them.",
            "median": "This is the median; sum over all customers.",
        },
    ),
):
    """Purchases expected of all customers from 1 January to 30 June 1998."""
    days = {42.2: 181 / 30 * 7, 25.9: 181 / 7}.get(days, days)
    predicted = prediction(days, split=split, customers=customers)
    expected = {
        "purchases": predicted.purchases,
        "alive": predicted.p_alive,
        "alive twice": predicted.p_alive * predicted.purchases,
        "brand-new": predicted.purchases * 0
        + float(model(split=split, customers=customers).expected_purchases(days / 7)),
        "came": base().holdout_frequency,
        "past": base().frequency,
        "rows": later().groupby("customer_id").size().reindex(base().index, fill_value=0),
        "rate": base().frequency / base()["T"] * days / 7,
    }[column]
    chosen = {
        "repeat buyers": base().frequency > 0,
        "living": predicted.p_alive >= 0.5,
        "active": ~base().index.isin(lost_customers()),
    }.get(over, predicted.p_alive >= 0)
    return expected[chosen].agg(how)


# Transfer: how long a silence is too long, at another firm?


@cache
def firm(unit="week", customers="all", kind="BGNBD", years=3):
    """A model of the customers of Shihu Garden."""
    orders, today = crm.load("shihu/orders"), FIRM_TODAY - pd.DateOffset(years=3 - years)
    table = crm.rfm(orders[orders.date <= today], end=today, unit=unit)
    if customers == "more than once":
        table = table[table.frequency > 0]
    return getattr(crm, kind)().fit(table)


def wait(bgnbd, repeats, border, whole_week):
    """Weeks of silence until P(alive) is under the border, for one frequency."""
    silence = pd.Series(range(1, 521))
    customers = pd.DataFrame({"frequency": repeats, "t_x": 30.0, "T": 30.0 + silence})
    alive = bgnbd.predict(customers, 1).p_alive
    under = silence[alive >= border if whole_week == "above" else alive < border]
    return under.min() - (whole_week == "last")


@recipe(
    Values("frequencies"),
    means=lambda weeks: (
        f"{weeks[8]} weeks of silence from a buyer of eight say as much as "
        f"{weeks[1]} weeks from a buyer of one. No single rule of so many days fits both."
    ),
    hints=(
        "Make up customers who differ in nothing but their silence.",
        "The worked example's map of P(alive) does this: a row a frequency, silence to the right.",
        "For one frequency: a table with a row for each week of silence, T the 30 weeks plus that "
        "silence; predict, and find the first row under one half. Then the same for the others.",
    ),
)
def patience(
    *,
    shop=choose(
        "garden",
        {
            "music": "You used the model of the music shop; fit one to the customers of Shihu Garden."
        },
    ),
    unit=choose("week", {"fitted in days": "You fitted the model in days; the task counts weeks."}),
    years=choose(3, {2: "Your model has 2 years of orders only, to the end of 2024."}),
    customers=FITTED_ON,
    kind=choose(
        "BGNBD",
        {
            "MBGNBD": "You fitted MBGNBD, in which customers may leave after the first purchase.",
            "ParetoNBD": "You fitted ParetoNBD, in which customers leave at any time.",
        },
    ),
    repeats=choose(
        0,
        {
            1: "Your frequencies are 1 too high: the first purchase is no repeat.",
        },
    ),
    border=choose(
        0.5, {0.3: "You took 0.3, the border of the open question; here it is one half."}
    ),
    since=choose(
        "last purchase",
        {"first purchase": "You counted from the first purchase (T); silence starts at T - t_x."},
    ),
    whole_week=choose(
        "first",
        {
            "last": "This is the last week in which P(alive) is at least 0.5; take the next.",
            "above": "This is the first week with P(alive) above 0.5; asked is the first below.",
        },
    ),
    given_in=choose("weeks", {"days": "You give the silence in days; the task asks for weeks."}),
):
    """Weeks of silence after which a customer is more likely gone than not."""
    how = {"unit": "week" if unit == "week" else "day", "customers": customers, "kind": kind}
    bgnbd = model(**how) if shop == "music" else firm(**how, years=years)
    weeks = pd.Series({x: wait(bgnbd, x + repeats, border, whole_week) for x in (1, 2, 4, 8)})
    weeks = weeks + 30 * (since == "first purchase")
    return weeks * 7 if given_in == "days" else weeks
