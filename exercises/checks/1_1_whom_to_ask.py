"""Feedback for exercises 1.1, whom to ask and how many."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Number, Values, task

BEGAN, WAVE, FIELD_DAYS = pd.Timestamp("2023-11-20"), 2023, 21
MARGIN, CONFIDENCE = 0.04, 0.90
STOCK = pd.Series({"Tower": 0.10, "Apartment": 0.35, "Atrium": 0.10, "Terrace": 0.45})
VISITS, YEAR = 60, 2024
ITEMS = ["satisfaction_1", "satisfaction_2", "satisfaction_3"]


table = cache(crm.load)


@cache
def age():
    return table("shihu/customers").set_index("customer_id")["age_group"]


@cache
def population():
    orders = table("shihu/orders")
    past = BEGAN - orders["date"]
    recent = orders[(past > pd.Timedelta(0)) & (past <= pd.Timedelta(days=365))]
    return age()[recent["customer_id"].unique()].value_counts()


@cache
def invited():
    asked = table("shihu/survey_invitations")
    asked = asked[asked["wave"] == WAVE]
    return asked.assign(age=asked["customer_id"].map(age()))


@cache
def answers():
    forms = table("shihu/survey")
    opened = table("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    fate = crm.screen(
        forms.loc[:, "image_1":"loyalty_3"],
        who=forms[["wave", "customer_id"]],
        seconds=forms["seconds"],
        late=forms["submitted_at"] >= forms["wave"].map(opened) + pd.Timedelta(days=FIELD_DAYS),
    )
    usable = forms[(fate == "kept") & (forms["wave"] == WAVE)].dropna(subset=["overall", *ITEMS])
    return usable.assign(age=usable["customer_id"].map(age()))


# Warm-up: how many to invite


def to_invite(response, **options):
    return int(np.ceil(crm.sample_size(**{"margin": MARGIN, **options}) / response))


@cache
def known():
    return {"population": int(population().sum()), "confidence": CONFIDENCE}


@task(
    Integer(),
    means=lambda invite: (
        f"{invite:,} invitations for {crm.sample_size(MARGIN, **known()):,} answers: "
        f"{invite / population().sum():.0%} of all customers. The response makes the price."
    ),
    hint="Two steps: how many answers the formula asks for in a population of this size, then how many "
    "people must be asked to get them.",
)
def warm_up():
    """Invitations that bring enough answers, at the response of the wave."""
    return to_invite(invited()["completed"].mean(), **known())


@warm_up.mistake("These are the answers you need; not everybody who is invited answers.")
def answers_only():
    return to_invite(1, **known())


@warm_up.mistake("You took an endless population; give `population=`, the sum over the ages.")
def endless():
    return to_invite(invited()["completed"].mean(), confidence=CONFIDENCE)


@warm_up.mistake("This is for 95 % confidence; asked is 90 %.")
def usual_confidence():
    return to_invite(invited()["completed"].mean(), population=known()["population"])


@warm_up.mistake("This is for 5 points; asked are 4.")
def five_points():
    return to_invite(invited()["completed"].mean(), margin=0.05, **known())


@warm_up.mistake("You multiplied by the response; to get enough answers, divide by it.")
def multiplied():
    return to_invite(1 / invited()["completed"].mean(), **known())


@warm_up.mistake("You divided by those who did not answer.")
def by_the_silent():
    return to_invite(1 - invited()["completed"].mean(), **known())


# Standard: weights by age, and another question


def share(of):
    return of / of.sum()


@cache
def of_answers():
    return share(answers()["age"].value_counts())


@task(
    Values("age groups"),
    means=lambda weight: (
        f"One answer of {weight.idxmax()} speaks for {weight.max() / weight.min():.1f} times as many "
        f"customers as one of {weight.idxmin()}."
    ),
    hint="Two shares by age group, each of which sums to 1: of the customers, and of the usable forms.",
)
def weights():
    """Share in the population over share among the answers, by age group."""
    return share(population()) / of_answers()


@weights.mistake("Turned round: those who answer too little need a weight above 1.")
def upside_down():
    return of_answers() / share(population())


@weights.mistake(
    "These are customers for each answer, which weigh the same way; asked is share over share, "
    "with a mean near 1."
)
def customers_an_answer():
    return population() / answers()["age"].value_counts()


@weights.mistake("You compared the answers with those invited; compare with the population.")
def from_invited():
    return share(invited()["age"].value_counts()) / of_answers()


@weights.mistake("This is one over the response of each age, not yet share over share.")
def one_over_response():
    return 1 / invited().groupby("age")["completed"].mean()


@weights.mistake("These are the shares of the population; divide by those of the answers.")
def shares_only():
    return share(population())


def score(items=ITEMS):
    return answers()[items].astype(float).mean(axis=1)


def weighted(by_age=None, values=None):
    by_age = weights.right if by_age is None else by_age
    values = score() if values is None else values
    return float(np.average(values, weights=answers()["age"].map(by_age)))


@cache
def true_satisfaction():
    waves = crm.truth()["facts"]["survey_true_means"]
    return next(w["satisfaction_items"] for w in waves if w["wave"] == WAVE)


@task(
    Number(),
    means=lambda value: (
        f"{value:.2f} instead of {score().mean():.2f} as the forms came. All customers, had they "
        f"been asked: {true_satisfaction():.2f}. (One wave is one draw.)"
    ),
    hint="First one number for each person, over the three columns; then a mean in which each person "
    "counts by the weight of the age group.",
)
def satisfaction():
    """Mean of the three satisfaction items, weighted by age."""
    return weighted()


@satisfaction.mistake("This is the plain mean of the forms; weigh them by age.")
def unweighted():
    return score().mean()


@satisfaction.mistake("Your weights are turned round: the young answer least and must count more.")
def weighed_backwards():
    return weighted(1 / weights.right)


@satisfaction.mistake(
    "You gave each age group the same weight; give each its share of the customers."
)
def ages_alike():
    return score().groupby(answers()["age"]).mean().mean()


@satisfaction.mistake("You took the first of the three items only.")
def first_item():
    return weighted(values=score(ITEMS[:1]))


@satisfaction.mistake("You summed the three items; take their mean.")
def summed():
    return 3 * weighted()


@satisfaction.mistake("This is the question `overall`, from 1 to 5; asked are the three items.")
def wrong_question():
    return weighted(values=answers()["overall"].astype(float))


# Transfer: tenants


@cache
def tenants():
    """Count the residents of each type of housing by their satisfaction."""
    return (
        table("housing")
        .pivot_table(index="type", columns="satisfaction", values="freq", aggfunc="sum")
        .astype(float)
    )


def within(level="High"):
    return tenants()[level] / tenants().sum(axis=1)


@task(
    Number(share=True),
    means=lambda high: (
        f"{high:.1%}, and {tenants()['High'].sum() / tenants().to_numpy().sum():.1%} as the survey "
        f"came: it held few residents of terraces, of whom {within()['Terrace']:.0%} are highly "
        "satisfied."
    ),
    hint="For each type: residents with High over all residents of the type, both as sums of freq. "
    "Then the sum of these shares times stock.",
)
def housing():
    """Share of highly satisfied residents, the types weighted by their share of the stock."""
    return float((within() * STOCK).sum())


@housing.mistake("This is the share as the survey came; weigh the types by stock.")
def as_it_came():
    return tenants()["High"].sum() / tenants().to_numpy().sum()


@housing.mistake("You counted rows of the table; a row stands for freq residents.")
def rows_counted():
    rows = table("housing")
    return float(((rows["satisfaction"] == "High").groupby(rows["type"]).mean() * STOCK).sum())


@housing.mistake("You gave each type the same weight.")
def types_alike():
    return within().mean()


@housing.mistake("This is the share of Low.")
def low():
    return float((within("Low") * STOCK).sum())


@housing.mistake("This is High and Medium together.")
def not_low():
    return 1 - low()


@housing.mistake(
    "You multiplied by stock the share of each type among the highly satisfied; take the share of "
    "the highly satisfied within each type."
)
def other_share():
    return float((share(tenants()["High"]) * STOCK).sum())


# Transfer: retailers


@cache
def kinds():
    """Number, mean and spread of the boxes a year, by kind of retailer."""
    supply = table("shihu/supply")
    boxes = supply[supply["month"].dt.year == YEAR].groupby("retailer_id")["supplied"].sum()
    retailers = table("shihu/retailers").set_index("retailer_id")
    return boxes.astype(float).groupby(retailers["kind"]).agg(["size", "mean", "std"])


def allocation(size):
    return VISITS * share(size)


def told(visits):
    """Say which kind gets more visits than by number alone, and which less."""
    by_number = allocation(kinds()["size"])
    gain = visits / by_number
    more, less = gain.idxmax(), gain.idxmin()
    return (
        f"{more}: {visits[more]:.1f} visits instead of {by_number[more]:.1f} by number; {less}: "
        f"{visits[less]:.1f} instead of {by_number[less]:.1f}. Where retailers are alike a few visits "
        "tell enough."
    )


@task(
    Values("kinds"),
    means=told,
    hint="For each kind: number of retailers times standard deviation of boxes; 60 is shared out in "
    "proportion to these products.",
)
def neyman():
    """Sixty visits, in proportion to number times spread."""
    return allocation(kinds()["size"] * kinds()["std"])


@neyman.mistake("This is proportional allocation, by number only; the spread is missing.")
def proportional():
    return allocation(kinds()["size"])


@neyman.mistake("You took the spread without the number of retailers.")
def spread_only():
    return allocation(kinds()["std"])


@neyman.mistake("You took the variance; Neyman's rule has the standard deviation.")
def variance():
    return allocation(kinds()["size"] * kinds()["std"] ** 2)


@neyman.mistake("You took the mean number of boxes; the spread decides.")
def by_the_mean():
    return allocation(kinds()["size"] * kinds()["mean"])


@neyman.mistake("These are shares; there are 60 visits to share out.")
def not_sixty():
    return neyman.right / VISITS
