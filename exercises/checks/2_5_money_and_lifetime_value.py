"""Feedback for exercises 2.5, what each customer is worth and who gets the budget."""

from functools import cache

import pandas as pd

import crmlib as crm
from crmlib.course.checks import Ids, Number, Values, task

MARGIN, RATE, HORIZON = 0.3, 0.12, 52  # share of sales, a year, weeks
LETTERS, COST, LIFT = 1_000, 1.50, 0.05  # number, dollars each, share of a customer's value


@cache
def base(name="cdnow_sample"):
    """Customers at the end of the data, but for those whose repeat purchases were free."""
    summary = crm.rfm(crm.load(name))
    return summary[summary.monetary != 0]


@cache
def models(name="cdnow_sample"):
    return crm.BGNBD().fit(base(name)), crm.GammaGamma().fit(base(name))


@cache
def worth(name="cdnow_sample", horizon=HORIZON, rate=RATE, margin=MARGIN):
    buying, spending = models(name)
    return crm.clv(buying, spending, base(name), horizon=horizon, rate=rate, margin=margin)


@cache
def total_spend(name="cdnow_sample"):
    return crm.load(name).groupby("customer_id").amount.sum().reindex(base(name).index)


# Warm-up: one purchase of 100 dollars


def expected(frequency, monetary):
    one = pd.DataFrame({"frequency": [frequency], "monetary": [monetary]})
    return models()[1].predict(one).item()


def mean_of_all():
    p, q, gamma = models()[1].params_
    return p * gamma / (q - 1)


@task(
    Number(),
    means=lambda spend: (
        f"{spend:.2f} dollars: between her own 100 and the {mean_of_all():.2f} of all customers. "
        "One purchase is a hint, not a habit."
    ),
    hint="Make a table of one row with the columns frequency and monetary, "
    "and give it to spending.predict(...).",
)
def warm_up():
    """Mean spend to expect of a customer with one repeat purchase of 100 dollars."""
    return expected(1, 100.0)


@warm_up.mistake("You trust her one purchase entirely; how sure is a mean of one?")
def her_own():
    return 100.0


@warm_up.mistake("This is the mean of all customers; her purchase of 100 says something too.")
def everyone():
    return mean_of_all()


@warm_up.mistake("You counted her first purchase in; frequency counts the repeat purchases, so 1.")
def two_purchases():
    return expected(2, 100.0)


@warm_up.mistake("You went halfway; the model weighs her purchases by how much they tell.")
def halfway():
    return (100.0 + mean_of_all()) / 2


# Standard: lifetime value, and how much of it the best customers hold


@task(
    Values("customers"),
    means=lambda value: (
        f"The base is worth {value.sum():,.0f} dollars over the year, "
        f"{value.median():.2f} for the customer in the middle, {value.max():.2f} for the best."
    ),
    hint="Use crm.clv with both models and the base. Its rate is one of a year, its horizon in weeks; "
    "what is its margin if you leave it out?",
)
def value():
    """Discounted margin by customer over the next 52 weeks."""
    return worth()


@value.mistake("This is sales, not profit: the margin of 30 % is missing.")
def sales():
    return worth(margin=1.0)


@value.mistake("You looked 12 weeks ahead; the times are in weeks, and a year has 52.")
def months():
    return worth(horizon=12)


@value.mistake("Nothing is discounted: the rate is 0.12 a year.")
def undiscounted():
    return worth(rate=0.0)


@value.mistake("You gave a rate of 1 %, as if by the month; crm.clv wants the rate of a year.")
def monthly_rate():
    return worth(rate=0.01)


@value.mistake("You divided the rate by 52; crm.clv knows the weeks, and wants the rate of a year.")
def weekly_rate():
    return worth(rate=RATE / 52)


@value.mistake("You took off the margin as if it were the cost: profit is 30 % of sales, not 70 %.")
def cost_for_margin():
    return worth(margin=1 - MARGIN)


def best(ranking, n=None):
    """The n customers (a fifth by default) who stand highest."""
    return ranking.nlargest(n or round(0.2 * len(ranking))).index


@task(
    Number(share=True),
    means=lambda share: (
        f"A fifth of the customers hold {share:.0%} of the future value: "
        "the 80/20 of the textbook is an average, not a law."
    ),
    hint="How many customers are a fifth? Sum the values of so many at the top, and divide by all.",
)
def top_share():
    """Share of all value held by the most valuable 20 % of the customers."""
    return worth().nlargest(round(0.2 * len(worth()))).sum() / worth().sum()


@top_share.mistake("This is the share of what they have spent so far; asked is the future value.")
def of_past_spend():
    return total_spend()[best(total_spend())].sum() / total_spend().sum()


@top_share.mistake("You ranked the customers by past spend; rank them by value.")
def ranked_by_past_spend():
    return worth()[best(total_spend())].sum() / worth().sum()


@top_share.mistake("You took the least valuable fifth: the order is turned round.")
def least_valuable():
    return worth().nsmallest(round(0.2 * len(worth()))).sum() / worth().sum()


@top_share.mistake("This is the share held by the other 80 %.")
def the_rest():
    return 1 - top_share.right


# Transfer: two thousand letters for the full customer base


def future():
    return worth("cdnow")


@cache
def outlook():
    return models("cdnow")[0].predict(base("cdnow"), HORIZON)


def worth_a_letter(gain=LIFT):
    """Customers whom a letter earns more than it costs."""
    return future()[gain * future() > COST]


@task(
    Ids("customers"),
    means=lambda ids: (
        f"A letter to each of these {len(ids):,} earns more than it costs; "
        f"{len(worth_a_letter()):,} customers in all would repay one."
    ),
    hint="First keep whom a letter repays: its gain on each value against its price. Then the best.",
)
def mail():
    """Customers to mail: those who repay a letter, the most valuable first, within the budget."""
    return worth_a_letter().nlargest(LETTERS).index


@mail.mistake("You left the budget out: there are letters for 1,000.")
def no_budget():
    return worth_a_letter().index


@mail.mistake("These are the best by past spend; some of them are gone. Rank by future value.")
def by_past_spend():
    return best(total_spend("cdnow"), LETTERS)


@mail.mistake("You ranked by P(alive); a customer can be alive and buy little.")
def by_p_alive():
    return best(outlook().p_alive, LETTERS)


@mail.mistake("You ranked by spend per purchase; value needs purchases to come as well.")
def by_spend():
    return best(models("cdnow")[1].predict(base("cdnow")), LETTERS)


@mail.mistake("You ranked by expected purchases; what a purchase brings counts as well.")
def by_purchases():
    return best(outlook().purchases, LETTERS)


def earns(ids, lift=LIFT, cost=COST):
    return (lift * future()[ids] - cost).sum()


@task(
    Number(),
    means=lambda profit: (
        f"{profit:,.0f} dollars, against {earns(by_past_spend()):,.0f} "
        "for as many letters to the best by past spend."
    ),
    hint="For each customer mailed: what the letter adds to the value, less its price. Then the sum.",
)
def profit():
    """Profit of the mailing: the lift of the mailed customers' value less the letters."""
    return earns(mail.right)


@profit.mistake("The letters cost money too: take off 1.50 for each.")
def free_letters():
    return earns(mail.right, cost=0)


@profit.mistake("The letter brings 5 % of the value, not all of it.")
def whole_value():
    return earns(mail.right, lift=1)


@profit.mistake("You mailed the best by past spend: use the customers in mail.")
def mailed_past_spend():
    return earns(by_past_spend())


@profit.mistake("You mailed everybody: most customers do not repay a letter.")
def mailed_everybody():
    return earns(future().index)


@profit.mistake("This is the profit of an average letter; sum over all of them.")
def per_letter():
    return earns(mail.right) / len(mail.right)
