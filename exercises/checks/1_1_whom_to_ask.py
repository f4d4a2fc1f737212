"""Feedback for exercises 1.1, whom to ask and how many."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Number, Values, choose, recipe

BEGAN, WAVE, FIELD_DAYS = pd.Timestamp("2023-11-20"), 2023, 21
STOCK = pd.Series({"Tower": 0.10, "Apartment": 0.35, "Atrium": 0.10, "Terrace": 0.45})
VISITS, YEAR = 60, 2024
ITEMS = ["satisfaction_1", "satisfaction_2", "satisfaction_3"]

table = cache(crm.load)


@cache
def age():
    return table("shihu/customers").set_index("customer_id")["age_group"]


@cache
def population(of="with an order"):
    """Customers by age: those with an order in the year before, their orders, or all on file."""
    orders = table("shihu/orders")
    past = BEGAN - orders["date"]
    recent = orders[(past > pd.Timedelta(0)) & (past <= pd.Timedelta(days=365))]
    who = {
        "with an order": recent["customer_id"].unique(),
        "orders": recent["customer_id"],
        "on file": age().index,
        "ever": orders["customer_id"].unique(),
    }[of]
    return age()[who].value_counts()


@cache
def invited(wave=WAVE):
    asked = table("shihu/survey_invitations")
    asked = asked[asked["wave"] == wave] if wave else asked
    return asked.assign(age=asked["customer_id"].map(age()))


@cache
def answers(which="usable"):
    """Forms of the wave: the usable ones, all that came, or the usable ones of three waves."""
    forms = table("shihu/survey")
    opened = table("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    fate = crm.screen(
        forms.loc[:, "image_1":"loyalty_3"],
        who=forms[["wave", "customer_id"]],
        seconds=forms["seconds"],
        late=forms["submitted_at"] >= forms["wave"].map(opened) + pd.Timedelta(days=FIELD_DAYS),
    )
    mine, kept = forms["wave"] == WAVE, fate == "kept"
    keep = {"usable": mine & kept, "all that came": mine, "three waves": kept}[which]
    usable = forms[keep].dropna(subset=["overall", *ITEMS])
    return usable.assign(age=usable["customer_id"].map(age()))


def share(of):
    return of / of.sum()


# Warm-up: how many to invite


def response(of="this wave"):
    """Share of those invited who answer, by several counts."""
    if of == "usable":
        return len(answers()) / len(invited())
    if of == "mean of ages":
        return invited().groupby("age")["completed"].mean().mean()
    return invited(None if of == "three waves" else WAVE)["completed"].mean()


@recipe(
    Integer(),
    means=lambda invite: (
        f"{invite:,} invitations, {invite / population().sum():.0%} of all customers: the response, "
        f"{response():.0%}, makes the price."
    ),
    hints=(
        "Two numbers in a row: the answers you need, and the people who must be asked to get them.",
        "The worked example has the first in *How many*, and the second in *What an answer costs*.",
        "The sample size for this margin, confidence and population; divided by the share of those "
        "invited who answered; the next whole number.",
    ),
)
def warm_up(
    *,
    people=choose(
        "with an order",
        {
            "endless": "You took an endless population; give the sum of `population` over the ages.",
            "invited": "You took those invited as the population; it is the customers in "
            "`population`.",
            "on file": "You took all customers on file; those without an order are not in "
            "`population`.",
            "answers": "You took those with usable answers as the population; it is the customers in "
            "`population`.",
            "orders": "You took the number of orders; `population` has each customer once.",
            "each age": "You computed a sample for each age and added them up; asked is one for "
            "all ages together.",
            "one age": "You took one age of the population only; sum over the ages.",
        },
    ),
    confidence=choose(
        0.90,
        {
            0.95: "This is for a confidence of 0.95; asked is 90 %.",
            0.99: "This is for a confidence of 0.99; asked is 90 %.",
            0.80: "This is for a confidence of 0.8, as if 90 % were one side; asked is 90 % between "
            "both ends.",
        },
    ),
    margin=choose(
        0.04,
        {
            0.05: "Your margin is 0.05; asked are 4 points.",
            0.02: "Your margin is 0.02: 4 points either way are a margin of 4, not half of it.",
            0.08: "Your margin is 0.08: 4 points either way are a margin of 4, not the whole width.",
        },
    ),
    pi=choose(
        "half",
        {
            "response": "You gave the response as `share=`, the share that is measured. Whatever that "
            "is: leave it at one half.",
            "satisfied": "You gave the share of satisfied forms, 4 or 5, as `share=`; the size is to do "
            "whatever the share is: leave it at one half.",
        },
    ),
    step=choose(
        "divide",
        {
            "answers only": "These are the answers only; not everybody who is invited answers.",
            "multiply": "You chose to multiply by the response; to get enough answers, divide by it.",
            "silent": "You divided by the share of the silent; divide by those who answered.",
        },
    ),
    rate=choose(
        "this wave",
        {
            "usable": "You took usable forms over invitations; the task takes `completed` of `invited`.",
            "three waves": "This is the response of all three waves; take that of `invited`.",
            "mean of ages": "You took the mean of the ages' responses; take all of `invited` together.",
        },
    ),
    rounding=choose("up", {"down": "You rounded down, which brings one answer too few: round up."}),
):
    """Invitations that bring enough answers, at the response of the wave."""
    r = response(rate)
    size = {
        "endless": None,
        "invited": len(invited()),
        "answers": len(answers()),
        "one age": int(population().max()),
        "orders": int(population("orders").sum()),
        "on file": int(population("on file").sum()),
    }.get(people, int(population().sum()))
    pi = {"response": r, "satisfied": (answers()["overall"] >= 4).mean()}.get(pi, 0.5)
    sizes = population().tolist() if people == "each age" else [size]
    needed = sum(
        crm.sample_size(margin, population=n, confidence=confidence, share=pi) for n in sizes
    )
    factor = {
        "divide": 1 / r,
        "answers only": 1,
        "multiply": r,
        "silent": 1 / (1 - r),
    }
    to_ask = needed * factor[step]
    return int(np.floor(to_ask) if rounding == "down" else np.ceil(to_ask))


# Standard: weights by age, and another question


@recipe(
    Values("age groups"),
    means=lambda weight: (
        f"One answer of {weight.idxmax()} speaks for {weight.max() / weight.min():.1f} times as many "
        f"customers as one of {weight.idxmin()}."
    ),
    hints=(
        "Who answers too little must count for more. More than whom, and by how much?",
        "The worked example has the table in *Who answered*.",
        "Two shares by age group, each of which sums to 1, of the customers and of the usable forms; "
        "the first over the second.",
    ),
)
def weights(
    *,
    base=choose(
        "with an order",
        {
            "invited": "Your base is those invited; take the customers of `population`.",
            "on file": "Your base is all customers on file; take those of `population`.",
            "orders": "You counted orders, frequent buyers many times; take the customers of "
            "`population`.",
        },
    ),
    below=choose(
        "usable",
        {
            "all that came": "You divided by the shares among all that came; take the usable forms, "
            "`answers`.",
            "three waves": "You divided by the shares among the usable forms of three waves; take those "
            "of 2023.",
            "asked": "You divided by the shares among all who were asked; divide by those among "
            "`answers`.",
            "completed": "You divided by the shares among those who completed a form; some are not "
            "usable, so take `answers`.",
        },
    ),
    how=choose(
        "share over share",
        {
            "counts": "You divided counts: customers for each answer. They weigh the same way; asked "
            "is share over share, with a mean near 1.",
            "response": "This is one over the response of each age; asked is share over share.",
            "no division": "There is no division: these are the shares in the population only. Divide "
            "by those among the answers.",
            "difference": "This is the difference of the two shares; divide the one by the other.",
            "sum of 1": "Your weights have a sum of 1; leave them as share over share.",
            "mixed": "You mixed a share with a count: share in the population over the number of "
            "answers. Take shares of both.",
        },
    ),
):
    """Share in the population over share among the answers, by age group."""
    if how == "response":
        return 1 / invited().groupby("age")["completed"].mean()
    above = invited()["age"].value_counts() if base == "invited" else population(base)
    rows = {
        "asked": invited(),
        "completed": invited()[invited()["completed"]],
    }.get(below)
    under = (answers(below) if rows is None else rows)["age"].value_counts()
    ratio = share(above) / share(under)
    return {
        "share over share": ratio,
        "counts": above / under,
        "no division": share(above),
        "difference": share(above) - share(under),
        "sum of 1": share(ratio),
        "mixed": share(above) / under,
    }[how]


@cache
def true_satisfaction():
    waves = crm.truth()["facts"]["survey_true_means"]
    return next(w["satisfaction_items"] for w in waves if w["wave"] == WAVE)


@recipe(
    Number(digits=4),
    means=lambda value: (
        f"{value:.2f} instead of {answers()[ITEMS].astype(float).mean(axis=1).mean():.2f} as the "
        f"forms came. All customers, had they been asked: {true_satisfaction():.2f}. (One wave is one "
        "draw.)"
    ),
    hints=(
        "First one number for each person, then one number of all persons.",
        "The worked example weights `overall` in *Who answered*.",
        "A mean over the three columns, row by row; then a mean over the rows in which each counts by "
        "the weight of its age group.",
    ),
)
def satisfaction(
    *,
    by=choose(
        "weight",
        {
            "nothing": "This is weighted by nothing, the plain mean of the forms; weigh them by age.",
            "upside down": "Your weights stand upside down: the young answer least and must count more.",
            "ages alike": "You let all ages count alike; give each its share of the customers.",
            "means": "You weighed the means of the ages by the weights of 2a, which are made "
            "for forms; the mean of an age takes its share of the population.",
            "median": "You took the median of the forms; asked is their mean, weighted by age.",
            "weighted sum": "This is the weighted sum; divide it by the sum of the weights.",
            "four weights": "You divided by the sum of the four weights; each form brings its own.",
            "population": "You gave each form the share of its age in the population, so ages with many "
            "forms count twice. Use the weights of 2a.",
            "answers": "You gave each form the share of its age among the answers, so the ages that "
            "answer most count even more. Use the weights of 2a.",
        },
    ),
    base=choose(
        "with an order",
        {
            "invited": "Your weights come from those invited; take the customers of `population`.",
        },
    ),
    items=choose(
        "three",
        {
            "first": "You took the first of the three items only.",
            "last": "You took the last of the three items only.",
            "sum": "This is the sum of the three items; take their mean.",
            "middle": "You took the middle one of the three answers; take their mean.",
            "overall": "This is the question `overall`, from 1 to 5; asked are the three items.",
        },
    ),
    rows=choose(
        "usable",
        {
            "all that came": "You took all forms that came; take the usable ones, `answers`.",
            "three waves": "You took the usable forms of three waves; take those of 2023.",
        },
    ),
    scale=choose(
        "1 to 10",
        {
            "unit": "This is stretched to the unit scale, 0 to 1; asked is a mean between 1 and 10.",
            "hundred": "This is stretched to a hundred, 0 to 100; asked is a mean between 1 and 10.",
        },
    ),
):
    """Mean of the three satisfaction items, weighted by age."""
    forms = answers(rows)
    columns = {"first": ITEMS[:1], "last": ITEMS[-1:], "overall": ["overall"]}.get(items, ITEMS)
    middle = "median" if items == "middle" else "mean"
    each = forms[columns].astype(float).agg(middle, axis=1) * (3 if items == "sum" else 1)
    people = invited()["age"].value_counts() if base == "invited" else population(base)
    weight = share(people) / share(forms["age"].value_counts())
    of_form = weight[forms["age"]].to_numpy()
    if by in ("weighted sum", "four weights"):
        mean = (each * of_form).sum() / (weight.sum() if by == "four weights" else 1)
    elif by == "median":
        mean = each.median()
    elif by == "means":
        of_age = each.groupby(forms["age"]).mean()
        mean = np.average(of_age, weights=weight[of_age.index])
    elif by == "ages alike":
        mean = each.groupby(forms["age"]).mean().mean()
    else:
        of_age = {
            "weight": weight,
            "nothing": weight**0,
            "upside down": 1 / weight,
            "population": share(people),
            "answers": share(forms["age"].value_counts()),
        }[by]
        mean = np.average(each, weights=forms["age"].map(of_age))
    stretch = {"1 to 10": None, "unit": 1, "hundred": 100}[scale]
    return float(mean if stretch is None else stretch * (mean - 1) / 9)


# Transfer: tenants


@cache
def tenants(counted="residents"):
    """Residents (or rows of the table) of each type of housing, by their satisfaction."""
    rows = table("housing").assign(one=1)
    values = "freq" if counted == "residents" else "one"
    counts = rows.pivot_table(index="type", columns="satisfaction", values=values, aggfunc="sum")
    return counts.astype(float)


@cache
def cells():
    """Mean share of each answer over the cells of a type, for those that count cells alike."""
    counts = table("housing").pivot_table(
        index=["type", "influence", "contact"], columns="satisfaction", values="freq", aggfunc="sum"
    )
    return counts.div(counts.sum(axis=1), axis=0).groupby("type").mean()


def within(level="High"):
    return tenants()[level] / tenants().sum(axis=1)


@recipe(
    Number(share=True),
    means=lambda high: (
        f"{high:.1%}, and {tenants()['High'].sum() / tenants().to_numpy().sum():.1%} as the survey "
        f"came: it held few residents of terraces, of whom {within()['Terrace']:.0%} are highly "
        "satisfied."
    ),
    hints=(
        "In the survey the types have other shares than in the city. What would the city say?",
        "The worked example weights ages in *Who answered*: here the types take their place.",
        "For each type the residents with High over all its residents, both as sums of the counts; "
        "then the sum of these shares times those of the stock.",
    ),
)
def housing(
    *,
    weigh=choose(
        "stock",
        {
            "as it came": "This is the share as the survey came; weigh the types by stock.",
            "types alike": "You let the types count alike; weigh them by stock.",
            "turned": "You turned the weights round: a type that is rare in the survey must count more.",
            "order": "You multiplied in the order in which the types stand; the two tables have another "
            "order, so go by their names.",
            "counts": "You multiplied counts of residents by stock, so that the survey's own mix of "
            "types is still in it. First the share within each type, then stock.",
        },
    ),
    counted=choose(
        "residents",
        {
            "rows": "You counted rows of the table; a row stands for freq residents.",
            "cells": "You took the mean of the shares in the cells of a type, by influence and contact; "
            "cells of few residents then count as much as large ones.",
        },
    ),
    level=choose(
        "High",
        {
            "Low": "This is the share of Low; asked is High.",
            "Medium": "This is the share of Medium; asked is High.",
            "High and Medium": "You counted High and Medium together; asked is High.",
        },
    ),
    of=choose(
        "its type",
        {
            "the highly satisfied": "You took the share of each type among the highly satisfied; take "
            "the share of the highly satisfied within each type.",
            "all residents": "You divided by all residents of the survey; divide by those of the type.",
            "two levels": "You divided by two levels, High and Low; Medium belongs to the type, too.",
            "the others": "You divided by the others of the type, who did not say so; divide by all of "
            "it.",
        },
    ),
):
    """Share of highly satisfied residents, the types weighted by their share of the stock."""
    counts = cells() if counted == "cells" else tenants(counted)
    n = counts.sum(axis=1)
    said = counts[["High", "Medium"]].sum(axis=1) if level == "High and Medium" else counts[level]
    over = {
        "its type": n,
        "the highly satisfied": said.sum(),
        "all residents": n.sum(),
        "two levels": counts["High"] + counts["Low"],
        "the others": n - said,
    }[of]
    weight = {
        "stock": STOCK,
        "as it came": share(n),
        "types alike": share(n**0),
        "turned": share(share(n) ** 2 / STOCK),
        "order": pd.Series(STOCK.to_numpy(), n.index),
        "counts": share(STOCK * n),
    }[weigh]
    return float((said / over * weight).sum())


# Transfer: retailers


@cache
def kinds(year=YEAR, column="supplied", row="retailer"):
    """Number, mean and spread of the boxes a year, by kind of retailer."""
    supply = table("shihu/supply")
    supply = supply[supply["month"].dt.year == year] if year else supply
    kind = table("shihu/retailers").set_index("retailer_id")["kind"]
    if row == "month":
        boxes, kind = supply[column].astype(float), supply["retailer_id"].map(kind)
    else:
        boxes = supply.groupby("retailer_id")[column].sum().astype(float)
    return boxes.groupby(kind).agg(["size", "mean", "std", "median"])


def told(visits):
    """Say which kind gets more visits than by number alone, and which less."""
    by_number = VISITS * share(kinds()["size"])
    gain = visits / by_number
    more, less = gain.idxmax(), gain.idxmin()
    return (
        f"{more}: {visits[more]:.1f} visits instead of {by_number[more]:.1f} by number; {less}: "
        f"{visits[less]:.1f} instead of {by_number[less]:.1f}. Where retailers are alike a few visits "
        "tell enough."
    )


@recipe(
    Values("kinds"),
    means=told,
    hints=(
        "Two things make a kind worth many visits. One is how many retailers it has.",
        "*Strata and quotas: how is a sample shared out?*, in the *Going further* of the worked "
        "example.",
        "For each kind the number of retailers times the standard deviation of their boxes; then all "
        "the visits in proportion to these products.",
    ),
)
def neyman(
    *,
    rule=choose(
        "number times spread",
        {
            "number": "You shared out by number only, which is proportional; the spread is missing.",
            "spread": "You took the spread alone; how many retailers a kind has counts, too.",
            "variance": "You took the variance; Neyman's rule has the standard deviation.",
            "mean": "You took the mean number of boxes; the spread decides.",
            "alike": "You gave all kinds alike; Neyman's rule has number times spread.",
            "error": "You took the standard error of a mean; Neyman's rule has the standard deviation.",
            "error alone": "You took the standard error alone: it falls with the number of retailers, "
            "where the rule has number times standard deviation.",
            "relative": "You took the relative spread, over the mean; Neyman's rule has the spread "
            "itself.",
        },
    ),
    total=choose(
        VISITS,
        {
            1: "These are shares that sum to 1; there are 60 visits to share out.",
            100: "These are percentages that sum to 100; there are 60 visits to share out.",
        },
    ),
    year=choose(
        YEAR,
        {
            2025: "You took the boxes of 2025; `boxes` holds those of 2024.",
            2023: "You took the boxes of 2023; `boxes` holds those of 2024.",
            None: "You took the boxes of every year; `boxes` holds those of 2024.",
        },
    ),
    row=choose(
        "retailer",
        {"month": "You took the spread of months; asked is that of a retailer's boxes in a year."},
    ),
    ddof=choose(
        1,
        {0: "Your standard deviation has ddof 0, as numpy's; take pandas' `.std()`, the sample's."},
    ),
):
    """Sixty visits, in proportion to number times spread."""
    k = kinds(year, row=row)
    n, spread = k["size"], k["std"]
    spread = spread if ddof else spread * np.sqrt(1 - 1 / n)
    size = {
        "number times spread": n * spread,
        "number": n,
        "spread": spread,
        "variance": n * spread**2,
        "mean": n * k["mean"],
        "alike": n**0,
        "error": n * spread / np.sqrt(n),
        "error alone": spread / np.sqrt(n),
        "relative": n * spread / k["mean"],
    }[rule]
    return total * share(size)
