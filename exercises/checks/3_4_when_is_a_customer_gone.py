"""Feedback for exercises 3.4, when is a customer gone."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Number, choose, recipe

TODAY, END = "2025-06-30", "2025-12-31"
MUSIC_TODAY = "1997-12-31"


table = cache(crm.load)


# Warm-up: gaps near their mean


@cache
def gap(shop, counted):
    """Gaps between purchases, in days, by what counts as a purchase."""
    log = table(shop)
    if counted == "web" and "channel" in log:
        log = log[log["channel"] == "web"]
    days = log[["customer_id", "date"]].sort_values(["customer_id", "date"])
    if counted == "first half of 2025":
        days = days[days["date"] <= TODAY]
    if counted != "orders":
        days = days.drop_duplicates()
    lengths = days.groupby("customer_id")["date"].diff().dt.days.dropna()
    if counted == "customers":
        return crm.gaps(log).groupby("customer_id")["gap"].mean()
    return lengths


@recipe(
    Number(share=True),
    means=lambda share: (
        f"{share:.0%} of the gaps are within twenty days of the mean: it is a poor date to act on."
    ),
    hints=(
        "A share of what? Each row that `crm.gaps` gives is one gap.",
        "The first section of the example does this for the music shop.",
        "The mean of all gaps; for each gap whether it is at most 20 days from it; the mean of that.",
    ),
    # By chance the same share.
    alike=[("centre=logarithms", "centre=own mean"), ("width=20 per cent", "side=below")],
)
def near(
    *,
    shop=choose(
        "shihu/orders", {"cdnow": "You took CDNOW, the shop of the example; here it is the firm."}
    ),
    counted=choose(
        "gaps",
        {
            "web": "You took the orders of the web shop alone; all channels count.",
            "orders": "You took orders: two orders of one day are one purchase day, without a gap.",
            "first half of 2025": "You stopped after the first half of 2025; here take the whole log.",
            "customers": "You took the mean gap of customers; asked is a share of all gaps.",
        },
    ),
    centre=choose(
        "mean",
        {
            "median": "You went round the median of the gaps; the task says mean.",
            "rounded": "You rounded the mean to whole days; take it as it is.",
            "round 60": "You took the article's round 60 days; the task takes the mean of these gaps.",
            "logarithms": "You went round the mean of the logarithms; take the plain mean.",
            "typical customer": "You went round the mean of the typical customer (their mean gaps "
            "averaged); take the mean of all gaps.",
            "own mean": "You went round each customer's own mean; take the mean of all gaps.",
        },
    ),
    width=choose(
        20,
        {
            15: "You took 15 days, as the example does; here it is 20.",
            10: "You took 10 days on each side, 20 in all; the task says 20 on each side.",
            "half a standard deviation": "You took half a standard deviation; it is 20 days.",
            "whole standard deviation": "You took one whole standard deviation; it is 20 days.",
            30: "You took 30 days on each side; the task says 20.",
            "20 per cent": "You took 20 per cent of the mean; it is 20 days.",
        },
    ),
    side=choose(
        "both",
        {
            "below": "You counted only the gaps below the mean; both sides count.",
            "above": "You counted only the gaps above the mean; both sides count.",
            "very short": "You counted the very short gaps; keep those near the mean.",
            "lower tail": "You took the lower tail too, everything to 20 days past the mean.",
            "shorter": "You counted all gaps shorter than the mean.",
        },
    ),
    measure=choose(
        "share",
        {
            "customers with one": "You took customers with one such gap; asked is a share of gaps.",
            "count": "This is a count of gaps; give their share.",
            "gaps not near": "You divided by the gaps not near the mean; divide by all gaps.",
            "number of customers": "You divided by the number of customers; divide by all gaps.",
        },
    ),
):
    """Share of the firm's gaps within 20 days of their mean."""
    gaps = gap(shop, counted)
    means = {
        "mean": gaps.mean(),
        "median": gaps.median(),
        "rounded": round(gaps.mean()),
        "round 60": 60,
        "logarithms": np.exp(np.log(gaps[gaps > 0]).mean()),
        "typical customer": gap(shop, "customers").mean(),
        "own mean": gaps.groupby(table(shop)["customer_id"].reindex(gaps.index)).transform("mean"),
    }
    off = gaps - means[centre]
    spread = {
        "half a standard deviation": gaps.std() / 2,
        "whole standard deviation": gaps.std(),
        "20 per cent": 0.2 * means[centre],
    }
    width = spread.get(width, width)
    inside = {
        "both": off.abs() <= width,
        "below": off.between(-width, 0),
        "above": off.between(0, width),
        "very short": gaps <= width,
        "lower tail": off <= width,
        "shorter": off < 0,
    }[side]
    if measure == "customers with one":
        ids = crm.gaps(table(shop))["customer_id"]
        return inside.reset_index(drop=True).groupby(ids).any().mean()
    below = {
        "share": len(gaps),
        "count": 1,
        "gaps not near": (~inside).sum(),
        "number of customers": table(shop)["customer_id"].nunique(),
    }
    return inside.sum() / below[measure]


# Standard: silences, and the rule's two mistakes


@cache
def silences(today, purchase_days):
    """Every silence after a purchase day, up to a day, and whether it has ended."""
    today = pd.Timestamp(today)
    days = table("shihu/orders")[["customer_id", "date"]].query("date <= @today")
    days = days.sort_values(["customer_id", "date"])
    if purchase_days != "orders":
        days = days.drop_duplicates()
    following = days.groupby("customer_id")["date"].shift(-1)
    if purchase_days == "next row":
        following = days["date"].shift(-1)
    length = (following.fillna(today) - days["date"]).dt.days
    if purchase_days == "backwards":
        length = days.groupby("customer_id")["date"].diff().dt.days
    return days.assign(length=length, ended=following.notna())


@recipe(
    Number(share=True, digits=4),
    means=lambda share: (
        f"{share:.1%} of the purchases a year ago or more were followed by a silent year. Among the "
        "gaps that closed only about one in a hundred is as long."
    ),
    hints=(
        "After which purchases can you know that a whole year was silent?",
        "The section of the example on silences that have not ended, the part by hand.",
        "The next purchase day of the same customer, or `today` where there is none; the length of each "
        "silence; only purchase days more than 365 days before today; the share longer than 365.",
    ),
)
def silent_year(
    *,
    today=choose(
        TODAY,
        {
            "2024-12-01": "You stood on 2024-12-01, the day of the example.",
            "2025-12-31": "You looked until 2025-12-31, the end of the log; "
            "nothing after 30 June 2025 may be used.",
        },
    ),
    rows=choose(
        "old",
        {
            "all": "You took all purchase days; the younger cannot have been silent for a year.",
            "first": "You took the first purchase days of customers only.",
            "calendar": "You took the calendar year 2023; take all over a year old.",
            "quarter": "You took purchase days more than a quarter old; a year is needed.",
        },
    ),
    open_ones=choose(
        "kept",
        {
            "dropped": "You dropped the silences that have not ended: those are the long ones.",
            "alone": "You took the silences that have not ended alone; those that ended count below "
            "the line.",
        },
    ),
    border=choose(
        365,
        {
            180: "You asked for more than 180 days; the task says a year.",
            90: "You asked for more than 90 days; the task says a year.",
            730: "You asked for two years, 730 days.",
        },
    ),
    unit=choose(
        "purchase days",
        {
            "orders": "You took orders; two on one day are one purchase day, with one silence.",
            "backwards": "You looked backwards, at the gap before each day; silence comes after.",
            "next row": "You took the next row of any customer, or counted only silences that ended: "
            "find the same customer's next day, or today.",
        },
    ),
    measure=choose(
        "share",
        {
            "number": "This is the number of such silences; give their share.",
            "customers": "This is a share of customers; asked is one of purchase days.",
            "silent now": "This is the share of customers silent now for a year; asked is one of "
            "purchase days.",
            "closed gaps": "You took the closed gaps (crm.gaps): the open silences are missing.",
            "still open": "You counted only the silences still open; those that ended count above "
            "the line, too.",
        },
    ),
):
    """Share of purchase days over a year old that were followed by more than 365 silent days."""
    seen = silences(today, unit)
    age = (pd.Timestamp(today) - seen["date"]).dt.days
    chosen = {
        "old": age > 365,
        "all": age >= 0,
        "first": ~seen["customer_id"].duplicated() & (age > 365),
        "calendar": seen["date"] < "2024-01-01",
        "quarter": age > 90,
    }[rows]
    kept = {"kept": chosen, "dropped": chosen & seen["ended"], "alone": chosen & ~seen["ended"]}
    rows_kept = seen[kept[open_ones]]
    long = rows_kept[rows_kept["length"] > border]
    if measure == "silent now":
        last = seen.groupby("customer_id")["date"].max()
        return ((pd.Timestamp(today) - last).dt.days > border).mean()
    if measure == "closed gaps":
        return (crm.gaps(table("shihu/orders"))["gap"] > border).mean()
    if measure == "still open":
        long = long[~long["ended"]]
    if measure == "customers":
        return long["customer_id"].nunique() / rows_kept["customer_id"].nunique()
    return len(long) / {"number": 1}.get(measure, len(rows_kept))


@cache
def customers(day):
    """Silence in days, by several clocks, and the truth of every customer on a day."""
    orders, today = table("shihu/orders"), pd.Timestamp(day)
    base = crm.rfm(orders[orders["date"] <= today], end=today, unit="day")
    at_end = crm.rfm(orders, end=END, unit="day").loc[base.index]
    truth = table("shihu/truth_customers").set_index("customer_id").loc[base.index]
    return pd.DataFrame(
        {
            "last purchase": base["recency"],
            "first purchase": base["T"],
            "t_x": base["t_x"],
            "weeks": base["recency"] / 7,
            "end of the log": at_end["recency"],
            "back": at_end["t_x"] > base["t_x"],
            "left": truth["left_on"] <= today,
            "long gone": truth["left_on"] <= today - pd.Timedelta(180, "D"),
            "ever": ~truth["alive"].astype(bool),
        }
    )


@recipe(
    Number(share=True, digits=4),
    means=lambda share: f"A silence of 180 days finds {share:.0%} of those who had really left.",
    hints=(
        "Recall or precision: which group stands below the line?",
        "The section of the example that puts a rule of silence on trial.",
        "Customers as of today from the log cut there; who has been silent for more than 180 days; "
        "of those who had left by then, the share that is silent.",
    ),
)
def recall(
    *,
    of=choose(
        "left",
        {
            "precision": "This is the precision: of those called lost, the share that had left.",
            "everybody": "You divided by everybody; divide by those who had left.",
            "correct": "This is the share of customers whom the rule judges correctly; "
            "asked are those who left.",
            "false alarm": "This is the false alarm rate: of those still there, the share called lost.",
            "back": "This is how many of those called lost came back; asked is whom the rule finds.",
            "all called": "This is the share of all called lost; asked are those who left.",
            "all leavers": "This is the share of all customers who are leavers, without the rule.",
            "F score": "This is the F score, a mean of precision and recall; asked is recall alone.",
            "ratio": "This is a ratio of numbers, called lost to left; only people in both count above.",
        },
    ),
    days=choose(
        180,
        {
            182.6: "You took half a year, 182.6 days; the task says 180.",
            90: "You took 90 days; the task says 180.",
            365: "You took 365 days, the firm's rule; the task says 180.",
            60: "You took 60 days, the article's cycle; the task says 180.",
        },
    ),
    since=choose(
        "last purchase",
        {
            "first purchase": "You counted from the first purchase; silence starts at the last one.",
            "t_x": "You took t_x, the age at the last purchase; the days since it are recency.",
            "weeks": "Your times are in weeks, the usual unit of crm.rfm; 180 are days.",
            "end of the log": "Your silence runs to the end of the log, and sees purchases after today.",
        },
    ),
    truth=choose(
        "by today",
        {
            "later leavers": "You counted later leavers too; asked is who had left by today.",
            "never back": "You took those who never came back; the truth tells who left.",
            "long gone": "You kept those long gone, for 180 days or more; all who had left count.",
            "leaving date": "You counted those with a leaving date after today, and no others.",
        },
    ),
    day=choose(
        TODAY,
        {
            "2024-12-01": "You stood on 2024-12-01, the day of the example.",
            "2025-12-31": "You stood on 2025-12-31, the end of the log.",
        },
    ),
):
    """Share of the customers who had left whom a silence of over 180 days finds."""
    base = customers(day)
    gone = {
        "by today": base["left"],
        "later leavers": base["ever"],
        "never back": ~base["back"],
        "long gone": base["long gone"],
        "leaving date": base["ever"] & ~base["left"],
    }[truth]
    lost = base[since] > days
    return {
        "left": lost[gone].mean(),
        "precision": gone[lost].mean(),
        "everybody": (lost & gone).mean(),
        "correct": (lost == gone).mean(),
        "false alarm": lost[~gone].mean(),
        "back": base["back"][lost].mean(),
        "all called": lost.mean(),
        "all leavers": gone.mean(),
        "F score": 2 * (lost & gone).sum() / (lost.sum() + gone.sum()),
        "ratio": lost.sum() / gone.sum(),
    }[of]


# Transfer: whom a coupon pays for, at the music shop


@cache
def music(kind, split, unit="week"):
    """P(gone) and the purchases to come of CDNOW's customers."""
    end = split if split == "1997-09-30" else MUSIC_TODAY
    if split == "full":
        base = crm.holdout(table("cdnow"), split=MUSIC_TODAY, unit="week")
    elif split == "whole log":
        base = crm.rfm(table("cdnow_sample"), unit="week").assign(holdout_frequency=0)
    else:
        base = crm.holdout(table("cdnow_sample"), split=end, unit=unit)
    return base, getattr(crm, kind)().fit(base)


@recipe(
    Integer(),
    means=lambda count: (
        f"The coupon pays for {count:,} of {len(music('ParetoNBD', 'end of 1997')[0]):,} customers, "
        "if it works on all who are gone as assumed."
    ),
    hints=(
        "The gain has three parts. Which of them depend on the customer?",
        "The section of the example in which the cost of an action chooses its definition.",
        "Predict for all customers, 90 days ahead in weeks; chance of being gone times extra orders "
        "times profit, less expected purchases times coupon, less letter; count the gains above zero.",
    ),
)
def pays(
    *,
    kind=choose(
        "ParetoNBD",
        {
            "BGNBD": "You fitted BGNBD, in which nobody leaves before a repeat purchase.",
            "MBGNBD": "You fitted MBGNBD; the task asks for Pareto/NBD.",
        },
    ),
    split=choose(
        "end of 1997",
        {
            "1997-09-30": "You stood on 1997-09-30; the task says 31 December.",
            "full": "You took the full cdnow; the cell above has the customers of cdnow_sample.",
            "whole log": "You used the whole log, to June 1998; the task says 31 December.",
        },
    ),
    chance=choose(
        "gone",
        {
            "alive": "You took the chance of being alive; a coupon wins back those who are gone.",
            "verdict": "You made a verdict of the chance, or took all as gone; use the chance itself.",
        },
    ),
    days=choose(
        90,
        {
            630: "You looked 90 weeks (630 days) ahead; the model counts in weeks, and 90 are days.",
            91: "You took three months, or 13 weeks, for 91 days; the coupon is valid for 90.",
            84: "You took three times four weeks, 84 days; the coupon is valid for 90.",
            21: "You put in 3, for months, which are 21 days: the model counts in weeks.",
            30: "You looked 30 days ahead, as the example does; here it is 90.",
            182: "You looked half a year (182 days) ahead; the coupon is valid for 90 days.",
            "in days": "Your table is in days, and 90 / 7 are then days; the model counts in the unit "
            "of its table.",
            1.75: "You put in a quarter of a year, 0.25, which is 1.75 days: the model counts in weeks.",
        },
    ),
    waste=choose(
        "coupon",
        {
            "each life": "You took it off once for each life, by P(alive); it costs where orders come.",
            "came": "You took the orders that came, holdout_frequency; nobody knew them then.",
            "nothing": "You left out the coupon given to those who buy anyway: that costs, not nothing.",
            "profit": "You took off the profit of orders that come anyway; only the coupon is lost.",
            "alive twice": "You counted being alive twice: the expected purchases contain it already.",
        },
    ),
    letter=choose(
        0.40,
        {
            0: "You left out the letter: it costs 0.40 for each customer.",
        },
    ),
    lift=choose(
        0.12,
        {
            1: "You took every coupon to bring 1 order; it brings 0.12 to someone gone.",
        },
    ),
    profit=choose(
        9,
        {
            15: "You added the coupon to the profit, 15; the 9.00 are after the coupon.",
        },
    ),
    counted=choose(
        "pays",
        {
            "more gone than not": "You counted more gone than not; count for whom the coupon pays.",
            "the others": "You counted the others, for whom it does not pay.",
            "money": "This is the money, the sum of the gains; asked is a number of customers.",
            "share": "This is a share; give the number of customers.",
            "repeat": "You counted among repeat buyers only; all customers are in question.",
        },
    ),
):
    """Customers of the music shop for whom a coupon is expected to pay."""
    base, model = music(kind, split, "day" if days == "in days" else "week")
    said = model.predict(base, 90 / 7 if days == "in days" else days / 7)
    gone = {
        "gone": 1 - said["p_alive"],
        "alive": said["p_alive"],
        "verdict": (said["p_alive"] < 0.5).astype(float),
    }[chance]
    cost = {
        "coupon": said["purchases"] * 6,
        "each life": said["p_alive"] * 6,
        "came": base["holdout_frequency"] * 6,
        "nothing": 0.0,
        "profit": said["purchases"] * 9,
        "alive twice": said["p_alive"] * said["purchases"] * 6,
    }[waste]
    gain = gone * lift * profit - cost - letter + 0 * said["p_alive"]
    return {
        "pays": (gain > 0).sum(),
        "more gone than not": (said["p_alive"] < 0.5).sum(),
        "the others": (gain <= 0).sum(),
        "money": gain[gain > 0].sum(),
        "share": (gain > 0).mean(),
        "repeat": ((gain > 0) & (base["frequency"] > 0)).sum(),
    }[counted]
