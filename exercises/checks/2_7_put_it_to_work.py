"""Feedback for exercises 2.7, three routes to a value and a budget under uncertainty."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Values, task

FIRST, MARGIN, RETENTION, RATE = 150, 400, 0.65, 0.12  # CNY, CNY a year, a year, a year
DAY = pd.Timestamp("2025-06-30")
MODELS = {"BG/NBD": crm.BGNBD, "MBG/NBD": crm.MBGNBD, "Pareto/NBD": crm.ParetoNBD}
PEOPLE, ORDER = 2_000, 120.0  # customers to write to, profit of an extra order
COST = pd.Series({"reminder": 6.0, "coupon": 10.0})  # of one letter
SEED, DRAWS = 3, 4_000


# Warm-up: what may a newcomer cost?


def spend_at_most(first=FIRST, rate=RATE, retention=RETENTION):
    return first + MARGIN * crm.margin_multiple(retention, rate)


@task(
    Number(),
    means=lambda limit: (
        f"{limit:,.0f} CNY, if these figures hold: {FIRST} of it comes at once, the rest "
        "only if she stays."
    ),
    hint="The first payment, plus the yearly margin times crm.margin_multiple(retention, rate).",
)
def warm_up():
    """Most that winning a newcomer may cost."""
    return spend_at_most()


@warm_up.mistake("You forgot the first order: it is paid at once, and the multiple leaves it out.")
def without_the_first():
    return spend_at_most(first=0)


@warm_up.mistake("The first order brings 150, not a whole year's margin.")
def a_year_at_once():
    return spend_at_most(first=MARGIN)


@warm_up.mistake("Nothing is discounted: a margin in five years counts like one today.")
def undiscounted():
    return spend_at_most(rate=0.0)


@warm_up.mistake("0.65 is the share that stays; you took it for the share that leaves.")
def leaving():
    return spend_at_most(retention=1 - RETENTION)


@warm_up.mistake("You left out the r on top: r / (1 + i - r), for she must stay to pay again.")
def one_for_r():
    return FIRST + MARGIN / (1 + RATE - RETENTION)


# Standard: who is alive?


@cache
def base(day=DAY):
    log = crm.load("shihu/orders")
    return crm.rfm(log[log.date <= day], end=day)


@cache
def p_alive(day=DAY):
    table = base(day)
    return pd.DataFrame({k: m().fit(table).predict(table, 1).p_alive for k, m in MODELS.items()})


def once(day=DAY):
    return base(day).frequency == 0


@task(
    Values("models"),
    means=lambda alive: (
        f"From {alive.min():.0%} to {alive.max():.0%}: three stories of leaving, three answers. "
        "Which one holds, only the truth can tell, or a letter that is answered."
    ),
    hint="model.predict(base, 1).p_alive, then the mean over base.frequency == 0.",
)
def alive():
    """Mean P(alive) of the one-time buyers, by model."""
    return p_alive()[once()].mean()


@alive.mistake("This is the mean over all customers; asked are those who bought on one day only.")
def of_everybody():
    return p_alive().mean()


@alive.mistake("These are the customers who came back; asked are those who did not.")
def of_the_others():
    return p_alive()[~once()].mean()


@alive.mistake("This is the share with P(alive) above one half; asked is the mean of P(alive).")
def above_a_half():
    return (p_alive()[once()] > 0.5).mean()


@alive.mistake("You took the end of 2025; the day is 30 June 2025, and the log must end there.")
def at_the_end():
    return p_alive(pd.Timestamp("2025-12-31"))[once(pd.Timestamp("2025-12-31"))].mean()


@cache
def gone(day=DAY):
    """Who of the base had left by a day."""
    truth = crm.load("shihu/truth_customers").set_index("customer_id")
    return truth.left_on.le(day).reindex(base().index)


@task(
    Number(share=True),
    means=lambda left: (
        f"{left:.0%} had left. BG/NBD says that none can have: the story, not the fit, is wrong."
    ),
    hint="truth.left_on <= day, for the customers of base with frequency 0; no date: still there.",
)
def left():
    """Share of the one-time buyers who had truly left by the day."""
    return gone()[once()].mean()


@left.mistake("This is the share still there; asked is the share that had left.")
def still_there():
    return 1 - left.right


@left.mistake("This is the share of all customers; asked are the one-time buyers.")
def of_all():
    return gone().mean()


@left.mistake("You counted also those who left after 30 June: compare left_on with the day.")
def ever_left():
    return gone(pd.Timestamp("2025-12-31"))[once()].mean()


@left.mistake("You took those with a repeat purchase; asked are the others.")
def of_repeaters():
    return gone()[~once()].mean()


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


def by_arm(what="orders"):
    table = replies().assign(any=replies().orders > 0)
    return table.groupby("arm")[what].mean()


def against_control(means):
    return means[["reminder", "coupon"]] - means["control"]


@task(
    Values("arms"),
    means=lambda effect: (
        f"A reminder brings {effect['reminder']:.3f} extra orders a customer, a coupon "
        f"{effect['coupon']:.3f}: the difference from people who got nothing, drawn at random."
    ),
    hint="replies.groupby('arm').orders.mean(), and take the control's off the other two.",
)
def effect():
    """Extra orders by a reminder and by a coupon, for each customer written to."""
    return against_control(by_arm())


@effect.mistake("You did not take off the control: some come back without a letter.")
def raw():
    return by_arm()[["reminder", "coupon"]]


@effect.mistake("You counted customers with an order; asked are orders, and some ordered twice.")
def customers_not_orders():
    return against_control(by_arm("any"))


@effect.mistake("You gave the change relative to the control; asked is the difference in orders.")
def relative():
    return against_control(by_arm()) / by_arm()["control"]


@effect.mistake("You compared with the mean of all; compare with the control.")
def against_all():
    return by_arm()[["reminder", "coupon"]] - replies().orders.mean()


@cache
def profits(cost=True, order=ORDER):
    """Profit of each plan (column) in each draw of the two effects."""
    spread = replies().groupby("arm").orders.sem()
    se = np.hypot(spread[["reminder", "coupon"]], spread["control"])
    effects = np.random.default_rng(SEED).normal(effect.right, se, (DRAWS, 2))
    plans = pd.DataFrame(PEOPLE * (effects * order - COST.to_numpy() * cost), columns=COST.index)
    return plans.assign(nobody=0.0)


@task(
    Values("plans"),
    means=lambda expected: (
        f"Expected best: {expected.idxmax()}. How often another plan is better in a draw: "
        f"{(profits().idxmax(axis=1) != expected.idxmax()).mean():.0%}."
    ),
    hint="In each draw: 2,000 * (effect * 120 - cost of a letter), 0 for nobody. Then the mean.",
)
def expected():
    """Expected profit of writing to nobody, a reminder to all, a coupon to all."""
    return profits().mean()


@expected.mistake("The letters cost money: 6 for a reminder, 10 with a coupon.")
def free_letters():
    return profits(cost=False).mean()


@expected.mistake("This is the profit for one customer; there are 2,000.")
def for_one():
    return profits().mean() / PEOPLE


@expected.mistake("This is the number of extra orders less the cost; an order brings 120 CNY.")
def orders_for_money():
    return profits(order=1.0).mean()


@task(
    Number(),
    means=lambda worth: (
        f"Even a perfect test is worth no more than {worth:,.0f} CNY before this one mailing; "
        "the more mailings follow, the more."
    ),
    hint="The mean of the best profit of each draw, less the best of the mean profits.",
)
def information():
    """Expected value of perfect information about the two effects."""
    return profits().max(axis=1).mean() - profits().mean().max()


@information.mistake("Take off what you earn without knowing: the best of the three means.")
def knowing_all():
    return profits().max(axis=1).mean()


@information.mistake("You left out the plan to write to nobody: perfect knowledge may say so.")
def always_write():
    some = profits()[["reminder", "coupon"]]
    return some.max(axis=1).mean() - profits().mean().max()


@information.mistake("This is what the best draw of all would add; take the mean over the draws.")
def luckiest():
    return profits().max().max() - profits().mean().max()


@information.mistake("This is what it is worth for one customer; there are 2,000.")
def information_for_one():
    return information.right / PEOPLE
