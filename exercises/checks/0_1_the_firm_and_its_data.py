"""Feedback for exercises 0.1, the firm and its data."""

from functools import cache

import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

table = cache(crm.load)


# Warm-up: who is in no row of another table


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%} of the customers were never asked: a survey speaks of them only if those who "
        "were asked resemble them."
    ),
    hints=(
        "Two tables, one key: which of the two lists everybody?",
        "The section of the example on the tables and how they join asks which ids lead nowhere.",
        "Ask of each customer whether the id occurs among the invitations; turn the condition "
        "round, and take the mean over the customers.",
    ),
)
def never_asked(
    *,
    asked=choose(
        "invited",
        {
            "completed": "You looked for those who answered, completed or in the survey; who was "
            "invited and kept silent was asked too.",
            "bought": "You kept only customers who bought in 2025; the base is all of them.",
        },
    ),
    waves=choose(
        "any",
        {
            2025: "You looked at the wave of 2025 only; asked is who is in no wave at all.",
            2024: "You looked at the wave of 2024 only; asked is who is in no wave at all.",
            2023: "You looked at the wave of 2023 only; asked is who is in no wave at all.",
            "every": "You counted who missed at least one wave, so was not in every one.",
        },
    ),
    counted=choose(
        "share",
        {
            "number": "This is the number of customers; divide it by all of them.",
            "rows": "You subtracted the rows of the invitations: who was invited twice stands there "
            "twice. Ask of each customer.",
            "joined": "You joined the invitations to the customers and took the mean over joined rows; "
            "ask of each customer once.",
            "of orders": "You asked of each order, so took a share of orders; ask of each customer.",
            "invitations": "You divided by the invitations; the base is the customers.",
        },
    ),
):
    """Share of customers who were never invited to the survey."""
    rows, ids = table("shihu/survey_invitations"), table("shihu/customers")["customer_id"]
    if asked == "completed":
        rows = rows[rows["completed"]]
    if asked == "bought":
        o = table("shihu/orders")
        ids = ids[ids.isin(o.loc[o["date"].dt.year == 2025, "customer_id"])]
    if waves in (2023, 2024, 2025):
        rows = rows[rows["wave"] == waves]
    in_waves = ids.map(rows.groupby("customer_id")["wave"].nunique()).fillna(0)
    never = in_waves < (3 if waves == "every" else 1)
    return {
        "share": never.mean(),
        "number": never.sum(),
        "rows": 1 - len(rows) / len(ids),
        "joined": never.sum() / (never.sum() + len(rows)),
        "of orders": 1 - table("shihu/orders")["customer_id"].isin(ids[~never]).mean(),
        "invitations": never.sum() / len(rows),
    }[counted]


# Standard: a flaw, and the price of another


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.1%} of the shops' orders, half of them by {_days_late():.0f} days or more: a flaw "
        "easily found, and small."
    ),
    hints=(
        "Two days stand in each row: what does each of them say?",
        "The section of the example on which rows are purchases speaks of tills that report late.",
        "Keep the shops' orders of the year, compare the day of the books with the day of the "
        "purchase, and take the mean of the condition.",
    ),
)
def booked_late(
    *,
    channel=choose(
        "shop",
        {"web": "You divided by the orders of all channels, web and WeChat too; only shops count."},
    ),
    year=choose(
        2025,
        {
            2024: "You took the orders of 2024; asked is 2025.",
            2023: "You took the orders of 2023; asked is 2025.",
            "three": "You took the orders of three years; asked is 2025.",
            "books": "You took the orders that reached the books in 2025; the purchase must be of 2025.",
        },
    ),
    late=choose(
        "day",
        {
            "month": "You counted those that reached the books in a later month; a day later is late.",
            "same": "These are all of them: an order booked on the same day is not late.",
            "week": "You counted those more than a week late; one day later is late.",
        },
    ),
    counted=choose(
        "orders",
        {
            "money": "You weighed the orders by amount, so took a share of money; each counts once.",
            "number": "This is a number of orders; divide it by the shops' orders of the year.",
            "mean": "This is the mean number of days until the books; asked is a share of orders.",
            "of all years": "You divided by the shops' orders of all years; divide by those of 2025.",
            "of the late": "You divided by the late orders, of every year; divide by the shops' orders.",
            "alike": "You took the mean of the shops' shares, so that each shop counts alike; each "
            "order does.",
            "customers": "You took a share of customers with such an order; asked are orders.",
        },
    ),
):
    """Share of a year's shop orders that reached the books after the day of purchase."""
    o = table("shihu/orders")
    of_year = o["recorded_on" if year == "books" else "date"].dt.year
    o = o[of_year == (2025 if year == "books" else year)] if year != "three" else o
    o = o if channel == "web" else o[o["channel"] == "shop"]
    days = (o["recorded_on"] - o["date"]).dt.days
    is_late = {
        "day": days > 0,
        "same": days >= 0,
        "week": days > 7,
        "month": o["recorded_on"].dt.to_period("M") > o["date"].dt.to_period("M"),
    }[late]
    shops = (table("shihu/orders")["channel"] == "shop").sum()
    whole = table("shihu/orders")
    later = (whole["recorded_on"] > whole["date"]).sum()
    return {
        "orders": is_late.mean(),
        "of all years": is_late.sum() / shops,
        "of the late": is_late.sum() / later,
        "alike": is_late.groupby(o["shop"]).mean().mean(),
        "money": o.loc[is_late, "amount"].sum() / o["amount"].sum(),
        "number": is_late.sum(),
        "mean": days.mean(),
        "customers": o.loc[is_late, "customer_id"].nunique() / o["customer_id"].nunique(),
    }[counted]


def _days_late():
    o = table("shihu/orders")
    days = (o["recorded_on"] - o["date"]).dt.days[
        (o["date"].dt.year == 2025) & (o["channel"] == "shop")
    ]
    return days[days > 0].median()


@recipe(
    Number(digits=4),
    means=lambda mean: (
        f"{mean:.2f} of 5, where the forms as they came say {_plain(2025):.2f}: the young answer less "
        "often and are less satisfied."
    ),
    hints=(
        "Whose share should each age group get: of those who answered, or of those who were asked?",
        "The section of the example on what each repair moves does the same with careful forms.",
        "Take the mean of each age group's forms, the share of each age group among the year's "
        "invitations, multiply the two group by group, and add up.",
    ),
)
def weighted(
    *,
    weights=choose(
        "invited",
        {
            "none": "This is the mean as it came: none of the groups was put at its share of the "
            "invited.",
            "customers": "You weighted by the shares among all customers; take those invited in 2025.",
            "equal": "You gave each age group an equal weight; take its share of the invited.",
            "completed": "You took the shares of those who completed the survey; take all who were "
            "invited.",
            "every wave": "You took the shares among the invitations of every wave; take those of 2025.",
            "counts": "You multiplied by counts; divide them by their sum to get shares.",
            "turned": "You turned the weights round: a group that answered often got more weight.",
        },
    ),
    wave=choose(
        2025,
        {
            2024: "You took the forms of 2024; asked is the wave of 2025.",
            2023: "You took the forms of 2023; asked is the wave of 2025.",
            "all": "You took all waves together; asked is 2025.",
            "forms": "You took the forms of every wave, beside the invited of 2025.",
        },
    ),
    score=choose(
        "overall",
        {
            "recommend": "You took the column recommend; asked is overall.",
            "careful": "You left out careless forms first, and kept the careful; here all forms count.",
            "median": "You took the median of each group; take its mean.",
            "zero": "You put zero where an answer is missing; leave such a form out.",
            "satisfied": "You took the share of satisfied forms, 4 or 5; take the mean.",
            "three items": "You took the mean of the three items, satisfaction_1 to satisfaction_3; "
            "asked is overall.",
        },
    ),
    group=choose(
        "age",
        {
            "source": "You weighted by source; the groups are those of age.",
            "income": "You weighted by income band; the groups are those of age.",
        },
    ),
):
    """Mean satisfaction of a wave with each age group at its share of the invited."""
    forms = _of_wave("shihu/survey", "all" if wave == "forms" else wave)
    invited = _of_wave("shihu/survey_invitations", 2025 if wave == "forms" else wave)
    people = table("shihu/customers").set_index("customer_id")
    column = {"age": "age_group", "source": "source", "income": "income_band"}[group]
    forms = forms[_careful(forms)] if score == "careful" else forms
    of_form = forms["customer_id"].map(people[column])
    value = _score(forms, score)
    if weights == "none":
        return value.mean()
    groups = value.groupby(of_form).agg("median" if score == "median" else "mean")
    asked = {
        "customers": people.index.to_series(),
        "completed": invited.loc[invited["completed"], "customer_id"],
        "every wave": table("shihu/survey_invitations")["customer_id"],
    }.get(weights, invited["customer_id"])
    asked = asked.map(people[column])
    share = asked.value_counts(normalize=weights != "counts").reindex(groups.index)
    if weights == "equal":
        share = pd.Series(1 / len(groups), groups.index)
    if weights == "turned":
        share = of_form.value_counts(normalize=True).reindex(groups.index) ** 2 / share
        share /= share.sum()
    return (groups * share).sum()


def _of_wave(name, wave):
    rows = table(name)
    return rows if wave == "all" else rows[rows["wave"] == wave]


def _plain(wave):
    return _of_wave("shihu/survey", wave)["overall"].astype(float).mean()


def _score(forms, score):
    column = "recommend" if score == "recommend" else "overall"
    value = forms[column].astype(float)
    if score == "three items":
        return forms.filter(like="satisfaction_").astype(float).mean(axis=1)
    value = value.fillna(0) if score == "zero" else value
    return (value >= 4).where(value.notna()).astype(float) if score == "satisfied" else value


def _careful(forms):
    """Forms without the four flaws of the example."""
    invited = table("shihu/survey_invitations").groupby("wave")["invited_on"].min()
    closed = invited + pd.Timedelta(days=21)
    ten = forms.filter(regex="_[0-9]$")
    flawed = forms.duplicated(["wave", "customer_id"]) | (ten.min(axis=1) == ten.max(axis=1))
    flawed |= forms["submitted_at"] >= forms["wave"].map(closed)
    return ~(flawed | (forms["seconds"] < table("shihu/survey")["seconds"].median() / 3))


# Transfer: a real log, and what a row is


@recipe(
    Number(digits=4),
    means=lambda mean: (
        f"{mean:.2f} dollars, where the rows as they came say {_rows():.2f}. Two rows of a day may be "
        "one basket or two orders: nothing in the log says which, so say what you chose."
    ),
    hints=(
        "What is one row before the repair, and what is one row after it?",
        "The section of the example on one customer says what a row is; here it is to be made.",
        "Add up the amounts of each customer and day, and take the mean of these sums.",
    ),
)
def order_value(
    *,
    repair=choose(
        "customer and day",
        {
            "as it came": "This is the mean as it came, of the rows; add up each customer's day first.",
            "repeats": "You dropped rows that repeat another in every column; add up each "
            "customer's day instead.",
            "first": "You kept the first row of each customer's day and dropped the others' money; "
            "add them up.",
            "last": "You kept the last row of each customer's day and dropped the others' money; "
            "add them up.",
            "zero": "You dropped the rows with an amount of zero; add up each customer's day.",
            "average": "You took the average of each customer's day; add up its amounts.",
            "largest": "You took the largest amount of each customer's day; add up all of them.",
            "repeats, then": "You dropped rows that repeat another, then added up: every row counts.",
            "zero, then": "You added up, then left out orders of zero; all orders count.",
            "history": "You added up each customer's whole history; the day belongs to the key, too.",
            "daily": "These are daily sums of all customers together; the customer belongs to the key, "
            "too.",
            "month": "You added up each customer's month; the key is customer and day.",
            "alone": "You left out the days with several rows, and kept those that stand alone.",
        },
    ),
    of=choose(
        "amount",
        {
            "quantity": "You took the quantity of CDs; asked is the amount.",
            "times": "You took the amount times the quantity; it is that of all CDs already.",
            "per CD": "You divided by the quantity, so this is per CD; asked is per order.",
        },
    ),
    log=choose(
        "cdnow",
        {"sample": "You used the sample of a tenth, cdnow_sample; take cdnow."},
    ),
    taken=choose(
        "mean",
        {
            "median": "You took the median; asked is the mean.",
            "sum": "This is the sum; asked is the mean.",
            "number": "This is the number of orders; asked is their mean amount.",
            "piece": "This is the mean price of a piece, all money over all CDs; asked is an order.",
            "change": "This is the relative change of the mean; asked is the mean after the repair.",
            "within customers": "You took means within customers, so that each counts once; it is "
            "each order that counts.",
        },
    ),
):
    """Mean amount of an order, once a customer's day is one order."""
    rows = table("cdnow_sample" if log == "sample" else "cdnow")
    made = _repaired(rows, repair)
    if of == "times":
        made = _repaired(rows.assign(amount=rows["amount"] * rows["quantity"]), repair)
    value = made["quantity" if of == "quantity" else "amount"]
    value = value / made["quantity"] if of == "per CD" else value
    return {
        "mean": lambda: value.mean(),
        "median": lambda: value.median(),
        "sum": lambda: value.sum(),
        "number": lambda: len(value),
        "piece": lambda: value.sum() / made["quantity"].sum(),
        "change": lambda: value.mean() / rows["amount"].mean() - 1,
        "within customers": lambda: value.groupby(made["customer_id"]).mean().mean(),
    }[taken]()


def _rows():
    return table("cdnow")["amount"].mean()


def _repaired(rows, repair):
    """The log after a repair: customer, amount and quantity of what is then a row."""
    key = ["customer_id", "date"]
    kept = {
        "as it came": lambda: rows,
        "repeats": lambda: rows.drop_duplicates(),
        "first": lambda: rows.drop_duplicates(key),
        "last": lambda: rows.drop_duplicates(key, keep="last"),
        "zero": lambda: rows[rows["amount"] > 0],
        "alone": lambda: rows[~rows.duplicated(key, keep=False)],
    }
    if repair in kept:
        return kept[repair]()
    if repair == "repeats, then":
        rows = rows.drop_duplicates()
    month = rows["date"].dt.to_period("M").rename("month")
    by = {"history": ["customer_id"], "daily": ["date"], "month": ["customer_id", month]}
    how = {"average": "mean", "largest": "max"}.get(repair, "sum")
    made = rows.groupby(by.get(repair, key))[["amount", "quantity"]].agg(how).reset_index()
    made = made[made["amount"] > 0] if repair == "zero, then" else made
    return made if "customer_id" in made else made.assign(customer_id="")
