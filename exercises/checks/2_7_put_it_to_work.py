"""Feedback for exercises 2.7, three routes to a value and a budget under uncertainty."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Values, choose, recipe

FIRST, MARGIN, RATE = 150, 400, 0.12  # CNY, CNY a year, a year
DAY = pd.Timestamp("2025-06-30")
END = pd.Timestamp("2025-12-31")
MODELS = {"BG/NBD": crm.BGNBD, "MBG/NBD": crm.MBGNBD, "Pareto/NBD": crm.ParetoNBD}
PEOPLE, ORDER = 2_000, 120.0  # customers to write to, profit of an extra order
COST = pd.Series({"reminder": 6.0, "coupon": 10.0})  # of one letter
SEED, DRAWS = 3, 4_000
ARMS = ["reminder", "coupon"]


# Warm-up: what may a newcomer cost?


@recipe(
    Number(),
    means=lambda limit: (
        f"{limit:,.0f} CNY, if these figures hold: {FIRST} of it comes at once, the rest "
        "only if she stays."
    ),
    hints=(
        "What comes for sure, and what only if she stays?",
        "The worked example multiplies a yearly margin in *Three numbers for one customer base* (route "
        "one).",
        "The profit of the first order, plus the yearly margin times the multiple of a customer who "
        "stays with that chance, at that rate.",
    ),
)
def warm_up(
    *,
    first=choose(
        150,
        {
            "left out": "You left the first order out: it is paid at once, and the multiple does not "
            "hold it.",
            400: "You let the first order bring 400, a year's margin; it brings 150.",
            550: "You counted 550 at once: the first yearly margin comes a year from now, and is in the "
            "multiple.",
            97.5: "You multiplied the first order by 0.65 (97.5): it is made, whoever stays.",
            "at the end": "You let the first order be paid at the end of the year; it is paid at once.",
        },
    ),
    rate=choose(
        0.12,
        {
            0: "The rate is 0, nothing is discounted: a margin in five years counts like one today.",
            0.01: "You took 0.01, the rate of a month; all else is by the year.",
            0.012: "You took 0.012, which is 1.2 %; the rate is 12 %.",
        },
    ),
    stays=choose(
        0.65, {0.35: "You took 0.35 for the share that stays; that is the share that leaves."}
    ),
    first_year=choose(
        "if she stays",
        {
            "top": "The r on top of the multiple is missing: she must stay to pay even the first "
            "year's margin.",
            "extra": "You discounted an extra year: the multiple is worth its money today.",
        },
    ),
    multiple=choose(
        "r / (1 + i - r)",
        {
            "interest": "You divided by the interest alone, r / i; she may leave every year.",
            "mean years": "You took the mean years 1 / (1 - r), undiscounted, and a margin at once.",
            "undiscounted": "You left the first yearly margin undiscounted; it comes a year from now.",
            "plain sum": "You took a plain sum of both: her margin comes later, if she stays, and goes "
            "on.",
            "one year": "You counted one year of margins; she may stay for more.",
            "five years": "You stopped after five years of margins; there is no end.",
            "for ever": "You let her pay for ever, 1 / i; she may leave.",
            "first order too": "You put the multiple on the first order, too; that comes once.",
        },
    ),
):
    """Most that winning a newcomer may cost."""
    r, i = stays, rate
    at_once = {"left out": 0.0, "at the end": FIRST / (1 + i)}.get(first, first)
    if multiple == "first order too":
        return (at_once + MARGIN) * r / (1 + i - r)
    years = np.arange(1, 6)
    times = {
        "r / (1 + i - r)": lambda: r / (1 + i - r),
        "interest": lambda: r / i,
        "mean years": lambda: 1 / (1 - r),
        "undiscounted": lambda: r * (1 + i) / (1 + i - r),
        "plain sum": lambda: 1.0,
        "one year": lambda: r / (1 + i),
        "five years": lambda: ((r / (1 + i)) ** years).sum(),
        "for ever": lambda: 1 / i,
    }[multiple]()
    return at_once + MARGIN * times * {"top": 1 / r, "extra": 1 / (1 + i)}.get(first_year, 1.0)


# Standard: who is alive?


@cache
def base(day=DAY, watched_until=None):
    log = crm.load("shihu/orders")
    return crm.rfm(log[log.date <= day], end=watched_until or day)


TABLES = choose(
    "30 June",
    {
        "end of 2025": "You took the end of 2025; the day is 30 June 2025, and the log ends there.",
        "end of 2024": "You took the end of 2024, the day of the worked example; here it is 30 June "
        "2025.",
        "watched longer": "You let the customers be watched longer, to the end of 2025, but cut the "
        "log on 30 June: end both on one day.",
    },
)


@cache
def customers(table="30 June"):
    return {
        "30 June": lambda: base(),
        "end of 2025": lambda: base(END),
        "end of 2024": lambda: base(pd.Timestamp("2024-12-31")),
        "watched longer": lambda: base(DAY, END),
    }[table]()


@cache
def fits(table="30 June", on="all"):
    known = customers("end of 2025" if on == "all of 2025" else table)
    known = known[known.frequency > 0] if on == "repeat buyers" else known
    return {name: model().fit(known) for name, model in MODELS.items()}


@cache
def predicted(column="p_alive", table="30 June", on="all"):
    known = customers(table)
    return pd.DataFrame({k: m.predict(known, 1)[column] for k, m in fits(table, on).items()})


@recipe(
    Values("models", share=True),
    means=lambda alive: (
        f"From {alive.min():.0%} to {alive.max():.0%}: three stories of leaving, three answers. "
        "Which one holds, only the truth can tell, or a letter that is answered."
    ),
    hints=(
        "All customers teach the models; the question is about some of them.",
        "The worked example compares the three in *Right for the wrong reason*.",
        "Fit each model to the whole table, predict with any horizon, keep the rows of those without "
        "a repeat purchase, and take the mean of the chance to be alive.",
    ),
)
def alive(
    *,
    table=TABLES,
    fitted_to=choose(
        "all",
        {
            "all of 2025": "You fitted to all of 2025; the models may know the log to 30 June only.",
            "repeat buyers": "You fitted to the repeat buyers; the models learn about leaving from all.",
        },
    ),
    of=choose(
        "one-time buyers",
        {
            "everybody": "This is the mean over everybody; asked are those who bought on one day only.",
            "came back": "These are the customers who came back; asked are those who did not.",
            "one repeat": "You took those with one repeat purchase day (a frequency of 1); one-time "
            "buyers have a frequency of 0.",
            "up to one": "You took a frequency up to one; one-time buyers have a frequency of 0.",
        },
    ),
    told=choose(
        "mean of P(alive)",
        {
            "above a half": "This is the share with P(alive) above one half; asked is the mean.",
            "median": "This is the median of P(alive); asked is the mean.",
            "number": "This is the number expected to be alive, a sum; asked is the mean.",
            "purchases": "These are purchases to come; asked is P(alive).",
            "all customers": "You divided by all customers; divide by the one-time buyers.",
            "of the living": "This is the share of the living who bought once; asked is the share of "
            "the one-time buyers who live.",
        },
    ),
):
    """Mean P(alive) of the one-time buyers, by model."""
    x = customers(table).frequency
    group = {
        "one-time buyers": x == 0,
        "everybody": x >= 0,
        "came back": x > 0,
        "one repeat": x == 1,
        "up to one": x <= 1,
    }[of]
    p = predicted("purchases" if told == "purchases" else "p_alive", table, fitted_to)
    return {
        "mean of P(alive)": lambda: p[group].mean(),
        "purchases": lambda: p[group].mean(),
        "above a half": lambda: (p[group] > 0.5).mean(),
        "median": lambda: p[group].median(),
        "number": lambda: p[group].sum(),
        "all customers": lambda: p[group].sum() / len(p),
        "of the living": lambda: p[group].sum() / p.sum(),
    }[told]()


@cache
def left_on():
    return crm.load("shihu/truth_customers").set_index("customer_id").left_on


@recipe(
    Number(share=True),
    means=lambda left: (
        f"{left:.0%} had left. BG/NBD says that none can have: the story, not the fit, is wrong."
    ),
    hints=(
        "Who is asked about, and what does an empty day say?",
        "The worked example makes the same comparison with the truth in *Right for the wrong reason*.",
        "Look up the day of leaving of each one-time buyer, compare it with 30 June, and take the "
        "mean of the comparison; an empty day is not on or before any.",
    ),
)
def left(
    *,
    of=choose(
        "one-time buyers",
        {
            "everybody": "This is the share of everybody; asked are the one-time buyers.",
            "came back": "You took those who came back; asked are the others.",
            "one repeat": "You took those with one repeat purchase day; one-time buyers have none.",
            "one purchase day": "You took those with one purchase day up to the end of 2025; who came "
            "back after June belongs to them.",
            "the whole truth": "You took the whole table of the truth, also those who bought nothing "
            "by then; asked are the one-time buyers of base.",
        },
    ),
    when=choose(
        "by 30 June",
        {
            "ever": "You counted who ever left, also after 30 June: compare left_on with the day.",
            "end of 2024": "You compared with the end of 2024; the day is 30 June 2025.",
            "empty too": "You counted the empty days too: those are still there.",
            "in 2025": "You counted only those who left in 2025; earlier ones have left as well.",
        },
    ),
    divided_by=choose(
        "the one-time buyers",
        {
            "all customers": "You divided by all customers; divide by the one-time buyers.",
            "all who left": "You divided by all who left: their share who bought once. Divide by the "
            "one-time buyers.",
            "those with a day": "You divided by those with a day in left_on; the empty ones count too.",
            "one": "This is a number of customers; divide by the one-time buyers.",
        },
    ),
    by=choose(
        "the truth",
        {
            "MBG/NBD": "This is what MBG/NBD says, one minus its P(alive); asked is the truth.",
            "Pareto/NBD": "This is what Pareto/NBD says, one minus its P(alive); asked is the truth.",
            "silence": "You took a silence of half a year for leaving; the truth has the day.",
        },
    ),
):
    """Share of the one-time buyers who had truly left by the day."""
    known = base()
    group = {
        "one-time buyers": known.index[known.frequency == 0],
        "everybody": known.index,
        "came back": known.index[known.frequency > 0],
        "one repeat": known.index[known.frequency == 1],
        "one purchase day": base(END).index[base(END).frequency == 0],
        "the whole truth": left_on().index,
    }[of]
    if by == "silence":
        return (known.recency[group] > 26).mean()
    if by != "the truth":
        return 1 - predicted()[by][group].mean()
    gone = {
        "by 30 June": left_on() <= DAY,
        "ever": left_on().notna(),
        "end of 2024": left_on() <= pd.Timestamp("2024-12-31"),
        "empty too": (left_on() <= DAY) | left_on().isna(),
        "in 2025": left_on().between("2025-01-01", DAY),
    }[when]
    below = {
        "the one-time buyers": len(group),
        "all customers": len(known),
        "all who left": gone[known.index].sum(),
        "those with a day": left_on()[group].notna().sum(),
        "one": 1,
    }[divided_by]
    return gone[group].sum() / below


# Transfer: the win-back, and what a test is worth


@cache
def replies():
    """Customers of the win-back campaign: arm, and orders in the 30 days after it was sent."""
    sent = crm.load("shihu/campaigns").query("campaign_id == 'K06'")
    day, orders = sent.sent_on.iloc[0], crm.load("shihu/orders")
    soon = orders[(orders.date > day) & (orders.date <= day + pd.Timedelta("30D"))]
    count = soon.groupby("customer_id").size()
    sent = sent.assign(orders=sent.customer_id.map(count).fillna(0))
    return sent[["customer_id", "arm", "orders"]]


@cache
def by_arm(told="orders"):
    """What is compared between the arms, in each of them."""
    table = replies()
    by = table.groupby("arm").orders
    return {
        "orders": lambda: by.mean(),
        "customers": lambda: (table.orders > 0).groupby(table.arm).mean(),
        "sums": lambda: by.sum(),
        "median": lambda: by.median(),
        "per cent": lambda: 100 * by.mean(),
        "of those who ordered": lambda: table[table.orders > 0].groupby("arm").orders.mean(),
        "whole campaign": lambda: by.sum() / len(table),
        "share of orders": lambda: by.sum() / table.orders.sum(),
        "all later": all_later,
        "error": lambda: by.sem(),
    }[told]()


def all_later():
    """Orders a customer to the end of the data, by arm."""
    sent = crm.load("shihu/campaigns").query("campaign_id == 'K06'")
    orders = crm.load("shihu/orders")
    later = orders[orders.date > sent.sent_on.iloc[0]].groupby("customer_id").size()
    return sent.customer_id.map(later).fillna(0).groupby(sent.arm).mean()


@recipe(
    Values("arms"),
    means=lambda effect: (
        f"A reminder brings {effect['reminder']:.3f} extra orders a customer, a coupon "
        f"{effect['coupon']:.3f}: the difference from people who got nothing, drawn at random."
    ),
    hints=(
        "What would these customers have done without a letter?",
        "The worked example takes effects from random groups in *Three ways to spend*.",
        "The mean number of orders of each arm; then each of the two letters' less the one of those "
        "who got nothing.",
    ),
)
def effect(
    *,
    told=choose(
        "orders",
        {
            "customers": "You counted customers with an order; asked are orders, and some ordered "
            "twice.",
            "sums": "These are sums of orders; take the mean of each arm, for each customer.",
            "median": "This is the median, 0 in each arm; take the mean.",
            "per cent": "These are orders by 100 customers, like per cent; give them for one.",
            "of those who ordered": "You took the mean of those who ordered; those who did not count "
            "with 0.",
            "whole campaign": "You divided by the whole campaign; each arm has its own number.",
            "share of orders": "This is each arm's share of the orders; asked are orders a customer.",
            "all later": "You counted all later orders; `replies` holds those of the 30 days.",
        },
    ),
    against=choose(
        "control",
        {
            "nothing": "You took nothing off: some come back without a letter. Compare with the "
            "control.",
            "all": "You compared with the mean of all; compare with the control.",
            "the others": "You compared each arm with the two others together; compare with the "
            "control.",
            "unequal arms": "You took sums off each other, and divided then: the arms are unequal. Take "
            "the mean of each first.",
            "beyond": "You gave what the coupon brings beyond the reminder; compare each with the "
            "control.",
            "two letters": "You compared the two letters with each other; compare with the control.",
            "relative": "You gave the change relative to the control; asked is the difference in "
            "orders.",
            "ratio": "This is the ratio to the control; asked is the difference in orders.",
            "errors": "You divided the difference by its error; asked is the difference itself.",
            "spreads": "You divided by the spread of orders, an effect size; asked is the difference.",
        },
    ),
    people=choose(
        1,
        {
            "2,000": "You multiplied by 2,000 customers; asked is one customer.",
            "an arm": "You multiplied by the customers of an arm; asked is one customer.",
        },
    ),
):
    """Extra orders by a reminder and by a coupon, for each customer written to."""
    means = by_arm(told)
    letters, control = means[ARMS], means["control"]
    table = replies()
    rest = pd.Series({a: table.orders[table.arm != a].mean() for a in ARMS})
    return {
        "control": lambda: letters - control,
        "nothing": lambda: letters,
        "all": lambda: letters - table.orders.mean(),
        "the others": lambda: letters - rest,
        "two letters": lambda: letters - letters[::-1].to_numpy(),
        "relative": lambda: letters / control - 1,
        "ratio": lambda: letters / control,
        "unequal arms": lambda: unequal(),
        "beyond": lambda: letters - pd.Series({"reminder": control, "coupon": letters["reminder"]}),
        "errors": lambda: (
            (letters - control) / np.hypot(by_arm("error")[ARMS], by_arm("error")["control"])
        ),
        "spreads": lambda: (letters - control) / table.orders.std(),
    }[against]() * {"2,000": PEOPLE, "an arm": table.arm.value_counts()[ARMS]}.get(people, 1)


def unequal():
    """Sums of the arms less the control's, divided by the size of the arm."""
    by = replies().groupby("arm").orders
    return (by.sum()[ARMS] - by.sum()["control"]) / by.size()[ARMS]


@cache
def draws(raw=False):
    """Extra orders a customer by each letter (columns), in each draw."""
    means, sem = by_arm(), by_arm("error")
    drawn = np.random.default_rng(SEED).normal(
        means[ARMS] - means["control"], np.hypot(sem[ARMS], sem["control"]), (DRAWS, 2)
    )
    return pd.DataFrame(drawn, columns=ARMS) + (means["control"] if raw else 0.0)


LETTERS = choose(
    "6 and 10",
    {
        "free": "The letters are not free: 6 for a reminder, 10 with a coupon.",
        "exchanged": "The prices are exchanged: a reminder costs 6, a letter with a coupon 10.",
        "6 for both": "You paid 6 for both; a letter with a coupon costs 10.",
        "16": "You paid 16 for a coupon; its 10 include the letter.",
        "multiplied": "You multiplied the letter by 120, too: take its price off the money.",
        "once an order": "You paid the letter once an order; everyone written to gets one.",
        "0.35": "You paid 0.35, a message of the worked example; here a letter goes by post.",
    },
)
BROUGHT = choose(
    "120 an order",
    {
        "1 an order": "You counted orders for money, 1 an order; an extra order brings 120 CNY.",
        "110": "You took the coupon's 10 off each order as well (110); its price is in the letter.",
        "control's orders": "You counted the control's orders too; only the extra ones are due to "
        "the letter.",
        "all orders": "You counted all orders of each plan, also those that come without a letter.",
    },
)
SIZE = choose(
    2_000,
    {
        1: "This is for 1 customer; there are 2,000.",
        "4,000": "You wrote to 4,000, the number of draws; there are 2,000 customers.",
        "the arms": "You took the arms of the old campaign; now there are 2,000 customers.",
        "1,000": "You wrote to 1,000 customers with each letter; each plan writes to all 2,000.",
        "campaign": "You wrote to as many as the old campaign did; now there are 2,000 customers.",
    },
)


@cache
def profits(letters="6 and 10", brought="120 an order", people=PEOPLE):
    """Profit of each plan (column) in each draw of the two effects."""
    extra = draws(raw=brought in ("control's orders", "all orders"))
    order = {"1 an order": 1.0, "110": 110.0}.get(brought, ORDER)
    price = {
        "free": [0.0, 0.0],
        "exchanged": [10.0, 6.0],
        "6 for both": [6.0, 6.0],
        "16": [6.0, 16.0],
        "multiplied": [720.0, 1_200.0],
        "0.35": [0.35, 0.35],
    }.get(letters, [6.0, 10.0])
    paid = extra * price if letters == "once an order" else price
    number = {"4,000": 4_000, "1,000": 1_000, "campaign": len(replies())}.get(people, people)
    if people == "the arms":
        number = replies().arm.value_counts()[ARMS].to_numpy()
    nobody = number * by_arm()["control"] * order if brought == "all orders" else 0.0
    return (number * (extra * order - paid)).assign(nobody=nobody)


@recipe(
    Values("plans"),
    means=lambda expected: (
        f"Expected best: {expected.idxmax()}. How often another plan is better in a draw: "
        f"{(profits().idxmax(axis=1) != expected.idxmax()).mean():.0%}."
    ),
    hints=(
        "For one draw: what does each plan bring, and what does it cost?",
        "The worked example has profit by draw in *Split the budget*; its mean is *expected*.",
        "In each draw 2,000 times what a letter brings less its price, for both letters; a third "
        "column of noughts for nobody; then the mean of each column.",
    ),
)
def expected(
    *,
    letters=LETTERS,
    brought=BROUGHT,
    people=SIZE,
    told=choose(
        "mean",
        {
            "sum": "This is the sum over the draws; take their mean.",
            "median": "This is the median of the draws; take their mean.",
            "losses": "You took losses for nought, as if you knew the draw; they count, too.",
            "effect of 3a": "You took the effect of 3a; take the mean over the draws.",
            "best": "This is each plan's best draw; take the mean over the draws.",
            "worst": "This is each plan's worst draw; take the mean over the draws.",
            "high": "This is the high end, nineteen draws in twenty lie below; take the mean.",
            "low": "This is the low end, one draw in twenty; take the mean over the draws.",
            "how often best": "This is how often each plan is the best; asked is its profit.",
            "how often above": "This is how often each plan is above zero; asked is its profit.",
            "spread": "This is the spread (standard deviation) of the draws; take their mean.",
            "per yuan": "You divided by what the letters cost, profit per yuan; asked is the profit.",
            "no plan nobody": "The plan to write to nobody is not in it: its profit is 0.",
            "nobody pays": "In your plan for nobody one pays for letters; its profit is 0.",
        },
    ),
):
    """Expected profit of writing to nobody, a reminder to all, a coupon to all."""
    plans = profits(letters, brought, people)
    return {
        "mean": lambda: plans.mean(),
        "sum": lambda: plans.sum(),
        "median": lambda: plans.median(),
        "losses": lambda: plans.clip(lower=0).mean(),
        "effect of 3a": lambda: (
            (people * ((by_arm()[ARMS] - by_arm()["control"]) * ORDER - COST))
            .reindex(plans.columns)
            .fillna(0.0)
        ),
        "best": lambda: plans.max(),
        "worst": lambda: plans.min(),
        "high": lambda: plans.quantile(0.95),
        "low": lambda: plans.quantile(0.05),
        "how often best": lambda: (
            plans.idxmax(axis=1).value_counts(normalize=True).reindex(plans.columns, fill_value=0.0)
        ),
        "how often above": lambda: (plans > 0).mean(),
        "spread": lambda: plans.std(),
        "per yuan": lambda: (plans[ARMS].mean() / (PEOPLE * COST)).reindex(
            plans.columns, fill_value=0.0
        ),
        "no plan nobody": lambda: plans[ARMS].mean(),
        "nobody pays": lambda: plans.mean().replace({0.0: -PEOPLE * COST.mean()}),
    }[told]()


@recipe(
    Number(),
    means=lambda worth: (
        f"Even a perfect test is worth no more than {worth:,.0f} CNY before this one mailing; "
        "the more mailings follow, the more."
    ),
    hints=(
        "What would you do in each draw if you knew it, and what do you do without knowing?",
        "The worked example puts a price on an oracle in *What is worth finding out?*.",
        "In each draw the profit of the plan that is best there; the mean of these; take off the "
        "profit you expect without knowing.",
    ),
)
def information(
    *,
    letters=choose(
        "6 and 10", {k: LETTERS.wrong[k] for k in ("free", "exchanged", "16", "once an order")}
    ),
    people=SIZE,
    plans=choose(
        "all three",
        {
            "without nobody": "Your knowledge is without the plan to write to nobody; it may say so.",
            "without the coupon": "Your knowledge is without the coupon; it chooses among all three.",
            "without the reminder": "Your knowledge is without the reminder; it chooses among all "
            "three.",
        },
    ),
    knowing=choose(
        "best of each draw",
        {
            "best of all": "You took the best of all draws; take the best plan in each, then the mean.",
            "median": "You took the median over the draws; take the mean.",
        },
    ),
    less=choose(
        "best mean",
        {
            "nothing": "You took nothing off: take off what you earn without knowing, the best of the "
            "three means.",
            "second best": "You took the second best plan off; without knowing you take the best.",
            "mean of the plans": "You took the mean of the plans off; take off the best of the three.",
            "lowest": "You took the lowest of each draw off; take off what you earn without "
            "knowing.",
        },
    ),
    told=choose(
        "worth",
        {
            "regret when wrong": "This is the mean regret of the draws when you are wrong; take "
            "the mean over all draws.",
            "how often wrong": "This is how often you would be wrong; asked is what knowing adds.",
            "distance": "This is the mean distance of the two letters; take the best of three.",
            "reminder known": "Here only the effect of the reminder is known; a perfect test shows "
            "both.",
            "reminder or nobody": "You chose between a reminder and nobody, before and after; the "
            "coupon is there as well.",
            "coupon known": "Here only the effect of the coupon is known; a perfect test shows both.",
            "how often right": "This is how often you are right; asked is what knowing adds.",
            "sum": "This is the sum over the draws; take the mean.",
            "spread": "This is the spread of the best plan's profit; asked is what knowing adds.",
            "gap": "This is the gap between the two best plans; asked is what knowing adds.",
            "expected": "This is the expected profit of the best plan; asked is what knowing adds.",
            "largest": "This is the largest that knowing adds in any draw; take the mean.",
        },
    ),
):
    """Expected value of perfect information about the two effects."""
    p = profits(letters, people=people)
    means = p.mean().sort_values()
    keep = {
        "without nobody": ARMS,
        "without the coupon": ["reminder", "nobody"],
        "without the reminder": ["coupon", "nobody"],
    }.get(plans, [*ARMS, "nobody"])
    each = p[keep].max(axis=1)
    with_it = {
        "best of each draw": lambda: each.mean(),
        "best of all": lambda: each.max(),
        "median": lambda: each.median(),
    }[knowing]()
    without = {
        "best mean": lambda: means.iloc[-1],
        "nothing": lambda: 0.0,
        "second best": lambda: means.iloc[-2],
        "mean of the plans": lambda: means.mean(),
        "lowest": lambda: p.min(axis=1).mean(),
    }[less]()
    regret = p.max(axis=1) - p[means.index[-1]]
    return {
        "worth": lambda: with_it - without,
        "regret when wrong": lambda: regret[regret > 0].mean(),
        "how often wrong": lambda: (regret > 0).mean(),
        "how often right": lambda: (regret == 0).mean(),
        "distance": lambda: (p["coupon"] - p["reminder"]).abs().mean(),
        "coupon known": lambda: (
            p["coupon"].clip(lower=max(means["reminder"], 0.0)).mean() - means.iloc[-1]
        ),
        "reminder known": lambda: (
            p["reminder"].clip(lower=max(means["coupon"], 0.0)).mean() - means.iloc[-1]
        ),
        "reminder or nobody": lambda: (
            p["reminder"].clip(lower=0.0).mean() - max(means["reminder"], 0.0)
        ),
        "sum": lambda: regret.sum(),
        "spread": lambda: p[means.index[-1]].std(),
        "gap": lambda: means.iloc[-1] - means.iloc[-2],
        "expected": lambda: means.iloc[-1],
        "largest": lambda: regret.max(),
    }[told]()
