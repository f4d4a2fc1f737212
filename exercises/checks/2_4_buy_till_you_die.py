"""Feedback for exercises 2.4, who is still my customer."""

from functools import cache

import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Model, Number, Values, task

TODAY = pd.Timestamp("1997-12-31")
DAYS_AHEAD = 181  # to 30 June 1998, the end of the data
FREQUENCIES = [1, 2, 4, 8]
FIRM_TODAY = pd.Timestamp("2025-12-31")  # the end of Shihu Garden's orders


@cache
def log():
    return crm.load("cdnow_sample")


@cache
def base(unit="week"):
    """Customers at TODAY, with what they did afterwards."""
    return crm.holdout(log(), split=TODAY, unit=unit)


@cache
def model(unit="week"):
    return crm.BGNBD().fit(base(unit))


@cache
def prediction(days=DAYS_AHEAD):
    return model().predict(base(), days / 7)


# Warm-up: a rule, and the customers it wrote off


@cache
def lost_customers():
    """Customers whose last purchase lies more than 180 days before TODAY."""
    past = log()[log().date <= TODAY]
    last = past.groupby("customer_id").date.max()
    return last.index[last < TODAY - pd.Timedelta(180, "D")]


def later():
    return log()[log().date > TODAY]


@task(
    Number(share=True),
    means=lambda share: (
        f"The rule writes off {len(lost_customers()):,} customers; {share:.1%} of them, "
        f"{share * len(lost_customers()):.0f} people, were only between two purchases."
    ),
    hint="Take the last purchase of each customer by groupby(...).date.max(), keep the lost, "
    "then ask .isin(later.customer_id).mean().",
)
def warm_up():
    """Share of the customers called lost who bought again."""
    return lost_customers().isin(later().customer_id).mean()


@warm_up.mistake("You divided by all customers; the question is about those called lost.")
def of_everyone():
    return lost_customers().isin(later().customer_id).sum() / len(base())


@warm_up.mistake("You counted purchases; a customer who came back three times is one customer.")
def purchases_not_customers():
    return later().customer_id.isin(lost_customers()).sum() / len(lost_customers())


@warm_up.mistake(
    "This is the share of everybody who bought afterwards; keep only those called lost, "
    "by the date of their last purchase."
)
def everybody():
    return base().index.isin(later().customer_id).mean()


@warm_up.mistake("This is the share called lost; how many of them came back?")
def called_lost():
    return len(lost_customers()) / len(base())


@warm_up.mistake(
    "This is the share of the later buyers who had been called lost; "
    "asked is the share of the lost who bought later."
)
def the_other_way_round():
    return later().drop_duplicates("customer_id").customer_id.isin(lost_customers()).mean()


@warm_up.mistake("This is the share who did not come back: turn it round.")
def stayed_away():
    return 1 - warm_up.right


# Standard: fit, count the living, forecast


@task(
    Model(),
    means=lambda bgnbd: (
        f"An average customer buys about {bgnbd.params_['r'] / bgnbd.params_['alpha']:.3f} times "
        f"a week while alive, but the rates differ widely (r = {bgnbd.params_['r']:.2f})."
    ),
    hint="crm.BGNBD().fit(base), with base exactly as the cell above makes it.",
)
def fitted():
    """A BG/NBD model of the customers at the end of 1997."""
    return model()


@fitted.mistake("You fitted to all the data; the model must not see what came after 1997.")
def saw_the_future():
    return crm.BGNBD().fit(crm.rfm(log()))


@fitted.mistake("Your times are in days; this course's tables are in weeks.")
def in_days():
    return model(unit="day")


@fitted.mistake("You stopped at 30 September, as the worked example does; here it is 31 December.")
def split_of_the_worked_example():
    return crm.BGNBD().fit(crm.holdout(log(), split="1997-09-30"))


@fitted.mistake("You left out those who bought once; most of what we know of leaving is in them.")
def only_repeaters():
    return crm.BGNBD().fit(base().query("frequency > 0"))


@task(
    Integer(),
    means=lambda count: (
        f"{count:,} of {len(base()):,}. None of them bought only once: "
        "BG/NBD lets a customer leave only after a repeat purchase."
    ),
    hint='model.predict(base, t)["p_alive"] does not depend on t; count where it is below 0.5.',
)
def gone():
    """Customers with P(alive) under one half."""
    return int((prediction().p_alive < 0.5).sum())


@gone.mistake("You counted the living: those at 0.5 or above.")
def the_living():
    return int((prediction().p_alive >= 0.5).sum())


@gone.mistake(
    "You summed the chances of having left. That is the expected number of the gone, "
    "a good figure, but the task counts customers under one half."
)
def expected_number():
    return round((1 - prediction().p_alive).sum())


@gone.mistake("You counted everybody who bought nothing afterwards; the model cannot know that.")
def silent_afterwards():
    return int((base().holdout_frequency == 0).sum())


@gone.mistake("You counted who is expected to buy less than half a purchase, not P(alive).")
def few_purchases():
    return int((prediction().purchases < 0.5).sum())


@task(
    Number(),
    means=lambda total: (
        f"{total:,.0f} expected, {base().holdout_frequency.sum():,} came: "
        f"{total / base().holdout_frequency.sum() - 1:+.1%}."
    ),
    hint="The model counts in weeks: t = 181 / 7. Then sum one column of model.predict(base, t).",
)
def forecast():
    """Purchases expected of all customers from 1 January to 30 June 1998."""
    return prediction().purchases.sum()


@forecast.mistake("You asked for 181 weeks; the model counts in weeks, and 181 are the days.")
def weeks_for_days():
    return prediction(DAYS_AHEAD * 7).purchases.sum()


@forecast.mistake("You took half a year for 26 weeks; 181 days are 181 / 7 of them, a little less.")
def round_weeks():
    return prediction(26 * 7).purchases.sum()


@forecast.mistake(
    "This is the sum of P(alive), a number of customers; the task asks for purchases."
)
def alive_customers():
    return prediction().p_alive.sum()


@forecast.mistake("You multiplied by P(alive); the expected purchases contain it already.")
def alive_twice():
    return (prediction().p_alive * prediction().purchases).sum()


@forecast.mistake(
    "You used what a brand-new customer is expected to buy; "
    "these customers have a history: use .predict(base, t)."
)
def as_if_new():
    return float(model().expected_purchases(DAYS_AHEAD / 7)) * len(base())


@forecast.mistake("This is the average per customer; sum over all customers.")
def per_customer():
    return prediction().purchases.mean()


@forecast.mistake("You summed what came, holdout_frequency; the task asks what was expected.")
def what_came():
    return base().holdout_frequency.sum()


# Transfer: how long a silence is too long, at another firm?


@cache
def firm(unit="week"):
    """A BG/NBD model of the customers of Shihu Garden."""
    return crm.BGNBD().fit(crm.rfm(crm.load("shihu/orders"), end=FIRM_TODAY, unit=unit))


def waits(bgnbd):
    """Whole weeks of silence until P(alive) is under one half, by frequency."""
    silence = pd.Series(range(1, 157))
    return pd.Series({x: _wait(bgnbd, x, silence) for x in FREQUENCIES})


def _wait(bgnbd, x, silence):
    customers = pd.DataFrame({"frequency": x, "t_x": 30.0, "T": 30.0 + silence})
    return silence[bgnbd.predict(customers, 1).p_alive < 0.5].min()


@task(
    Values("frequencies"),
    means=lambda weeks: (
        f"{weeks[8]} weeks of silence from a buyer of eight say as much as "
        f"{weeks[1]} weeks from a buyer of one. No single rule of so many days fits both."
    ),
    hint="For one frequency x: a table with a row for each week of silence s = 1, 2, ... and the "
    "columns frequency = x, t_x = 30, T = 30 + s; predict, and find the first row under 0.5.",
)
def patience():
    """Weeks of silence after which a customer is more likely gone than not."""
    return waits(firm())


@patience.mistake("You used the music shop's model; fit one to the customers of Shihu Garden.")
def of_the_music_shop():
    return waits(model())


@patience.mistake("You fitted the model to times in days; the weeks of the task need one in weeks.")
def fitted_in_days():
    return waits(firm("day"))


@patience.mistake("You counted from the first purchase (T); silence starts at the last, T - t_x.")
def since_first_purchase():
    return patience.right + 30


@patience.mistake("This is the last week in which P(alive) is still at least 0.5; take the next.")
def one_week_early():
    return patience.right - 1


@patience.mistake("You measured silence in days; give weeks.")
def silence_in_days():
    return patience.right * 7
