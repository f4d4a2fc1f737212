"""Feedback for exercises 2.3, how long do subscribers stay."""

from functools import cache

import numpy as np
import pandas as pd
from statsmodels.duration.api import PHReg, SurvfuncRight

import crmlib as crm
from crmlib.course.checks import Model, Number, choose, recipe

TODAY = pd.Timestamp("2025-12-31")
SEVEN = {  # customers left after each renewal: Fader and Hardie (2007)
    "Regular": [1000, 631, 468, 382, 326, 289, 262, 241],
    "High End": [1000, 869, 743, 653, 593, 551, 517, 491],
}
AFTER_TWELVE = 173

# Warm-up: one curve


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


def stays(group, month):
    """Share of the group that stays longer than so many months (Kaplan-Meier)."""
    curve = SurvfuncRight(group.months, group.left.astype(int))
    return curve.surv_prob[np.searchsorted(curve.surv_times, month, side="right") - 1]


@recipe(
    Number(share=True),
    means=lambda share: (
        f"{share:.1%} leave within a year. Nobody was dropped: each of those who are still there "
        "counts for the months we saw."
    ),
    hints=(
        "Most of the group are still there. What do they tell about the first twelve months?",
        "The worked example does this in *Everybody counts for as long as we saw them*.",
        "Keep the group; give months and who left to a survival curve; read it where twelve months "
        "have ended; it is the share that stays.",
    ),
)
def warm_up(
    *,
    who=choose(
        "livestream",
        {
            "everybody": "You took everybody; keep those whom the livestream brought.",
            "others": "You took the others: those whom the livestream did not bring.",
        },
    ),
    month=choose(
        12,
        {
            11: "You stopped after month 11: who leaves at the end of the twelfth counts, too.",
            13: "You counted month 13, too; the year ends with month 12.",
        },
    ),
    how=choose(
        "curve",
        {
            "over all": "You divided the leavers over all. Many of these have not had their twelve "
            "months yet.",
            "leavers only": "You took the leavers only; those who are still there are dropped for "
            "staying.",
            "old or gone": "You kept those who are old or gone: leavers whenever they started, "
            "stayers only if early. That mixture errs upwards.",
            "all to date": "You counted all to date who have left, however long they had stayed.",
            "event": "Your event is turned round: the one to mark is that a subscriber left.",
            "even pace": "You let them leave at an even pace, so many a month; the first months have "
            "another.",
            "short stays": "You counted all short stays as leavers, also of those who came lately and "
            "are still there.",
        },
    ),
):
    """Share of the livestream's subscribers who leave within twelve months."""
    source = people().source
    group = people()[
        {
            "livestream": source == "livestream",
            "everybody": source.notna(),
            "others": source != "livestream",
        }[who]
    ]
    early = group.left & (group.months <= month)
    if how == "event":
        group = group.assign(left=~group.left)
    if how in ("curve", "event"):
        return 1 - stays(group, month)
    if how == "even pace":
        return 1 - (1 - group.left.sum() / group.months.sum()) ** month
    if how == "short stays":
        return (group.months <= month).mean()
    if how == "leavers only":
        return early[group.left].mean()
    if how == "old or gone":
        return early[group.left | (group.months >= month)].mean()
    return early.mean() if how == "over all" else group.left.mean()


# Standard: a cohort, its future, its worth


@cache
def fit(cohort="Regular", first=0, last=4):
    return crm.SBG().fit(SEVEN[cohort][first : last + 1])


@recipe(
    Model(),
    means=lambda sbg: (
        f"alpha = {sbg.params_['alpha']:.3f}, beta = {sbg.params_['beta']:.3f}: from four renewals "
        "near what seven give (0.704 and 1.182)."
    ),
    hints=(
        "What does the model want to know of a cohort, and from which moment on?",
        "The worked example fits it in *A coin for each customer*, to seven renewals.",
        "Customers there at the start and after each renewal, oldest first, given to a new model.",
    ),
)
def fitted(
    *,
    cohort=choose("Regular", {"High End": "This is the High End cohort; take the Regular one."}),
    first=choose(0, {1: "You began with renewal 1: begin with the 1,000 of the start."}),
    last=choose(
        4,
        {
            7: "You fitted 7 renewals, as the worked example does; only four are known here.",
            3: "You fitted 3 renewals: the list ends with the 326 after four.",
        },
    ),
    told=choose(
        "still there",
        {
            "leavers": "You gave the leavers of each year; give those still there, as in seen.",
            "and then": "You gave the 1,000 and then who left in each year; give those still there.",
        },
    ),
):
    """The sBG model of the Regular cohort, from its first four renewals."""
    if told == "leavers":
        return crm.SBG().fit(-np.diff(SEVEN[cohort][first : last + 1]))
    if told == "and then":
        return crm.SBG().fit([1000, *-np.diff(SEVEN[cohort][first : last + 1])])
    return fit(cohort, first, last)


def one_rate():
    """The share who renew, all four renewals together."""
    seen = SEVEN["Regular"][:5]
    return sum(seen[1:]) / sum(seen[:-1])


@recipe(
    Number(share=True),
    means=lambda share: (
        f"{1000 * share:.0f} of 1,000, and {AFTER_TWELVE} were there. The pace of the four years "
        f"seen, kept for twelve, would have promised {1000 * 0.326**3:.0f}."
    ),
    hints=(
        "Which of the model's curves speaks of the whole cohort, from its start?",
        "The worked example compares this with what came, below the figure of *A coin for each "
        "customer*.",
        "Ask your model of 2a how many survive, at the number of renewals counted from the start.",
    ),
)
def twelve_years(
    *,
    renewals=choose(
        12,
        {
            16: "These are the survivors after 16 renewals: twelve count from the start.",
            11: "You stopped after 11 renewals.",
            13: "You counted 13 renewals; the start is none.",
            8: "You counted 8 renewals, those still to come; the curve counts from the start.",
        },
    ),
    what=choose(
        "survival",
        {
            "one rate": "You kept one rate for all twelve years; the impatient have left by then.",
            "pace": "You kept the pace of the first four years; the impatient have left by then.",
            "last rate": "You kept the last rate seen, 326 of 382; those who stay renew more and more.",
            "retention": "This is the retention at the last renewal, not the share still there.",
            "given four": "This is the chance given four renewals made; asked is the whole cohort.",
            "anew": "You let the 326 begin anew, with the newcomers' curve; they have been sifted.",
            "people": "This is a number of people; give their share of the 1,000.",
        },
    ),
    known=choose(
        4,
        {
            7: "Your model has seen 7 renewals; only four are known here.",
            "without the start": "Your model was fitted without the start, the 1,000.",
        },
    ),
):
    """Share of the Regular cohort still there after twelve renewals."""
    model = fit(first=1) if known == "without the start" else fit(last=known)
    return {
        "survival": lambda: model.survival(renewals),
        "one rate": lambda: one_rate() ** renewals,
        "pace": lambda: 0.326 ** (renewals / 4),
        "last rate": lambda: 0.326 * (326 / 382) ** (renewals - 4),
        "retention": lambda: model.retention(renewals),
        "given four": lambda: model.survival(renewals) / model.survival(4),
        "anew": lambda: 0.326 * model.survival(renewals - 4),
        "people": lambda: 1000 * model.survival(renewals),
    }[what]()


@recipe(
    Number(),
    means=lambda payments: (
        f"{payments:.2f} payments to come; a newcomer of the same cohort has {fit().derl(0, 0.1):.2f}."
    ),
    hints=(
        "She is no average customer: what has she shown so far?",
        "The worked example values old subscribers in *What is a subscriber worth who has already "
        "renewed?*.",
        "Your model of 2a knows the discounted residual life; it wants the renewals made so far, and "
        "a rate of interest, not a factor.",
    ),
)
def residual(
    *,
    made=choose(
        4,
        {
            0: "This is one who has made 0 renewals, a newcomer; she has made four.",
            3: "You counted 3 renewals: the 326 have made four, and stand before the fifth.",
            5: "You counted 5 renewals: the fifth is still to come.",
        },
    ),
    interest=choose(
        "10 %",
        {
            "12 %": "This is 12 % a year; the task says ten.",
            "factor": "You gave the discount factor, 1 / 1.1, for the rate.",
            "1 %": "This is 1 % a year; the task says ten.",
        },
    ),
    how=choose(
        "coins",
        {
            "one rate": "You took one rate for all; who has renewed four times is no average "
            "customer.",
            "pace": "You kept the pace of the four years; who has renewed four times is no average "
            "customer.",
            "last rate": "You kept the last rate seen, 326 of 382; those who stay renew more and more.",
        },
    ),
    whose=choose(
        "hers",
        {
            "start": "You took her chances from the start; she has made four renewals: divide by the "
            "share still there.",
            "all 326": "This is for all 326; asked is one of them.",
        },
    ),
    due=choose(
        "now",
        {
            "in a year": "You discounted as if the fifth payment came in a year; she is just before it.",
            "paid": "You counted the fourth payment, too, which is paid.",
            "sum": "Your sum begins with the fourth payment, which was made, and takes the fifth a "
            "year from now.",
            "to come": "You took a payment off what is to come; she has still to pay the fifth.",
        },
    ),
):
    """Discounted payments to come of a customer who has renewed four times."""
    rate = {"10 %": 0.1, "12 %": 0.12, "factor": 1 / 1.1, "1 %": 0.01}[interest]
    if how == "coins":
        value = fit().derl(made, rate)
    else:
        r = {"one rate": one_rate(), "pace": 0.326 ** (1 / 4), "last rate": 326 / 382}[how]
        value = r / (1 - r / (1 + rate))
    value = value * {"hers": 1, "start": fit().survival(4), "all 326": 326}[whose]
    late = value / (1 + rate)
    found = {"now": value, "in a year": late, "paid": value + 1, "sum": late + 1}
    return {**found, "to come": value - 1}[due]


# Transfer: a telephone company


@cache
def telco(internet=True):
    table = crm.load("telco_churn")
    table["tech_support"] = table["tech_support"].astype(int)
    return table[table.internet_service != "none"] if internet else table


@cache
def coefficient(contract="", name="tech_support", internet=True, ties="efron", status="left"):
    """Coefficient of a Cox model of leaving."""
    table = telco(internet)
    table = table.assign(
        code=table.contract.astype(str).rank(method="dense"),
        monthly=(table.contract.astype(str) == "Month-to-month").astype(int),
        longest=(table.contract.astype(str) == "Two year").astype(int),
    )
    if contract == "kept":
        table, contract = table[table.monthly == 1], ""
    marks = {"left": table.churn, "everybody": table.churn.notna(), "turned": ~table.churn}[status]
    formula = f"tenure ~ tech_support {contract}"
    cox = PHReg.from_formula(formula, table, status=marks.astype(int), ties=ties).fit()
    return float(cox.params[cox.model.exog_names.index(name)])


STATUS = choose(
    "left",
    {
        "everybody": "Your model takes everybody for a leaver; give it the status, who left.",
        "turned": "Your status is turned round: 1 is for who left.",
    },
)


def told(b, as_what):
    """The coefficient as it is told."""
    return {"ratio": np.exp(b), "b": b, "fall": 1 - np.exp(b)}[as_what]


def of_shares(how):
    """Leavers with support over leavers without: their shares, odds, or number a month."""
    groups = telco().groupby("tech_support")
    shares = groups.churn.mean()
    share = {"odds": shares / (1 - shares), "rates": groups.churn.sum() / groups.tenure.sum()}
    found = share.get(how, shares)
    return found[1] / found[0]


@recipe(
    Number(),
    means=lambda ratio: f"In any month, {ratio:.2f} times as likely to leave as those without.",
    hints=(
        "Which number of a Cox model is a ratio, and of whom to whom?",
        "The worked example has such ratios in *Three products, and nobody leaves?*.",
        "Tenure explained by technical support, with who left as the status and the ties named; then "
        "undo the logarithm of its parameter.",
    ),
)
def plain_ratio(
    *,
    told_as=choose(
        "ratio",
        {
            "b": "This is the coefficient b, a logarithm; the ratio is exp(b).",
            "fall": "This is the fall, 1 less the ratio; give the ratio.",
        },
    ),
    customers=choose(
        "internet",
        {"all": "You kept all customers; those without internet cannot have technical support."},
    ),
    ties=choose("efron", {"breslow": "Your ties are those of Breslow; the task says efron."}),
    how=choose(
        "cox",
        {
            "shares": "This is the ratio of the shares who left; it forgets how long each was "
            "watched.",
            "odds": "This is the ratio of the odds to have left; it forgets how long each was watched.",
            "rates": "This is the ratio of two rates, leavers over months; a Cox model compares month "
            "by month.",
            "contract": "The contract is in your model, too; that is the next task.",
        },
    ),
    status=STATUS,
):
    """Hazard ratio of technical support, nothing else considered."""
    if how not in ("cox", "contract"):
        return of_shares(how)
    terms = "+ C(contract)" if how == "contract" else ""
    b = coefficient(terms, internet=customers == "internet", ties=ties, status=status)
    return told(b, told_as)


@recipe(
    Number(),
    means=lambda ratio: (
        f"From {np.exp(coefficient()):.2f} to {ratio:.2f} by one more column. What would the next "
        "do, or the one that nobody recorded?"
    ),
    hints=(
        "Compare only customers of the same contract. How does a formula say so?",
        "The worked example adjusts for categories in *Three products, and nobody leaves?*.",
        "The contract joins the formula as a category; its parameters come before the one of support, "
        "so look it up by name.",
    ),
)
def adjusted_ratio(
    *,
    contract=choose(
        "category",
        {
            "plain": "This is still the plain ratio: let the contract join.",
            "number": "Your contract is a number, 0 to 2, with equal steps; make it a category.",
            "monthly": "You told only the monthly contract from the others; keep all three.",
            "longest": "You told only the longest contract from the others; keep all three.",
            "kept": "You kept only who is bound by the month; let all three contracts join.",
        },
    ),
    parameter=choose(
        "tech_support",
        {
            "C(contract)[T.One year]": "You took C(contract)[T.One year], the first parameter: look "
            "at the names.",
            "C(contract)[T.Two year]": "You took C(contract)[T.Two year], a contract: look at the "
            "names.",
        },
    ),
    told_as=choose("ratio", {"b": "This is the coefficient b, a logarithm; the ratio is exp(b)."}),
    customers=choose("internet", {"all": "All customers are in it, those without internet, too."}),
    ties=choose("efron", {"breslow": "Your ties are those of Breslow; the task says efron."}),
    status=STATUS,
):
    """Hazard ratio of technical support among customers of the same contract."""
    terms = {"category": "+ C(contract)", "plain": "", "number": "+ code", "kept": "kept"}
    terms |= {"monthly": "+ monthly", "longest": "+ longest"}
    name = parameter if contract == "category" else "tech_support"
    b = coefficient(terms[contract], name, customers == "internet", ties, status)
    return told(b, told_as)
