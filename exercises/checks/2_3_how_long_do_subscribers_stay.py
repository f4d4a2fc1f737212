"""Feedback for exercises 2.3, how long do subscribers stay."""

from functools import cache

import numpy as np
import pandas as pd
from statsmodels.duration.api import PHReg, SurvfuncRight

import crmlib as crm
from crmlib.course.checks import Model, Number, task

TODAY = pd.Timestamp("2025-12-31")
FIRST_FOUR, AFTER_TWELVE = [1000, 631, 468, 382, 326], 173  # Fader and Hardie (2007)


@cache
def people():
    """Subscribers, with the months they stayed and what brought them."""
    subs = crm.load("shihu/subscriptions")
    table = subs.groupby("customer_id").agg(
        start=("started_on", "first"), end=("ended_on", "first")
    )
    start, end = table.start.dt, table.end.fillna(TODAY).dt
    table["months"] = (end.year - start.year) * 12 + end.month - start.month + 1
    table["left"] = table.end.notna()
    source = crm.load("shihu/customers").set_index("customer_id").source
    return table.join(source)


def livestream():
    return people().query("source == 'livestream'")


def stay(group, month=12):
    """Share of the group that stays longer than so many months (Kaplan-Meier)."""
    curve = SurvfuncRight(group.months, group.left.astype(int))
    return curve.surv_prob[np.searchsorted(curve.surv_times, month, side="right") - 1]


# Warm-up: one curve


@task(
    Number(share=True),
    means=lambda share: (
        f"{share:.1%} leave within a year. Nobody was dropped: each of the "
        f"{(~livestream().left).sum():,} who are still there counts for the months we saw."
    ),
    hint="SurvfuncRight(group.months, group.left.astype(int)) has .surv_times and .surv_prob; "
    "take the probability at month 12, and remember that it is the share that stays.",
)
def warm_up():
    """Share of the livestream's subscribers who leave within twelve months."""
    return 1 - stay(livestream())


@warm_up.mistake("This is the share that stays; asked is the share that leaves.")
def stayers():
    return stay(livestream())


@warm_up.mistake(
    "You divided the leavers by everybody. Many of these have not had their twelve months yet; "
    "Kaplan-Meier counts each for as long as they were seen."
)
def leavers_over_everybody():
    return (livestream().left & (livestream().months <= 12)).mean()


@warm_up.mistake(
    "You took those who left and asked how many of them went within a year; "
    "those who are still there are dropped for staying."
)
def leavers_only():
    return (livestream().query("left").months <= 12).mean()


@warm_up.mistake("This is the share of all subscribers; keep those whom the livestream brought.")
def every_source():
    return 1 - stay(people())


@warm_up.mistake("You stopped one month early: who leaves at the end of month 12 counts, too.")
def eleven_months():
    return 1 - stay(livestream(), 11)


@warm_up.mistake(
    "You divided by those who started a year ago or earlier, or have left already. Who left "
    "counts whenever they started, who stayed only if early: that mixture errs upwards."
)
def leavers_and_old_customers():
    known = livestream()[livestream().left | (livestream().months >= 12)]
    return (known.left & (known.months <= 12)).mean()


# Standard: a cohort, its future, its worth


@cache
def model():
    return crm.SBG().fit(FIRST_FOUR)


@task(
    Model(),
    means=lambda sbg: (
        f"alpha = {sbg.params_['alpha']:.3f}, beta = {sbg.params_['beta']:.3f}: from four renewals "
        "near what seven give (0.704 and 1.182)."
    ),
    hint="crm.SBG().fit(seen): the 1,000 at the start, then those left after each renewal.",
)
def fitted():
    """The sBG model of the Regular cohort, from its first four renewals."""
    return model()


@fitted.mistake("Begin with the 1,000 of the start: the first renewal tells the most.")
def without_the_start():
    return crm.SBG().fit(FIRST_FOUR[1:])


@fitted.mistake("You fitted all seven renewals of the worked example; here only four are known.")
def seven_renewals():
    return crm.SBG().fit([*FIRST_FOUR, 289, 262, 241])


@fitted.mistake("This is the High End cohort; the task is about the Regular one.")
def high_end():
    return crm.SBG().fit([1000, 869, 743, 653, 593])


@fitted.mistake("The last renewal is missing: the list ends with the 326 after four.")
def three_renewals():
    return crm.SBG().fit(FIRST_FOUR[:-1])


@task(
    Number(share=True),
    means=lambda share: (
        f"{1000 * share:.0f} of 1,000, and {AFTER_TWELVE} were there. The pace of the four years "
        f"seen, kept for twelve, would have promised {1000 * same_pace():.0f}."
    ),
    hint="model.survival(t), where t counts renewals.",
)
def twelve_years():
    """Share of the Regular cohort still there after twelve renewals."""
    return model().survival(12)


@twelve_years.mistake("This keeps the mean rate of four years constant: the fault of the section.")
def one_rate_for_all():
    return (sum(FIRST_FOUR[1:]) / sum(FIRST_FOUR[:-1])) ** 12


@twelve_years.mistake("This keeps the first four years' pace; the impatient have left by then.")
def same_pace():
    return 0.326**3


@twelve_years.mistake("This is the retention at renewal 12, not the share that is still there.")
def retention():
    return model().retention(12)


@twelve_years.mistake("This is the chance given four renewals made; asked is the whole cohort.")
def given_four():
    return model().survival(12) / model().survival(4)


@twelve_years.mistake("These are the survivors after 16 renewals: t counts from the start.")
def twelve_more():
    return model().survival(16)


@task(
    Number(),
    means=lambda payments: (
        f"{payments:.2f} payments to come; a newcomer of the same cohort has "
        f"{model().derl(0, 0.1):.2f}."
    ),
    hint="model.derl(renewals, rate), with the renewals made so far.",
)
def residual():
    """Discounted payments to come of a customer who has renewed four times."""
    return model().derl(4, 0.1)


@residual.mistake("This is the residual life of one who has just joined; she has renewed 4 times.")
def of_a_newcomer():
    return model().derl(0, 0.1)


@residual.mistake(
    "This takes one rate for all; someone who has renewed four times is no average customer."
)
def constant_rate():
    rate = sum(FIRST_FOUR[1:]) / sum(FIRST_FOUR[:-1])
    return rate / (1 - rate / 1.1)


@residual.mistake("You used the discount factor 1 / 1.1 for the rate; the rate is 0.1.")
def factor_for_rate():
    return model().derl(4, 1 / 1.1)


@residual.mistake("This is 12 % a year; the task says 10 %.")
def another_rate():
    return model().derl(4, 0.12)


@residual.mistake("Three renewals: the 326 have made four, and stand before their fifth.")
def one_renewal_short():
    return model().derl(3, 0.1)


# Transfer: a telephone company


@cache
def telco(internet_only=True):
    table = crm.load("telco_churn")
    table["tech_support"] = table["tech_support"].astype(int)
    return table[table.internet_service != "none"] if internet_only else table


@cache
def coefficient(covariates="tech_support", name="tech_support", internet_only=True):
    """Coefficient of a Cox model of leaving; ties by Efron."""
    table = telco(internet_only)
    fit = PHReg.from_formula(
        f"tenure ~ {covariates}", table, status=table.churn.astype(int), ties="efron"
    ).fit()
    return float(fit.params[fit.model.exog_names.index(name)])


@task(
    Number(),
    means=lambda ratio: f"In any month, {ratio:.2f} times as likely to leave as those without.",
    hint='PHReg.from_formula("tenure ~ tech_support", telco, status=..., ties="efron").fit(); '
    "then np.exp of its parameter.",
)
def plain_ratio():
    """Hazard ratio of technical support, nothing else considered."""
    return np.exp(coefficient())


@plain_ratio.mistake("This is the coefficient b; the hazard ratio is exp(b).")
def without_exp():
    return coefficient()


@plain_ratio.mistake("You turned it round: those with support against those without.")
def turned_round():
    return np.exp(-coefficient())


@plain_ratio.mistake("You kept customers without internet, who cannot have technical support.")
def everybody():
    return np.exp(coefficient(internet_only=False))


@plain_ratio.mistake(
    "This is the ratio of the shares who left; it forgets how long each was watched."
)
def ratio_of_shares():
    shares = telco().groupby("tech_support").churn.mean()
    return shares[1] / shares[0]


@task(
    Number(),
    means=lambda ratio: (
        f"From {np.exp(coefficient()):.2f} to {ratio:.2f} by one more column. What would the next "
        "do, or the one that nobody recorded?"
    ),
    hint='Add "+ C(contract)" to the formula and look at .model.exog_names: the parameters '
    "stand in that order, and tech_support is not the first any more.",
)
def adjusted_ratio():
    """Hazard ratio of technical support among customers of the same contract."""
    return np.exp(coefficient("tech_support + C(contract)"))


@adjusted_ratio.mistake("This is still the plain ratio: add C(contract) to the formula.")
def not_adjusted():
    return np.exp(coefficient())


@adjusted_ratio.mistake("You took the first parameter, a contract; look at .model.exog_names.")
def the_contract():
    return np.exp(coefficient("tech_support + C(contract)", "C(contract)[T.One year]"))


@adjusted_ratio.mistake("This is the coefficient b, not the ratio exp(b).")
def adjusted_without_exp():
    return coefficient("tech_support + C(contract)")


@adjusted_ratio.mistake("Customers without internet are still among them.")
def adjusted_everybody():
    return np.exp(coefficient("tech_support + C(contract)", internet_only=False))
