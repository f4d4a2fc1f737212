"""Feedback for exercises 2.5, what each customer is worth and who gets the budget."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Ids, Number, Values, choose, recipe

MARGIN, RATE, HORIZON = 0.3, 0.12, 52  # share of sales, a year, weeks
BUDGET, COST, LIFT = 1_000, 1.50, 0.05  # letters, dollars each, share of a customer's value
THEN = "1997-12-31"  # the earlier day on which a list is tried

log = cache(crm.load)


@cache
def base(name="cdnow_sample", day=None):
    """Customers as of a day, but for those whose repeat purchases were free."""
    summary = crm.rfm(log(name)) if day is None else crm.holdout(log(name), split=day)
    return summary[summary.monetary != 0]


@cache
def models(name="cdnow_sample", day=None, kind="BGNBD"):
    return getattr(crm, kind)().fit(base(name, day)), crm.GammaGamma().fit(base(name, day))


@cache
def worth(
    name="cdnow_sample",
    *,
    day=None,
    fitted=None,
    horizon=HORIZON,
    rate=RATE,
    margin=MARGIN,
    kind="BGNBD",
):
    """Lifetime values of one base, by the models of its own or of another."""
    buying, spending = models(*(fitted or (name, day)), kind)
    return crm.clv(buying, spending, base(name, day), horizon=horizon, rate=rate, margin=margin)


@cache
def spent(name="cdnow_sample", day=None):
    """What each customer has spent so far."""
    rows = log(name) if day is None else log(name)[log(name).date <= day]
    return rows.groupby("customer_id").amount.sum()[base(name, day).index]


# Warm-up: one purchase of 100 dollars


def expected(frequency, monetary):
    one = pd.DataFrame({"frequency": [frequency], "monetary": [monetary]})
    return models()[1].predict(one).item()


def mean_of_all():
    p, q, gamma = models()[1].params_
    return p * gamma / (q - 1)


def weight(x=1):
    p, q, _ = models()[1].params_
    return p * x / (p * x + q - 1)


@recipe(
    Number(),
    means=lambda spend: (
        f"{spend:.2f} dollars: between her own 100 and the {mean_of_all():.2f} of all customers. "
        "One purchase is a hint, not a habit."
    ),
    hints=(
        "How much does a mean of one purchase tell, and what else do you know of her?",
        "The worked example weighs both in *How much of an average to believe*.",
        "A table of one row with the two columns that the model of spend looks at: how many repeat "
        "purchases, and their mean. Let the model predict, and take the number out.",
    ),
)
def warm_up(
    *,
    believed=choose(
        "weighted",
        {
            "her own": "You trust her own purchase of 100 entirely; how sure is a mean of one?",
            "everyone": "This is the mean of everyone; her purchase of 100 says something too.",
            "halfway": "You went halfway; the model weighs her purchase by how much it tells.",
            "exchanged": "The weights are exchanged: w belongs to her own average, the rest to all.",
            "weight": "This is the weight of her own average; asked are dollars.",
            "q in full": "You took p x / (p x + q) for the weight, q in full: take 1 off it.",
            "all predictions": "This is the mean of all predictions; asked is this one customer.",
            "without the 1": "You took p gamma / q for everyone's mean: without the 1 taken off q.",
            "zeros": "You counted zeros for those who never came back; they have no average.",
        },
    ),
    purchases=choose(
        1,
        {
            2: "You counted 2 purchases: the first is no repeat purchase, so the frequency is 1.",
            20: "You gave her 20 repeat purchases; she has one.",
        },
    ),
    mean=choose(100, {50: "You gave her a mean of 50; all 100 were spent on one purchase."}),
    told_as=choose(
        "spend",
        {
            "profit": "This is profit, 30 % of what she spends; asked is the spend itself.",
            "year": "You multiplied by the purchases of a year; asked is the spend per purchase.",
        },
    ),
):
    """Mean spend to expect of a customer with one repeat purchase of 100 dollars."""
    w, seen = weight(), base().monetary
    answer = {
        "weighted": lambda: expected(purchases, float(mean)),
        "her own": lambda: 100.0,
        "everyone": mean_of_all,
        "halfway": lambda: (100.0 + mean_of_all()) / 2,
        "exchanged": lambda: (1 - w) * 100 + w * mean_of_all(),
        "weight": lambda: w,
        "q in full": lambda: blend(1),
        "all predictions": lambda: models()[1].predict(base()).mean(),
        "without the 1": lambda: w * 100 + (1 - w) * without_the_one(),
        "zeros": lambda: w * 100 + (1 - w) * seen.fillna(0).mean(),
    }[believed]()
    scale = {"spend": 1.0, "profit": MARGIN, "year": a_year_of_one()}
    return answer * scale[told_as]


def blend(more):
    """Her 100 and everyone's mean, by a weight in which so much is added to q."""
    p, q, _ = models()[1].params_
    w = p / (p + q - 1 + more)
    return w * 100 + (1 - w) * mean_of_all()


def without_the_one():
    p, q, gamma = models()[1].params_
    return p * gamma / q


@cache
def a_year_of_one():
    """Purchases of a year to expect of the customers who came back once."""
    once = base()[base().frequency == 1]
    return models()[0].predict(once, HORIZON).purchases.mean()


# Standard: lifetime value, and whether the best were the best


@cache
def purchases(discounted, horizon, kind):
    """Purchases to come of each customer, discounted in one way or another."""
    buying = models(kind=kind)[0]
    force = np.log1p(RATE)
    a_week = {
        "by the year": force / (365.25 / 7),
        "a month's": np.log1p(0.01) / (365.25 / 7),
        "over 52": np.log1p(RATE / 52) / (365.25 / 7),
        "weekly interest": force,
    }
    if discounted in a_week:
        return buying.discounted_purchases(base(), horizon, a_week[discounted])
    outlook = buying.predict(base(), horizon).purchases
    return outlook / (1 + RATE) if discounted == "end of the year" else outlook


@cache
def in_months():
    """Values where the weeks of the table are taken for months."""
    terms = {"horizon": 12, "rate": RATE, "margin": MARGIN, "unit": "month"}
    return crm.clv(*models(), base(), **terms)


@recipe(
    Values("customers"),
    means=lambda value: (
        f"The base is worth {value.sum():,.0f} dollars over the year, "
        f"{value.median():.2f} for the customer in the middle, {value.max():.2f} for the best."
    ),
    hints=(
        "Purchases to come, times spend, times what of it is profit, in today's money.",
        "The worked example does it by hand and with the library in *A dollar next year*.",
        "The library's function wants both models, the table, how far ahead in weeks, a rate of a "
        "year and a margin. What is the margin if you leave it out?",
    ),
)
def value(
    *,
    margin=choose(
        0.3,
        {
            "sales": "These are sales: of each dollar 30 % is profit.",
            0.7: "You took 0.7, the share that goods cost, for the margin; profit is 30 % of sales.",
            0.09: "You took the margin twice (0.09).",
            30: "You took 30 for the margin; as a share it is 0.3.",
        },
    ),
    horizon=choose(
        52,
        {
            12: "You looked 12 weeks ahead; the times are in weeks, and a year has 52.",
            365: "You looked 365 weeks ahead; the times are in weeks, not days.",
            26: "You looked 26 weeks ahead, half a year.",
            1: "You looked 1 week ahead; a year has 52.",
            "12 months": "You took the table's weeks for months, 12 of them; its times are in weeks.",
        },
    ),
    discounted=choose(
        "by the year",
        {
            "nothing": "Here nothing is discounted: money a year away counts less than today's.",
            "a month's": "You gave 1 %, a month's rate; the function wants that of a year.",
            "over 52": "You divided the rate by 52, over the weeks; the function knows them.",
            "weekly interest": "Your interest is weekly; the rate is one of a year.",
            "end of the year": "You discounted everything as from the end of the year; each purchase "
            "counts from its own day.",
        },
    ),
    spend=choose(
        "shrunk",
        {
            "own averages": "You multiplied by their own averages; the model of spend shrinks them, "
            "and knows those who have none.",
            "left empty": "You multiplied by averages left empty for those who never came back; the "
            "model of spend knows them, and shrinks the others.",
            "everyone's": "You gave everyone's mean to each customer; their own averages count too.",
            "no spend": "There is no spend in it: these are purchases, not dollars.",
            "total spent": "You multiplied by the total that each has spent; take the mean spend of "
            "a purchase.",
        },
    ),
    kind=choose(
        "BGNBD",
        {
            "MBGNBD": "You fitted MBGNBD; the two models of this set are given.",
            "ParetoNBD": "You fitted ParetoNBD; the two models of this set are given.",
        },
    ),
    more=choose(
        "the future",
        {
            "alive twice": "You counted P(alive) twice: the purchases to come hold it already.",
            "past added": "You added the past: what was spent so far is no value to come.",
            "past rate": "You went on with each one's past rate, as if nobody had left.",
            "repeat buyers": "You valued only the repeat buyers; the others may come back too.",
        },
    ),
):
    """Discounted margin by customer over the next 52 weeks."""
    if horizon == "12 months":
        return in_months()
    part = 1.0 if margin == "sales" else margin
    mean = {
        "shrunk": lambda: models()[1].predict(base()),
        "own averages": lambda: base().monetary.fillna(0),
        "left empty": lambda: base().monetary,
        "everyone's": mean_of_all,
        "no spend": lambda: 1.0,
        "total spent": spent,
    }[spend]()
    found = part * mean * purchases(discounted, horizon, kind)
    if more == "repeat buyers":
        return found[base().frequency > 0]
    return {
        "the future": lambda: found,
        "alive twice": lambda: found * models(kind=kind)[0].predict(base(), 1).p_alive,
        "past added": lambda: found + part * spent(),
        "past rate": lambda: part * mean * base().frequency / base()["T"].clip(lower=1) * horizon,
    }[more]()


@cache
def ranking(by="value", horizon=HORIZON):
    """What the customers of the earlier day are put in order by."""
    name, day = "cdnow_sample", THEN
    table = base(name, day)
    buying, spending = models(name, day)
    outlook = buying.predict(table, HORIZON)
    return {
        "value": lambda: worth(name, day=day, horizon=horizon),
        "future known": lambda: worth(name)[table.index],
        "later models": lambda: worth(name, day=day, fitted=(name, None)),
        "spent most": lambda: spent(name, day),
        "repeat purchases": lambda: table.frequency * table.monetary.fillna(0),
        "frequency": lambda: table.frequency,
        "recent": lambda: -table.recency,
        "t_x": lambda: table.t_x,
        "alive": lambda: outlook.p_alive,
        "purchases": lambda: outlook.purchases,
        "spend": lambda: spending.predict(table),
        "own average": lambda: table.monetary.fillna(0),
        "came": lambda: table.holdout_amount,
        "least": lambda: -worth(name, day=day),
    }[by]()


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"A fifth of the customers brought {share:.0%} of the sales; the fifth that had spent most "
        f"until then brought {caught_by('spent most'):.0%}. All came within three months, so past and "
        "future value hardly differ among the best."
    ),
    hints=(
        "Two dates: what may the list know, and when is it judged?",
        "The worked example asks for its best tenth in *Was it right?*.",
        "Fit both models to the table of the earlier day, value its customers, keep the ids of the "
        "best fifth, and add up what these bought afterwards; then over all.",
    ),
)
def caught(
    *,
    by=choose(
        "value",
        {
            "future known": "Your list has known the future: you took the values of 2a, of June 1998.",
            "later models": "You took the models of 2a, fitted to later data; fit them to `then`.",
            "spent most": "You ranked by who had spent most until then; rank by value.",
            "repeat purchases": "You ranked by the money of the repeat purchases until then; rank by "
            "value.",
            "frequency": "You ranked by frequency; rank by value.",
            "recent": "You ranked by the most recent purchase; rank by value.",
            "alive": "You ranked by P(alive); a customer can be alive and buy little.",
            "frequency, sorted": "You sorted by frequency, in which many are equal; rank by value.",
            "alive, sorted": "You sorted by P(alive); a customer can be alive and buy little.",
            "t_x, sorted": "You sorted by t_x, the time of the last purchase; rank by value.",
            "purchases": "You ranked by the purchases to come; what each brings counts as well.",
            "spend": "You ranked by the spend of a purchase; how many come counts as well.",
            "own average": "You ranked by the own average of each (monetary); rank by value.",
            "came": "You took those who afterwards came to the top: no list can know them.",
            "least": "You took the least valuable fifth: the order is turned round.",
        },
    ),
    horizon=choose(
        52, {26: "Your values look 26 weeks ahead, or even less; take the terms of 2a, 52 weeks."}
    ),
    how_many=choose(
        "a fifth",
        {
            "tenth": "You took the best tenth; asked is a fifth.",
            "200": "You took 200 customers; asked are 20 % of all.",
            "of those who came back": "You took a fifth of those who came back; take one of all.",
        },
    ),
    of=choose(
        "sales",
        {
            "expected": "This is their share of the expected value; asked is what they brought.",
            "purchase days": "You counted purchase days (holdout_frequency); asked is money.",
            "forecast": "You divided their forecast value by the sales that came; take what "
            "they brought.",
            "share of 2a": "This is the best fifth's share of the values of 2a; asked are sales.",
            "hits": "This is the share of hits among the later best; asked is money.",
            "profit": "You took 30 % of what they brought, the profit, over all sales.",
            "past": "This is their share of past sales; asked are those of 1998.",
            "both periods": "You added the past: both periods together. Asked are the sales of 1998.",
            "who bought": "This is the share of them who bought at all; asked is money.",
            "buyers caught": "This is how many of the later buyers you caught; asked is money.",
            "dollars": "These are dollars; divide by the sales to all customers.",
            "mean": "You divided the mean of the list by the mean of all; divide the sums.",
            "the rest": "You divided by the sales to the rest; divide by the sales to all.",
        },
    ),
):
    """Share of the sales of 1998 that the most valuable fifth as of 1997 brought."""
    table, order = base(day=THEN), ranking(by.removesuffix(", sorted"), horizon)
    n = {
        "a fifth": round(0.2 * len(table)),
        "tenth": round(0.1 * len(table)),
        "200": 200,
        "of those who came back": round(0.2 * (table.frequency > 0).sum()),
    }[how_many]
    best = order.sort_values(ascending=False).head(n) if "sorted" in by else order.nlargest(n)
    ids, came = best.index, table.holdout_amount
    expected_, past = worth(day=THEN), spent(day=THEN)
    return {
        "sales": lambda: came[ids].sum() / came.sum(),
        "expected": lambda: expected_[ids].sum() / expected_.sum(),
        "purchase days": lambda: table.holdout_frequency[ids].sum() / table.holdout_frequency.sum(),
        "forecast": lambda: expected_[ids].sum() / came.sum(),
        "share of 2a": lambda: worth().nlargest(n).sum() / worth().sum(),
        "hits": lambda: came.nlargest(n).index.isin(ids).mean(),
        "profit": lambda: MARGIN * came[ids].sum() / came.sum(),
        "past": lambda: past[ids].sum() / past.sum(),
        "both periods": lambda: (past + came)[ids].sum() / (past + came).sum(),
        "who bought": lambda: (came[ids] > 0).mean(),
        "buyers caught": lambda: (came[ids] > 0).sum() / (came > 0).sum(),
        "dollars": lambda: came[ids].sum(),
        "mean": lambda: came[ids].mean() / came.mean(),
        "the rest": lambda: came[ids].sum() / came.drop(ids).sum(),
    }[of]()


def caught_by(by):
    """Share of the later sales that a fifth chosen by another order brought."""
    came = base(day=THEN).holdout_amount
    return came[ranking(by).nlargest(round(0.2 * len(came))).index].sum() / came.sum()


# Transfer: letters for the full customer base


FULL = "cdnow"
MODELS = {
    "sample's": "You used the sample's models, fitted to a tenth of the customers; fit both to "
    "`full`.",
}
TERMS = {
    "sales": "You valued sales, not profit: the margin of 30 % is missing.",
    "12 weeks": "You looked 12 weeks ahead; 52 are asked.",
    "26 weeks": "You looked 26 weeks ahead, half a year; 52 are asked.",
    "without interest": "You valued without interest; the rate is 12 % a year.",
}


@cache
def future(fitted="own", terms="as in 2a"):
    """Lifetime values of the full base."""
    changed = {
        "sales": {"margin": 1.0},
        "12 weeks": {"horizon": 12},
        "26 weeks": {"horizon": 26},
        "without interest": {"rate": 0.0},
    }.get(terms, {})
    if fitted == "sample's":
        return worth(FULL, fitted=("cdnow_sample", None), **changed)
    return worth(FULL, **changed)


@recipe(
    Ids("customers"),
    means=lambda ids: (
        f"A letter to each of these {len(ids):,} earns more than it costs; most of the "
        f"{len(future()):,} customers are not worth one."
    ),
    hints=(
        "What does a letter to one customer add, and what does it take?",
        "The worked example asks whether an offer pays in *On Monday*.",
        "Fit both models to the full table, value everyone as in 2a, take the given share of each "
        "value, and keep the ids where it is above the price of a letter.",
    ),
)
def mail(
    *,
    fitted=choose("own", MODELS),
    terms=choose("as in 2a", TERMS),
    gain=choose(
        "5 %",
        {
            "the whole": "You compared the whole value with the letter; a letter adds 5 % of it.",
            "20 %": "You took 20 % of the value, the lift of the worked example; a letter adds 5 %.",
            "50 %": "You took 50 % of the value; a letter adds 5 %.",
            "10 %": "You took 10 % of the value; a letter adds 5 %.",
            "0.5 %": "You took 0.5 % of the value; a letter adds 5 %.",
            "with the letter": "You took 1.05 of the value, all there is with the letter; only the 5 % "
            "come from it.",
            "margin twice": "You took the margin twice: the value is profit already.",
            "past spend": "You took 5 % of the past spend; asked is the value to come.",
            "past profit": "You took 5 % of the profit on past purchases; asked is the value to come.",
        },
    ),
    price=choose(
        1.5,
        {
            0: "The price of the letter is missing (0): a letter adds something with everyone.",
            3: "You took the price off twice, 3 dollars in all.",
            30: "You kept those who are worth 30 times the price of a letter; 1.50 stands against 5 %.",
            4: "You took 4.00 dollars, the price of an offer in the worked example.",
        },
    ),
    kept=choose(
        "all who repay",
        {
            "1,000": "You kept the best 1,000 of them; the budget comes with 3b.",
            "the others": "These are the others, who do not repay a letter; turn it round.",
            "alive": "You kept those alive, P(alive) of one half or more; ask what a letter adds.",
            "repay, live": "You asked of those who repay a letter that they live, too, P(alive) of "
            "one half or more; the value knows that already.",
            "came back": "You kept everybody who came back once or more; ask what a letter adds.",
            "ids of 2a": "These are ids of 2a, customers of the sample; use `full`.",
            "above the mean": "You kept those above the mean value; ask what a letter adds.",
            "numbers": "These are row numbers, not the ids of customers: take the index.",
        },
    ),
):
    """Customers of the full base whom a letter earns more than it costs."""
    values = future(fitted, terms)
    adds = {
        "5 %": LIFT * values,
        "the whole": values,
        "20 %": 0.2 * values,
        "50 %": 0.5 * values,
        "10 %": 0.1 * values,
        "0.5 %": 0.005 * values,
        "margin twice": LIFT * MARGIN * values,
        "with the letter": (1 + LIFT) * values,
        "past spend": LIFT * spent(FULL),
        "past profit": LIFT * MARGIN * spent(FULL),
    }[gain]
    repaid = adds > (COST * 30 if price == 30 else price)
    if kept == "1,000":
        return adds[repaid].nlargest(BUDGET).index
    if kept == "ids of 2a":
        return worth().index[worth() * LIFT > price]
    if kept == "numbers":
        return pd.Index(np.flatnonzero(repaid))
    chosen = {
        "all who repay": lambda: repaid,
        "the others": lambda: ~repaid,
        "alive": lambda: outlook().p_alive >= 0.5,
        "repay, live": lambda: repaid & (outlook().p_alive >= 0.5),
        "above the mean": lambda: values > values.mean(),
        "came back": lambda: base(FULL).frequency > 0,
    }[kept]()
    return values.index[chosen]


@cache
def outlook():
    return models(FULL)[0].predict(base(FULL), HORIZON)


def pays(ids, lift=LIFT, cost=COST):
    return (lift * future()[ids] - cost).sum()


@recipe(
    Number(),
    means=lambda profit: (
        f"{profit:,.0f} dollars, against {pays(listed('past spend', 'own', 'as in 2a')):,.0f} "
        "for as many letters to the best by past spend. Both figures come from the model that made "
        "one of the lists."
    ),
    hints=(
        "There are fewer letters than customers who repay one. Whose letters earn most?",
        "The worked example ends its list with the budget in *On Monday*, and adds up what it earns.",
        "Keep the 1,000 highest values, take the share that a letter adds, less its price, customer "
        "by customer, and add up.",
    ),
)
def profit(
    *,
    fitted=choose("own", MODELS),
    terms=choose("as in 2a", TERMS),
    mailed=choose(
        "the best 1,000",
        {
            "all who repay": "You wrote to all who repay a letter; there are only 1,000 letters.",
            "everybody": "You wrote to everybody; there are only 1,000 letters.",
            "first": "You took the first 1,000 of the list, by customer number; take the best.",
            "lowest": "You took the 1,000 lowest values of those who repay; take the highest.",
            "dollars": "You spent 1,000 dollars; the budget is 1,000 letters.",
            "ids of 2a": "You took ids of 2a, whose values are the sample's; take `full`.",
            "past spend": "You wrote to the best by past spend; take the highest values.",
            "frequency": "You wrote to the most frequent (frequency); take the highest values.",
            "purchases": "You wrote to those with most purchases to come; take the highest values.",
            "P(alive)": "You wrote to the highest P(alive); take the highest values.",
            "average spend": "You wrote to the highest average spend; take the highest values.",
        },
    ),
    lift=choose(
        0.05,
        {
            1: "The letter brings 5 % of the value, not all of it (1).",
            1.05: "You took 1.05 of the value; most of it comes without a letter, which adds 5 %.",
            0.015: "You took the margin off the 5 % once more (0.015); a value is profit already.",
            0.2: "You took 20 %, a lift of 0.2 as in the worked example; here it is 5 %.",
        },
    ),
    cost=choose(
        1.5,
        {
            0: "The letters cost money, not 0: take off 1.50 for each of them, not for one alone.",
            4: "You took 4.00 dollars, the price of an offer in the worked example.",
            3: "You took the letters off twice (3 dollars each).",
            0.45: "You took only 30 % of the price (0.45): the letter is paid in full.",
        },
    ),
    counted=choose(
        "sum",
        {
            "bracket": "A bracket stands wrong: you took 5 % of the price as well.",
            "all in mail": "You paid letters for all in `mail`; only 1,000 get one.",
            "average": "This is the profit of an average letter; add up all of them.",
            "return": "This is the return on each dollar spent; asked are dollars.",
            "median": "This is the median letter's profit; add up all of them.",
            "cost": "This is the cost of the letters; asked is what is left.",
        },
    ),
):
    """Profit of letters to the most valuable customers within the budget."""
    ids = listed(mailed, fitted, terms)
    adds = lift * (worth() if mailed == "ids of 2a" else future(fitted, terms))[ids]
    left = (adds - cost).sum()
    return {
        "sum": lambda: left,
        "bracket": lambda: lift * (adds / lift - cost).sum(),
        "all in mail": lambda: adds.sum() - cost * (LIFT * future() > COST).sum(),
        "average": lambda: left / len(ids),
        "return": lambda: left / (COST * len(ids)),
        "median": lambda: (adds - cost).median(),
        "cost": lambda: COST * len(ids),
    }[counted]()


@cache
def listed(mailed, fitted, terms):
    """Customers who get a letter, by one rule or another."""
    values = future(fitted, terms)
    if mailed == "ids of 2a":
        return worth().nlargest(BUDGET).index
    repay = values[values * LIFT > COST]
    if mailed in ("all who repay", "everybody", "first", "lowest", "dollars"):
        return {
            "dollars": values.nlargest(int(BUDGET // COST)),
            "all who repay": repay,
            "everybody": values,
            "first": repay.head(BUDGET),
            "lowest": repay.nsmallest(BUDGET),
        }[mailed].index
    order = {
        "the best 1,000": lambda: values,
        "past spend": lambda: spent(FULL),
        "frequency": lambda: base(FULL).frequency,
        "purchases": lambda: outlook().purchases,
        "P(alive)": lambda: outlook().p_alive,
        "average spend": lambda: models(FULL)[1].predict(base(FULL)),
    }[mailed]()
    return order.nlargest(BUDGET).index
