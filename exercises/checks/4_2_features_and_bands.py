"""Feedback for exercises 4.2, features and value bands."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

table = cache(crm.load)


# Warm-up: scores in which equal customers are equal


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%}, and not a tenth: equal customers stand together in one bin, or in none."
    ),
    hints=(
        "Which customers share a rank, and which rank is it?",
        "The section of the example on equal customers and equal scores.",
        "The mean rank of equal customers, less a half, over the number of customers; times ten, "
        "rounded down, plus one; the share of those with a nine.",
    ),
    alike=[("ties=rows", "what=money of all"), ("ties=rows", "what=recency")],
)
def top_share(
    *,
    ties=choose(
        "middle",
        {
            "rows": "You let the rows decide among equals: ranks must be shared, at the middle.",
            "qcut": "You let qcut part equals by their rows; ranks must be shared, at the middle.",
            "lowest": "You gave equals the lowest of their ranks; take the middle one.",
            "highest": "You gave equals the highest of their ranks; take the middle one.",
            "dense": "You took dense ranks, without gaps; take the middle ones.",
            "half": "You left out the half and the plus one of the formula.",
            "width": "You cut the range into equal width; each bin should hold a tenth of the ranks.",
        },
    ),
    what=choose(
        "F",
        {
            "recency": "You took the score of recency; asked is F.",
            "money again": "You took the score of money, of those who bought again; asked is F.",
            "money of all": "You scored the money of all, with one-time buyers; asked is F.",
            "backwards": "Nobody has that score: did you rank backwards, or did qcut drop a bin?",
        },
    ),
    bins=choose(
        10,
        {
            5: "You took 5 bins; the task has ten.",
            20: "You took 20 bins; the task has ten.",
        },
    ),
    counted=choose(
        "nine",
        {
            "nine or ten": "You counted nine or ten; asked is nine alone.",
            "top": "You counted the top score, ten; asked is nine.",
            "bottom": "You counted the bottom, the lowest score there is; asked is nine.",
        },
    ),
    among=choose(
        "all",
        {
            "repeat buyers": "You divided by the repeat buyers; all customers stand below.",
            "number": "This is the number of customers; a share is asked.",
            "without singles": "You scored without the singles, who bought once; all count.",
        },
    ),
    until=choose(
        "1997-09-30",
        {
            "whole log": "You scored at the end of the whole log; the day is 30 September 1997.",
            "before": "You took only what lies before the day; the day itself counts.",
            "cdnow": "You took the file of all, cdnow; the sample is asked.",
            "june": "You scored at the end of June; the day is 30 September 1997.",
        },
    ),
):
    """Share of the customers whose frequency scores nine."""
    score, repeat = _scores(ties, what, bins, until, among == "without singles")
    top = {
        "nine": score == bins - 1,
        "nine or ten": score >= bins - 1,
        "top": score == bins,
        "bottom": score == score.min(),
    }[counted]
    if among == "number":
        return float(top.sum())
    return top.sum() / (repeat.sum() if among == "repeat buyers" else len(top))


@cache
def _scores(ties, what, bins, until, without_singles):
    log = table("cdnow" if until == "cdnow" else "cdnow_sample")
    day = {"whole log": "1998-06-30", "june": "1997-06-30"}.get(until, "1997-09-30")
    if until == "before":
        log = log[log["date"] < day]
    music = crm.rfm(log[log["date"] <= day], end=day, unit="week")
    if without_singles:
        music = music[music["frequency"] > 0]
    spent = log[log["date"] <= day].groupby("customer_id")["amount"].sum()
    values = {
        "F": music["frequency"],
        "recency": -music["recency"],
        "money again": music["monetary"].dropna(),
        "money of all": spent.reindex(music.index),
        "backwards": -music["frequency"],
    }[what]
    n = len(values)
    if ties == "width":
        score = pd.cut(values, bins, labels=False) + 1
    elif ties == "qcut":
        score = pd.qcut(values.rank(method="first"), bins, labels=False) + 1
    elif ties == "half":
        score = (values.rank() * bins / n).astype(int)
    elif ties == "rows":
        score = ((values.rank(method="first") - 0.5) * bins / n).astype(int) + 1
    else:
        method = {"lowest": "min", "highest": "max", "dense": "dense"}.get(ties, "average")
        rank = values.rank(method=method)
        score = ((rank - 0.5) * bins / (rank.max() if ties == "dense" else n)).astype(int) + 1
    return score, music["frequency"] > 0


# Standard: the best fifth, then and a year later


@cache
def orders():
    """Orders with their year and profit."""
    rows = table("shihu/orders")
    fee = table("shihu/unit_costs").set_index("item")["value"]["payment_share"]
    profit = crm.order_profit(rows, table("shihu/order_lines"), payment_share=fee)
    return rows.assign(profit=profit, year=rows["date"].dt.year, one=1.0)


@cache
def yearly(column, year, how="sum"):
    """A measure by customer of the orders of one year, or of another period named."""
    rows = orders()
    keep = {
        "ever": rows["year"] <= 2024,
        "all years": rows["year"] > 0,
        "half": (rows["year"] == 2024) & (rows["date"].dt.month > 6),
    }.get(year, rows["year"] == year)
    return rows[keep].groupby("customer_id")[column].agg(how)


PARTS = {
    0.1: "You took the best tenth, 0.1; a fifth is asked.",
    0.25: "You took the best quarter, 0.25; a fifth is asked.",
    0.5: "You took the best half, 0.5; a fifth is asked.",
    0.3: "You took three tenths, 0.3; a fifth is asked.",
    0.05: "You took the best twentieth, 0.05; a fifth is asked.",
}


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%}, where the guide promises four fifths; and that in the year by which they were "
        "picked. The next task asks what stays."
    ),
    hints=(
        "Who is ranked, by what, and what is added up?",
        "The section of the example on bands and rulers.",
        "The profit of 2024 by customer; the largest fifth of them; their sum over the sum of all.",
    ),
)
def made(
    *,
    ruler=choose(
        "profit",
        {
            "amount": "You ranked by the amount paid; rank by profit.",
            "orders": "You ranked by the number of orders; rank by profit.",
            "sorted": "You ranked by the number of orders, which you sorted first; rank by profit.",
            "every year": "You ranked by the profit of every year; rank by that of 2024.",
            "mean order": "You ranked by the mean order; rank by the sum of profit.",
            "largest order": "You ranked by the largest order; rank by the sum of profit.",
            "list price": "You ranked by the list price, before discounts; rank by profit.",
        },
    ),
    year=choose(
        2024,
        {
            2023: "You took the year 2023; asked is 2024.",
            2025: "You took the year 2025; asked is 2024.",
            "ever": "You took all that was ever bought up to then; asked is the year 2024.",
            "all years": "You took all years together; asked is the year 2024.",
            "half": "You took the second half of 2024; asked is the whole year.",
        },
    ),
    part=choose(0.2, PARTS),
    measured=choose(
        "profit",
        {
            "sales": "You gave the share of the sales; asked is profit.",
            "count": "You gave the share of the orders, a count; asked is profit.",
            "head": "You gave the profit a head of the best; asked is a share.",
            "times": "You gave how many times the mean customer they are; asked is a share.",
            "others": "You set it against the others' profit; divide by that of all.",
            "worst": "You took the worst fifth.",
            "below the line": "You put the profit of every year below the line; divide by 2024.",
            "threshold": "You gave the profit at the threshold; asked is a share.",
            "sales throughout": "You took sales throughout, to rank and to add up; asked is profit.",
            "next 15 %": "You took the important ones alone, the next 15 %; the fifth holds the best "
            "5 % too.",
            "80 %": "You gave the share of customers who make 80 % of the profit; asked is what a "
            "fifth makes.",
        },
    ),
    everyone=choose(
        "ordered",
        {
            "known": "You took a fifth of everyone known, with those who did not order in the year.",
            "orders alone": "You took a fifth of the orders alone, not of the customers.",
        },
    ),
):
    """Share of the profit of 2024 that the best fifth made."""
    return _share_of_best(ruler, year, part, measured, everyone)


def _ruler(ruler, year):
    if ruler == "list price":
        return yearly("amount", year) + yearly("discount", year)
    if ruler == "mean order":
        return yearly("profit", year) / yearly("one", year)
    if ruler == "largest order":
        return yearly("profit", year, "max")
    if ruler == "every year":
        return yearly("profit", "all years")
    if ruler == "sorted":  # whoever sorts cuts ties in another place
        return yearly("one", year).sort_values(ascending=False)
    return yearly({"orders": "one"}.get(ruler, ruler), year)


@cache
def _share_of_best(ruler, year, part, measured, everyone):
    if everyone == "orders alone":
        rows = orders()
        rows = rows[rows["year"] == 2024].reset_index(drop=True)
        best = rows["profit"].nlargest(round(part * len(rows)))
        return best.sum() / rows["profit"].sum()
    by = _ruler("amount" if measured == "sales throughout" else ruler, year)
    n = len(table("shihu/customers")) if everyone == "known" else len(by)
    best = by.nlargest(round(part * n)).index
    column = {"sales": "amount", "sales throughout": "amount", "count": "one"}.get(
        measured, "profit"
    )
    what = yearly(column, year)
    mine = what.reindex(best).sum()
    return {
        "head": what.reindex(best).mean(),
        "times": what.reindex(best).mean() / what.mean(),
        "others": mine / (what.sum() - mine),
        "worst": what.reindex(by.nsmallest(round(part * n)).index).sum() / what.sum(),
        "threshold": what.reindex(best).min(),
        "next 15 %": what.reindex(best[round(part / 4 * n) :]).sum() / what.sum(),
        "80 %": (what.sort_values(ascending=False).cumsum() <= 0.8 * what.sum()).mean(),
        "below the line": mine / yearly("profit", "all years").sum(),
    }.get(measured, mine / what.sum())


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.0%} a year later, of the same people: some had one lucky year, some stayed away. "
        "A fifth drawn at random would bring about 20%."
    ),
    hints=(
        "When were they picked, and when are they judged? Who stands below the line?",
        "The section of the example on bands and rulers judges by the year after.",
        "The best fifth by the profit of 2024; their profit of 2025; over the profit of 2025 of all "
        "who had ordered in 2024, who did not order again counting as nothing.",
    ),
    alike=[("picked=sales of 2024", "above=sales")],  # by chance, in the shipped tables
)
def stays(
    *,
    picked=choose(
        "profit of 2024",
        {
            "profit of 2025": "You picked them by the profit of 2025 itself, hindsight.",
            "sales of 2024": "You picked them by the sales of 2024; pick by profit.",
            "orders of 2024": "You picked them by the number of orders of 2024; pick by profit.",
            "profit of 2023": "You picked them by the profit of 2023; pick by that of 2024.",
            "profit ever": "You picked them by all profit ever; pick by that of 2024.",
            "second half": "You picked them by the second half of 2024; pick by the whole year.",
        },
    ),
    below=choose(
        "customers of 2024",
        {
            "everybody": "You divided by the profit of everybody in 2025, newcomers too; only "
            "customers of 2024 stand below.",
            "profit of that year": "You divided by the profit of that year, 2024; divide by 2025.",
            "their own": "You divided by their own profit of 2024: what they kept.",
            "who came back": "You took a mean over who came back; divide sums.",
            "share of 2024": "You divided by their share of 2024; the share of 2025 itself is asked.",
            "change": "You gave the change of the share from 2024; the share itself is asked.",
        },
    ),
    above=choose(
        "profit",
        {
            "sales": "You took their sales of 2025 above the line; take profit.",
            "share of people": "You gave the share of people among them who bought; asked is profit.",
            "orders in 2025": "You counted their orders in 2025; add up profit.",
            "times": "You gave how many times the mean customer they are; asked is a share.",
            "still": "You gave the share of them who are still in the best fifth; asked is profit.",
            "again": "This is the answer of 2a again; judge them by 2025.",
            "half-year": "You took their first half-year alone, January to June; take all of 2025.",
            "customers": "You gave their share of the customers who came again; asked is profit.",
            "among all": "You gave the share of them in the best fifth among all of 2025; asked is "
            "profit.",
            "new fifth": "You took a new fifth, by 2025, and all profit of that year; keep the people "
            "of 2024.",
        },
    ),
    part=choose(0.2, PARTS),
    who=choose(
        "best",
        {
            "others": "You took the others, four fifths.",
            "those who came again": "You took a fifth of those who came again alone; the fifth is "
            "of all who ordered in 2024.",
        },
    ),
):
    """Share of the next year's profit that the best fifth brought."""
    return _stays(picked, below, above, part, who)


@cache
def _stays(picked, below, above, part, who):
    old = yearly("profit", 2024)
    ruler = {
        "profit of 2024": old,
        "profit of 2025": yearly("profit", 2025).reindex(old.index, fill_value=0),
        "sales of 2024": yearly("amount", 2024),
        "orders of 2024": yearly("one", 2024),
        "profit of 2023": yearly("profit", 2023),
        "profit ever": yearly("profit", "ever"),
        "second half": yearly("profit", "half"),
    }[picked]
    new = yearly("profit", 2025)
    if who == "those who came again":
        ruler = ruler[ruler.index.isin(new.index)]
    best = ruler.nlargest(round(part * len(ruler))).index
    if who == "others":
        best = old.index.difference(best)
    rows = orders()
    early = rows[(rows["year"] == 2025) & (rows["date"].dt.month <= 6)]
    column = {"sales": yearly("amount", 2025), "orders in 2025": yearly("one", 2025)}.get(
        above, new
    )
    if above == "half-year":
        column = early.groupby("customer_id")["profit"].sum()
    mine = column.reindex(best, fill_value=0)
    then = old.reindex(best, fill_value=0).sum() / old.sum()
    if above == "again":
        return then
    if above == "still":
        later = new.reindex(old.index, fill_value=0).nlargest(len(best)).index
        return best.isin(later).mean()
    if above in ("among all", "new fifth"):
        later = new.nlargest(round(part * len(new)))
        return best.isin(later.index).mean() if above == "among all" else later.sum() / new.sum()
    if above == "customers":
        return best.isin(new.index).sum() / old.index.isin(new.index).sum()
    if above == "times":
        return mine.mean() / new.reindex(old.index, fill_value=0).mean()
    if above == "share of people":
        return (mine != 0).mean()
    if below == "who came back":
        return mine[mine != 0].mean()
    base = {
        "customers of 2024": new.reindex(old.index, fill_value=0).sum(),
        "everybody": new.sum(),
        "profit of that year": old.sum(),
        "their own": old.reindex(best, fill_value=0).sum(),
    }.get(below, new.reindex(old.index, fill_value=0).sum())
    if above in ("sales", "orders in 2025") and below == "customers of 2024":
        base = column.reindex(old.index, fill_value=0).sum()
    share = mine.sum() / base
    return {"share of 2024": share / then, "change": share - then}.get(below, share)


# Transfer: faithful donors


@recipe(
    Number(digits=4),
    means=lambda lift: (
        f"{lift:.2f} times as likely as a donor of the whole file: one past share, without a model."
    ),
    hints=(
        "Two shares: of whom is the first, of whom the second?",
        "The section of the example on rulers compares a head of the list with everyone.",
        "The mean of respond among donors with propresp above one half, over the mean of respond.",
    ),
)
def lift(
    *,
    border=choose(
        "more than half",
        {
            "half or more": "You took half or more; the task says more than half.",
            "a third": "You took more than a third; the task says half.",
            "six tenths": "You took six tenths or more; the task says more than half.",
            "two thirds": "You took more than two thirds; the task says half.",
            "median": "You cut at the median; the task cuts at one half.",
            "fifth": "You took the best fifth; the task cuts at one half.",
            "all letters": "You took those who answered all letters; the task cuts at one half.",
        },
    ),
    column=choose(
        "propresp",
        {
            "last letter": "You took who answered the last letter; propresp is asked.",
            "average gift": "You took who gave more than the median, by average gift; propresp is "
            "asked.",
            "letters a year": "You took who got many letters a year; propresp is asked.",
            "recent": "You took who gave within half a year, the recent; propresp is asked.",
        },
    ),
    against=choose(
        "all",
        {
            "the rest": "You divided by the share of the rest; divide by that of all donors.",
            "logarithm": "You took the logarithm of the ratio; give the ratio itself.",
            "less one": "You gave the ratio less one; give the ratio itself.",
            "not faithful": "You gave the ratio of those who were not faithful.",
            "difference": "You took the difference; divide.",
            "answers": "You gave the faithful's share of all answers; divide the two shares.",
            "share itself": "This is the share itself of the faithful; divide by that of all.",
            "the whole": "This is the share of the whole file; the faithful stand above it.",
            "odds": "You divided odds; divide shares.",
            "size": "You gave the size of the faithful, a share of donors.",
            "upside down": "You divided upside down.",
        },
    ),
    outcome=choose(
        "respond",
        {
            "money": "You compared the money given; compare answers.",
            "silent": "You compared who stayed silent; compare answers.",
            "past answers": "You compared past answers, propresp itself; compare respond.",
        },
    ),
):
    """How much likelier faithful donors are to answer."""
    donors = table("charity")
    share = donors["propresp"]
    faithful = {
        "more than half": share > 0.5,
        "half or more": share >= 0.5,
        "a third": share > 1 / 3,
        "six tenths": share >= 0.6,
        "two thirds": share > 2 / 3,
        "median": share > share.median(),
        "fifth": share.rank(method="first") > 0.8 * len(share),
        "all letters": share == 1,
    }[border]
    if column == "last letter":
        faithful = donors["resplast"].astype(bool)
    if column in ("average gift", "letters a year"):
        values = donors[{"average gift": "avggift"}.get(column, "mailsyear")]
        faithful = values > values.median()
    if column == "recent":
        faithful = donors["weekslast"] <= 26
    answered = {
        "respond": donors["respond"].astype(float),
        "money": donors["gift"].astype(float),
        "silent": 1.0 - donors["respond"].astype(float),
        "past answers": share,
    }[outcome]
    head, all_, rest = answered[faithful].mean(), answered.mean(), answered[~faithful].mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = (head / (1 - head)) / (all_ / (1 - all_))
    return {
        "all": head / all_,
        "the rest": head / rest,
        "logarithm": np.log(head / all_),
        "less one": head / all_ - 1,
        "not faithful": rest / all_,
        "difference": head - all_,
        "answers": answered[faithful].sum() / answered.sum(),
        "share itself": head,
        "the whole": all_,
        "odds": odds,
        "size": faithful.mean(),
        "upside down": all_ / head,
    }[against]
