"""Feedback for exercises 4.6, tiers, quotas and core customers."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, choose, recipe

table = cache(crm.load)


# Warm-up: drift of the groups in the year before the rule


@recipe(
    Number(digits=4),
    means=lambda psi: (
        f"{psi:.3f}, in a year without the rule: February's groups hold the festival, May's do not. "
        "With other shops each time chance alone passes 0.08 one time in twenty."
    ),
    hints=(
        "What does a class count here, and at which two times?",
        "The first section of the example, by hand and by the library.",
        "The groups of all shops in each of the two months; the share of each group; the sum of "
        "difference times logarithm of the ratio, over the five groups.",
    ),
)
def groups_psi(
    *,
    counted=choose(
        "shops",
        {
            "sold": "You weighted shops by what they sold; each shop counts once.",
            "ordered": "You weighted shops by what they ordered; each shop counts once.",
            "sizes": "You compared the sales of the shops in ten classes, sizes instead of groups.",
            "prices": "You compared prices of the shops, not their groups.",
            "codes": "You gave the groups codes and let the library bin them; give it names.",
            "moved": "You kept only the shops that moved to another group; all count.",
            "promising": "You kept only the promising shops; all count.",
        },
    ),
    before=choose(
        "2024-02",
        {
            "2024-01": "You began with January, 2024-01; asked is February.",
            "2024-03": "You began with March, 2024-03; asked is February.",
            "2025-02": "You began with the February of the rule, 2025-02; asked is 2024.",
            "2023-05": "You began a year before, 2023-05; asked is February 2024.",
            "2023-11": "You began with November, 2023-11; asked is February 2024.",
            "first quarter": "You took the months of the first quarter; February alone is asked.",
            "all before": "You took all months up to February, all before; one month is asked.",
        },
    ),
    after=choose(
        "2024-05",
        {
            "2024-04": "You ended with April, 2024-04; asked is May.",
            "2024-06": "You ended with June, 2024-06; asked is May.",
            "2025-05": "You took the May of the rule, 2025-05, second; asked is 2024.",
            "2024-08": "You ended with August, 2024-08; asked is May.",
            "second quarter": "You took the months of the second quarter; May alone is asked.",
            "next February": "You ended with the next February; asked is May 2024.",
            "all after": "You took all months of 2024 from May on, all after; one month is asked.",
        },
    ),
    formula=choose(
        "PSI",
        {
            "log10": "You took the logarithm with base ten, log10; take the natural one.",
            "log2": "You took the logarithm with base two, log2; take the natural one.",
            "half": "You kept one half of the index: after times logarithm. The difference of "
            "the shares goes before it.",
            "earlier": "You put the earlier share before the logarithm; the difference goes there.",
            "no logarithm": "You left the logarithm out, no logarithm: these are relative differences.",
            "absolute": "You added absolute differences of the shares; PSI has a logarithm.",
            "squares": "You added squares of the differences; PSI has a logarithm.",
            "mean": "You took the mean over the groups; PSI is a sum.",
            "largest": "You gave the largest of the five terms; PSI is their sum.",
            "200": "You took two groups, below and from 200 boxes; there are five.",
            "top": "You took the top group and the rest; there are five.",
            "doubled": "You doubled it, as if both directions had to be added; one sum has both.",
            "root": "You took the square root; PSI has none.",
            "chi-square": "You gave chi-square of the counts; PSI compares shares.",
            "per cent": "You gave it in per cent; give the sum itself.",
            "of 240": "You took numbers of shops, of 240, in place of shares.",
            "moves": "You gave the share of shops with moves to another group; asked is the index.",
            "border": "You gave the border that chance sets; asked is the index.",
            "average": "You gave the average of the index under chance; asked is the index itself.",
        },
    ),
):
    """PSI of the groups of two months."""
    if counted in ("sizes", "prices", "codes"):
        return _binned(counted, before, after)
    a, b = _shares(counted, before, after, before), _shares(counted, before, after, after)
    if formula == "200":
        a, b = (np.array([x[:2].sum(), x[2:].sum()]) for x in (a, b))
    if formula == "top":
        a, b = (np.array([x[:4].sum(), x[4]]) for x in (a, b))
    a, b = a[(a > 0) & (b > 0)], b[(a > 0) & (b > 0)]
    terms = (b - a) * np.log(b / a)
    return {
        "log10": terms.sum() / np.log(10),
        "log2": terms.sum() / np.log(2),
        "half": (b * np.log(b / a)).sum(),
        "earlier": (a * np.log(b / a)).sum(),
        "no logarithm": ((b - a) * (b / a)).sum(),
        "absolute": np.abs(b - a).sum(),
        "squares": ((b - a) ** 2).sum(),
        "mean": terms.mean(),
        "largest": terms.max(),
        "doubled": 2 * terms.sum(),
        "root": np.sqrt(terms.sum()),
        "chi-square": (240 * (b - a) ** 2 / (a + b)).sum(),
        "per cent": 100 * terms.sum(),
        "of 240": 240 * terms.sum(),
        "moves": _moves(before, after),
        "border": 9.487729 * 2 / 240,
        "average": 4 * 2 / 240,
    }.get(formula, terms.sum())


@cache
def _shares(counted, before, after, month):
    """Shares of the five groups in a month, from small to large."""
    supply = table("shihu/supply")
    first, last = {
        "all before": ("2023", "2024-02"),
        "all after": ("2024-05", "2024-12"),
        "first quarter": ("2024-01", "2024-03"),
        "second quarter": ("2024-04", "2024-06"),
        "next February": ("2025-02", "2025-02"),
    }.get(month, (month, month))
    rows = supply[supply["month"].between(first, last)].set_index("retailer_id")
    weight = 1.0 + 0 * rows["price"]
    if counted in ("sold", "ordered"):
        weight = rows[counted].astype(float).fillna(0)
    if counted == "moved":
        tier = supply.pivot(index="retailer_id", columns="month", values="tier")
        first, second = tier[_month(before)], tier[_month(after)]
        weight = weight.where((first != second).reindex(rows.index), 0)
    if counted == "promising":
        promising = table("shihu/retailers").set_index("retailer_id")["judged_promising"]
        weight = weight.where(promising.reindex(rows.index), 0)
    groups = ["small", "mid-small", "mid", "mid-large", "large"]
    found = weight.groupby(rows["tier"]).sum().reindex(groups, fill_value=0)
    return (found / found.sum()).to_numpy()


def _month(name):
    """Give the month that stands for a choice of time."""
    whole = {
        "all before": "2024-02",
        "first quarter": "2024-02",
        "all after": "2024-05",
        "second quarter": "2024-05",
        "next February": "2025-02",
    }
    return pd.Timestamp(whole.get(name, name))


@cache
def _moves(before, after):
    """Share of the shops that are in another group."""
    tier = table("shihu/supply").pivot(index="retailer_id", columns="month", values="tier")
    return (tier[_month(before)] != tier[_month(after)]).mean()


@cache
def _binned(counted, before, after):
    """PSI of numbers, as the library bins them."""
    supply = table("shihu/supply")
    order = ["small", "mid-small", "mid", "mid-large", "large"]
    values = {
        "sizes": supply["sold"].astype(float),
        "prices": supply["price"],
        "codes": supply["tier"].map({name: i for i, name in enumerate(order)}),
    }[counted]
    one, other = (values[supply["month"] == _month(m)].dropna() for m in (before, after))
    return crm.drift(one, other)


# Standard: caps of the mid shops


@cache
def wide(column):
    """One row for each retailer, one column for each month."""
    rows = table("shihu/supply").pivot(index="retailer_id", columns="month", values=column)
    return rows.astype(float)


def months(column, first, last):
    """Give the three months' columns."""
    return wide(column).loc[:, first:last]


SPANS = {
    "March to May": ("2025-03", "2025-05"),
    "April to June": ("2025-04", "2025-06"),
    "February to April": ("2025-02", "2025-04"),
    "May alone": ("2025-05", "2025-05"),
    "year before": ("2024-03", "2024-05"),
    "from January": ("2025-01", "2025-05"),
}


@recipe(
    Number(digits=4),
    means=lambda boxes: (
        f"{boxes:,.0f} boxes, {boxes / ordered_in_june():.1f} times what these shops then ordered: "
        "such a cap limits hardly anyone."
    ),
    hints=(
        "Who is a mid shop, and on what does its cap rest?",
        "The section of the example on a cap that follows orders.",
        "The three months' orders in three columns; the mean of the sales; the rule of the library; "
        "keep the mid group and add up its caps. The ceiling plays no part for them.",
    ),
    # Other shops, by chance nearly the same sum.
    alike=[("span=April to June", "group=report as 0"), ("group=report as 0", "group=complete")],
)
def mid_caps(
    *,
    rests_on=choose(
        "ordered",
        {
            "supplied": "You let the cap rest on what was supplied; it rests on orders.",
            "sold": "You let the cap rest on what was sold; it rests on orders.",
        },
    ),
    span=choose(
        "March to May",
        {
            "April to June": "You took April to June: June's orders are not known when its cap is set.",
            "February to April": "You took February to April; the last three months are asked.",
            "May alone": "You took May alone; three months count.",
            "year before": "You took March to May of the year before, 2024.",
            "from January": "You took all months from January on; three count.",
        },
    ),
    group=choose(
        "mid",
        {
            "mid-large": "You took the mid-large shops; the mid ones are asked.",
            "mid-small": "You took the mid-small shops; the mid ones are asked.",
            "mid and mid-large": "You took mid and mid-large together; the mid ones are asked.",
            "by orders": "You grouped shops by orders; groups go by sales.",
            "last sales": "You grouped shops by their last sales; the mean of three months counts.",
            "whole year": "You grouped shops by the mean of the whole year; three months count.",
            "tier of May": "You took the tier of May; June's group rests on March to May.",
            "report as 0": "You took a month without a report as 0; leave it out of the mean.",
            "complete": "You took only shops with complete reports; leave out the month, not the shop.",
            "median sales": "You grouped shops by median sales; the mean counts.",
            "highest sales": "You grouped shops by their highest sales; the mean counts.",
            "from 100": "You took the group from 100 boxes on; mid begins at 200.",
            "every shop": "You took every shop; the mid ones are asked.",
        },
    ),
    rule=choose(
        "highest, raised",
        {
            "highest": "You left the factor of 1.3 out: this is the highest order alone.",
            "lowest": "You took 1.3 times the lowest order; the highest counts.",
            "mean": "You took 1.3 times the mean order; the highest single month counts.",
            "twice": "You took twice the highest order; that is for smaller shops.",
            "middle": "You took 1.3 times the middle one of three orders; the highest counts.",
            "last": "You took 1.3 times the last month's order; the highest of three counts.",
            "tenth": "You raised by a tenth, 1.1; the rule raises by 30 %.",
            "divided": "You divided by 0.7 in place of 1.3 times.",
            "three months": "You added up three months' orders and raised them; a single month counts.",
            "float": "You multiplied by September's holiday float of 1.2 as well; no factor is asked.",
        },
    ),
    result=choose(
        "sum",
        {
            "one shop": "This is the mean of one shop; asked is the sum.",
            "median": "This is the median of the shops; asked is the sum.",
            "shops": "You counted the shops; asked is the sum of their caps.",
            "table": "You added the caps of the table in June: they are rounded up, and its groups "
            "differ. Compute them.",
            "June": "You added what they ordered in June; asked is what they might have.",
            "left over": "You took June's orders off, what is left over; asked are the caps.",
            "thousands": "You gave thousands of boxes; give boxes.",
            "largest cap": "This is the largest cap; asked is the sum.",
        },
    ),
):
    """Sum of the caps of the mid shops."""
    base = months(rests_on, *SPANS[span])
    highest = base.max(axis=1)
    cap = {
        "highest, raised": 1.3 * highest,
        "highest": highest,
        "lowest": 1.3 * base.min(axis=1),
        "mean": 1.3 * base.mean(axis=1),
        "twice": 2 * highest,
        "middle": 1.3 * base.median(axis=1),
        "last": 1.3 * base.iloc[:, -1],
        "tenth": 1.1 * highest,
        "divided": highest / 0.7,
        "three months": 1.3 * base.sum(axis=1),
        "float": 1.2 * 1.3 * highest,
    }[rule]
    mine = _members(span, group)
    cap, base, june = cap[mine], base[mine], wide("ordered")[pd.Timestamp("2025-06-01")][mine]
    return {
        "sum": cap.sum(),
        "one shop": cap.mean(),
        "median": cap.median(),
        "shops": float(len(cap)),
        "table": _table_caps(),
        "June": june.sum(),
        "left over": cap.sum() - june.sum(),
        "thousands": cap.sum() / 1000,
        "largest cap": cap.max(),
    }[result]


@cache
def _members(span, group):
    """Say which shops are taken for mid."""
    sold = months("sold", *SPANS[span])
    if group == "tier of May":
        supply = table("shihu/supply")
        may = supply[supply["month"] == "2025-05-01"].set_index("retailer_id")["tier"]
        return may == "mid"
    size = {
        "by orders": months("ordered", *SPANS[span]).mean(axis=1),
        "last sales": sold.iloc[:, -1],
        "highest sales": sold.max(axis=1),
        "median sales": sold.median(axis=1),
        "complete": sold.mean(axis=1, skipna=False),
        "report as 0": sold.fillna(0).mean(axis=1),
        "whole year": months("sold", "2025-01", "2025-12").mean(axis=1),
    }.get(group, sold.mean(axis=1))
    least, most = {
        "mid-large": (500, 1000),
        "mid-small": (100, 200),
        "mid and mid-large": (200, 1000),
        "from 100": (100, 500),
        "every shop": (0, np.inf),
    }.get(group, (200, 500))
    return (size >= least) & (size < most)


@cache
def _table_caps():
    """Caps of the table, of the shops whose group it calls mid in June."""
    supply = table("shihu/supply")
    return float(supply[(supply["month"] == "2025-06-01") & (supply["tier"] == "mid")]["cap"].sum())


def ordered_in_june():
    """Boxes that the mid shops ordered in June 2025."""
    return wide("ordered")[pd.Timestamp("2025-06-01")][_members("March to May", "mid")].sum()


@recipe(
    Number(digits=4),
    means=lambda factor: (
        f"{factor:.2f}. The firm took 1.2: a holiday factor should be measured on the holiday."
    ),
    hints=(
        "What did a shop want in September, and what would its cap have been?",
        "The section of the example on a cap that follows orders: mid-large shops keep their "
        "highest order.",
        "September's order over the highest order of the three months before, for each mid-large "
        "shop; then the value that nine in ten do not exceed.",
    ),
)
def factor(
    *,
    wanted=choose(
        "ordered",
        {
            "supplied": "You took what was supplied in September; asked is what was ordered.",
            "sold": "You took what was sold in September; asked is what was ordered.",
            "October": "You took the order of October; September is asked.",
            "last September": "You took the order of last September, 2024; asked is 2025.",
            "January": "You took the order of January; September is asked.",
        },
    ),
    below=choose(
        "highest",
        {
            "lowest": "You divided by the lowest order; mid-large shops have the highest.",
            "mean": "You divided by the mean order of the three months; take the highest.",
            "with September": "You let the three months end with September itself.",
            "one earlier": "You took May to July, one month earlier; it is June to August.",
            "August alone": "You divided by the order of August alone; take the highest of three.",
            "cap": "You divided by the cap of the table; the factor of 1.2 is in it.",
            "since January": "You took the highest order since January; three months count.",
            "raised": "You raised the highest order by 30 %, as for mid shops.",
            "sales": "You divided by the highest sales; the cap rests on orders.",
            "highest supplied": "You divided by the highest of what was supplied; the cap rests on "
            "orders.",
        },
    ),
    shops=choose(
        "mid-large",
        {
            "mid shops": "You took the mid shops, one group too low.",
            "large shops": "You took the large shops, one group too high.",
            "mid-small": "You took the mid-small shops, two groups too low.",
            "every shop": "You took every shop; one group is asked.",
            "that were cut": "You took only the shops that were cut; all of the group count.",
            "at the end": "You took the shops that were mid-large at the end of the year.",
        },
    ),
    value=choose(
        "nine in ten",
        {
            "one in ten": "You gave what one in ten do not exceed, the 10 % quantile.",
            "half": "You gave the median, which serves half of them.",
            "average": "You gave the average; nine in ten are to be served.",
            "95": "You gave the 95 % quantile; nine in ten are asked.",
            "largest": "You gave the largest; nine in ten are asked.",
            "sums": "You divided sums of all shops; take the quantile of the shops' own ratios.",
            "upside down": "You divided upside down, the cap by the order.",
            "increase": "You gave the increase alone; the factor begins at 1.",
            "0.9": "You gave the 0.9 % quantile; nine in ten are asked.",
            "times 1.2": "You multiplied by the firm's 1.2, times 1.2; the orders hold no factor.",
            "below it": "You gave the shop just below it; let pandas go between two shops.",
            "nine tenths": "You gave nine tenths of the largest; nine in ten shops are asked.",
            "served": "You gave the share served by the firm's 1.2; asked is a factor.",
            "two quantiles": "You divided two quantiles, of orders and of caps; take the quantile of "
            "the shops' own ratios.",
            "80": "You gave the 80 % quantile; nine in ten are asked.",
            "three quarters": "You gave the upper quartile, for three quarters of them; nine in ten "
            "are asked.",
        },
    ),
):
    """Factor that serves nine in ten."""
    over, under = _wanted(wanted), _below(below)
    mine = _shops(shops)
    over, under = over[mine], under[mine]
    ratio = (over / under)[under > 0]
    return {
        "nine in ten": ratio.quantile(0.9),
        "one in ten": ratio.quantile(0.1),
        "half": ratio.median(),
        "average": ratio.mean(),
        "95": ratio.quantile(0.95),
        "0.9": ratio.quantile(0.009),
        "times 1.2": 1.2 * ratio.quantile(0.9),
        "below it": ratio.quantile(0.9, interpolation="lower"),
        "nine tenths": 0.9 * ratio.max(),
        "served": (ratio <= 1.2).mean(),
        "two quantiles": over.quantile(0.9) / under.quantile(0.9),
        "80": ratio.quantile(0.8),
        "three quarters": ratio.quantile(0.75),
        "largest": ratio.max(),
        "sums": over.sum() / under.sum(),
        "upside down": (under / over)[over > 0].quantile(0.9),
        "increase": ratio.quantile(0.9) - 1,
    }[value]


@cache
def _wanted(wanted):
    day = {
        "October": "2025-10-01",
        "last September": "2024-09-01",
        "January": "2025-01-01",
    }.get(wanted, "2025-09-01")
    column = wanted if wanted in ("supplied", "sold") else "ordered"
    return wide(column)[pd.Timestamp(day)]


@cache
def _below(below):
    summer = months("ordered", "2025-06", "2025-08")
    return {
        "highest": summer.max(axis=1),
        "lowest": summer.min(axis=1),
        "mean": summer.mean(axis=1),
        "with September": months("ordered", "2025-07", "2025-09").max(axis=1),
        "one earlier": months("ordered", "2025-05", "2025-07").max(axis=1),
        "August alone": summer.iloc[:, -1],
        "cap": wide("cap")[pd.Timestamp("2025-09-01")],
        "since January": months("ordered", "2025-01", "2025-08").max(axis=1),
        "raised": 1.3 * summer.max(axis=1),
        "sales": months("sold", "2025-06", "2025-08").max(axis=1),
        "highest supplied": months("supplied", "2025-06", "2025-08").max(axis=1),
    }[below]


@cache
def _shops(shops):
    supply = table("shihu/supply")
    day = {"at the end": "2025-12-01"}
    rows = supply[supply["month"] == day.get(shops, "2025-09-01")].set_index("retailer_id")["tier"]
    if shops == "every shop":
        return rows.notna()
    if shops == "that were cut":
        september = pd.Timestamp("2025-09-01")
        cut = wide("ordered")[september] > wide("supplied")[september]
        return (rows == "mid-large") & cut
    name = shops.removesuffix(" shops")
    return rows == (name if name in ("mid", "large", "mid-small") else "mid-large")


# Transfer: the fifty best of a quarter


@recipe(
    Number(digits=4),
    means=lambda fall: (
        f"{fall:.0%}. The whole shop sold more. The fifty were picked in a good quarter."
    ),
    hints=(
        "What did the same fifty people spend in either quarter?",
        "The first trap of the example does this for the running case.",
        "Sum by customer in each quarter; the fifty largest of the third; their sum in the fourth "
        "over their sum in the third, less one.",
    ),
)
def fall(
    *,
    picked_by=choose(
        "amount",
        {
            "how often": "You picked by how often they bought; the sum of amounts counts.",
            "single order": "You picked by the best single order; the sum of amounts counts.",
            "quantity": "You picked by the number of CDs, quantity; the sum of amounts counts.",
            "until then": "You picked by all spent until then; the third quarter counts.",
            "both": "You picked by both quarters together; the third counts.",
            "ever": "You picked by all ever spent, to the end of the log; the third quarter counts.",
        },
    ),
    names=choose(
        "50",
        {
            "hundred": "You took a hundred names; fifty are asked.",
            "ten": "You took ten names; fifty are asked.",
            "25": "You took 25 names; fifty are asked.",
            "everyone": "You took everyone who bought in the quarter; fifty are asked.",
            "returned": "You took only those of the fifty who returned; who did not spent 0.",
            "sample": "You used the sample of a tenth, cdnow_sample; take cdnow.",
            "repeats": "You dropped repeats of a row; they may be second orders, and stay.",
            "rows": "You took the fifty largest rows, not customers: sum by customer first.",
            "single rows": "You took what the fifty largest single rows brought, not customers: sum by "
            "customer first.",
        },
    ),
    quarters=choose(
        "third, fourth",
        {
            "second, third": "You compared the second quarter with the third; asked are the third and "
            "fourth.",
            "fourth, first": "You compared the fourth quarter with the first of 1998.",
            "first, second": "You compared the first quarter with the second.",
            "look back": "You took a look back, at the quarter before; the one after is asked.",
            "third, half-year": "You took half a year after the third quarter; one quarter counts.",
            "to the end": "You took all until the end of the log as later; one quarter counts.",
            "last quarter": "You took the last quarter of the log as later; the fourth of 1997 counts.",
            "shifted": "You shifted the quarters by a month, August to October; July begins the third.",
            "fourth's best": "You picked the fifty of the fourth quarter, the fourth's best.",
            "each its own": "You compared the fifty of each quarter, each its own; keep the same "
            "people.",
        },
    ),
    change=choose(
        "relative",
        {
            "ratio": "This is the ratio of the two sums; the change is that less one.",
            "absolute": "This is the absolute change in dollars; asked is the relative one.",
            "per head": "This is the change in dollars per head; asked is the relative one.",
            "mean of changes": "You took the mean of the fifty people's own changes; take the sums.",
            "median of changes": "You took the median of the fifty people's own changes; take the sums.",
            "wrong base": "You divided by the later sum, a wrong base; the third quarter goes below.",
            "logarithm": "You took a difference of logarithms; asked is the relative change.",
            "counts": "You compared counts of orders; asked is money.",
            "per cent": "You gave it in per cent; a fall by half is -0.5.",
            "per order": "You compared the mean per order; asked is all that they spent.",
            "whole shop": "You compared the whole shop's quarters; the fifty are asked.",
            "of buyers": "You compared means of buyers: who bought nothing later spent 0.",
            "back": "You gave the share of them who came back.",
        },
    ),
):
    """Relative change of what the fifty spent."""
    first, later, n_first, n_later = _spent(picked_by, names, quarters)
    a, b = first.sum(), later.sum()
    return {
        "relative": b / a - 1,
        "ratio": b / a,
        "absolute": b - a,
        "per head": (b - a) / len(first),
        "mean of changes": _changes(first, later).mean(),
        "median of changes": np.median(_changes(first, later)),
        "wrong base": b / a - 1 if b == 0 else 1 - a / b,
        "logarithm": np.log(max(b, 0.01) / a),
        "counts": n_later.sum() / n_first.sum() - 1,
        "per cent": 100 * (b / a - 1),
        "per order": (b / max(n_later.sum(), 1)) / (a / n_first.sum()) - 1,
        "whole shop": _whole(quarters),
        "of buyers": later[later > 0].mean() / first[first > 0].mean() - 1,
        "back": (later > 0).mean(),
    }[change]


@cache
def _whole(quarters):
    """Change of the whole shop's amount."""
    one, two = (_quarter(name)["amount"].sum() for name in PAIRS[quarters])
    return two / one - 1


def _changes(first, later):
    spent = first > 0
    return (later[spent] / first[spent] - 1).to_numpy()


PAIRS = {
    "third, fourth": ("1997Q3", "1997Q4"),
    "second, third": ("1997Q2", "1997Q3"),
    "fourth, first": ("1997Q4", "1998Q1"),
    "first, second": ("1997Q1", "1997Q2"),
    "look back": ("1997Q3", "1997Q2"),
    "third, half-year": ("1997Q3", "half"),
    "to the end": ("1997Q3", "end"),
    "last quarter": ("1997Q3", "1998Q2"),
    "shifted": ("shifted 1997Q3", "shifted 1997Q4"),
    "fourth's best": ("1997Q3", "1997Q4"),
    "each its own": ("1997Q3", "1997Q4"),
}


@cache
def _quarter(name, names="50"):
    """What each customer did in a quarter of CDNOW."""
    log = table("cdnow_sample" if names == "sample" else "cdnow")
    if names == "repeats":
        log = log.drop_duplicates()
    quarter = log["date"].dt.to_period("Q")
    if name.startswith("shifted"):
        quarter = (log["date"] - pd.DateOffset(months=1)).dt.to_period("Q")
    name = name.removeprefix("shifted ")
    first, last = {"half": ("1997Q4", "1998Q1"), "end": ("1997Q4", "1998Q2")}.get(
        name, (name, name)
    )
    if name.startswith("until"):
        first, last = "1997Q1", name.split()[-1]
    keep = (quarter >= first) & (quarter <= last)
    by = log[keep].groupby("customer_id")
    done = by.agg(amount=("amount", "sum"), orders=("amount", "size"), quantity=("quantity", "sum"))
    return done.assign(largest=by["amount"].max())


@cache
def _spent(picked_by, names, quarters):
    """What the people picked spent in the two quarters, and their orders."""
    one, two = PAIRS[quarters]
    pick = two if quarters == "fourth's best" else one
    ids = _picked(picked_by, names, pick, two)
    others = _picked(picked_by, names, two, two) if quarters == "each its own" else ids
    first = _quarter(one, names).reindex(ids, fill_value=0)
    if names == "single rows":
        first = first.assign(amount=_largest_rows(pick))
    later = _quarter(two, names).reindex(others, fill_value=0)
    if names == "returned":
        back = _quarter(two).reindex(ids, fill_value=0)["amount"] > 0
        first, later = first[back.to_numpy()], later[back.to_numpy()]
    if quarters == "each its own":
        later.index = first.index if len(later) == len(first) else later.index
    return first["amount"], later["amount"], first["orders"], later["orders"]


@cache
def _largest_rows(quarter):
    """What the fifty largest rows of a quarter brought, by customer."""
    log = table("cdnow")
    rows = log[log["date"].dt.to_period("Q") == quarter.split()[-1]].nlargest(50, "amount")
    return rows.groupby("customer_id", sort=False)["amount"].sum()


def _picked(picked_by, names, quarter, second):
    if names in ("rows", "single rows"):
        return _largest_rows(quarter).index
    score = {
        "amount": lambda: _quarter(quarter, names)["amount"],
        "how often": lambda: _quarter(quarter)["orders"],
        "single order": lambda: _quarter(quarter)["largest"],
        "quantity": lambda: _quarter(quarter)["quantity"],
        "until then": lambda: _quarter(f"until {quarter}")["amount"],
        "ever": lambda: table("cdnow").groupby("customer_id")["amount"].sum(),
        "both": lambda: _quarter(quarter)["amount"].add(_quarter(second)["amount"], fill_value=0),
    }[picked_by]()
    n = {"hundred": 100, "ten": 10, "25": 25, "everyone": len(score)}.get(names, 50)
    return score.nlargest(n).index
