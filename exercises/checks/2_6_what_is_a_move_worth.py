"""Feedback for exercises 2.6, what a move is worth."""

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Table, Values, choose, recipe

# Warm-up: a tea club

CLUB = ["active", "resting", "gone"]
CHANCES = [[0.60, 0.30, 0.10], [0.20, 0.50, 0.30], [0.0, 0.0, 1.0]]
PROFIT = [50.0, -2.0, 0.0]  # yuan a month in each state
MONTHLY = 0.01  # rate a month


def club(rate=MONTHLY, horizon=None, transposed=False, profit=PROFIT):
    """Value of each kind of member, also where the sum has no interest or its table is turned."""
    P = np.array(CHANCES).T if transposed else np.array(CHANCES)
    step, terms = P / (1 + rate), 3_000 if horizon is None else horizon + 1
    value, power = np.zeros(3), np.eye(3)
    for _ in range(terms):
        value, power = value + power @ profit, power @ step
    return pd.Series(value, CLUB)


@recipe(
    Number(),
    means=lambda value: (
        f"{value:.0f} yuan for an active member, {club()['resting']:.0f} for a resting one: the "
        "difference is what a lasting move would be worth."
    ),
    hints=(
        "The value of today's state holds that of the states it leads to.",
        "The worked example solves a table of this kind in *Customers as states*.",
        "The library values a chain from its table, the profits of the states and a rate that "
        "belongs to its period; then pick the state.",
    ),
)
def warm_up(
    *,
    months=choose(
        "all",
        {
            "this one left out": "You left this one out: this month's profit comes at once (t = 0).",
            "a year": "You stopped after a year; the task sums over all months.",
            "13": "You stopped after 13 months, at a horizon of 12; the task sums over all months.",
            "one step": "You looked one step ahead only: this month and the next. The sum goes on.",
            "this one only": "This is this month's profit, this one only; all months to come follow.",
            "paid at the end": "You let each profit be paid at the end of its month, also the first; "
            "this month's comes at once.",
        },
    ),
    rate=choose(
        0.01,
        {
            0.12: "You took 0.12 a month; the rate belongs to the period of the table, a month.",
            0: "Nothing is discounted, the rate is 0; it is 1 % a month.",
            0.1: "You took 0.1, which is 10 % a month; the rate is 1 %.",
            "a twelfth": "You took a twelfth of the rate: it is one of a month already.",
        },
    ),
    profit=choose(
        "as given",
        {
            "magazine left out": "You left the magazine out: a resting member costs 2 yuan a month.",
            "magazine added": "You added the magazine: its 2 yuan are a cost, so minus 2.",
        },
    ),
    told_for=choose(
        "active",
        {
            "resting": "This is the value of a resting member.",
            "mean": "This is the mean over the states; asked is an active member.",
            "gap": "This is the gap between an active member and a resting one.",
            "sum": "This is the sum over the states; asked is an active member.",
        },
    ),
    moves=choose(
        "from rows",
        {
            "turned": "You turned the table round: its rows are where members come from.",
            "stays active": "You counted only who stays active; those who rest may come back.",
            "not gone": "You let all who are not gone, 0.9 of them, stay active; some of them rest.",
            "perpetuity": "You let her bring 50 for ever (a perpetuity); members rest and leave.",
            "active months": "You counted the active months of all who ever come back, but left out "
            "what they cost while resting, and did not discount.",
        },
    ),
):
    """Value of an active member, over all months to come."""
    d = 0.01 / 12 if rate == "a twelfth" else rate
    R = {"as given": PROFIT, "magazine left out": [50, 0, 0], "magazine added": [50, 2, 0]}[profit]
    if moves == "stays active":
        return 50 / (1 - 0.6 / (1 + d))
    if moves == "not gone":
        return 50 / (1 - 0.9 / (1 + d))
    if moves == "perpetuity":
        return 50 / d if d else np.inf
    if moves == "active months":
        return club(0.0, profit=[50, 0, 0])["active"]
    last = {"a year": 11, "13": 12, "one step": 1, "this one only": 0}.get(months)
    value = club(d, last, moves == "turned", R)
    if months == "this one left out":
        value = value - R
    if months == "paid at the end":
        value = value / (1 + d)
    return {
        "active": value["active"],
        "resting": value["resting"],
        "mean": value.mean(),
        "gap": value["active"] - value["resting"],
        "sum": value.sum(),
    }[told_for]


# Standard: the charity's letters at another price

SILENCE = [str(k) for k in range(1, 8)]
EDGES = [0, 27, 53, 79, 105, 131, 157, 200]  # weeks since the last gift
YEARLY = 0.06


@cache
def charity():
    table = crm.load("charity")
    table["state"] = pd.cut(table["weekslast"], EDGES, labels=SILENCE).astype(str)
    return table


OTHERS = {
    "everybody": "These are the chances of everybody; asked are those who answered less than half "
    "before, in `few`.",
    "a third": "You took a third as the border, as the worked example does; `few` holds those under "
    "one half.",
    "half included": "You included those who answered exactly half; `few` holds those under it.",
}
MANY = "You took the donors who answered many letters before; asked are the others, in `few`."


@cache
def donors(who="few"):
    """Donors who answered less than half of their letters, or other ones."""
    before = charity()["propresp"]
    keep = {
        "few": before < 0.5,
        "everybody": before >= 0,
        "many": before >= 0.5,
        "a third": before <= 1 / 3,
        "half included": before <= 0.5,
    }
    return charity()[keep[who]]


def chances(who="few", column="respond"):
    return donors(who).groupby("state")[column].mean()


@recipe(
    Values("states", share=True),
    means=lambda share: (
        f"From {share['1']:.0%} of those who gave lately down to {share['7']:.0%} after three years "
        "of silence."
    ),
    hints=(
        "A share of whom? Each state has its own number of donors.",
        "The worked example has such a row of chances in *A real mailing*.",
        "Group `few` by state, and take the mean of the column that says who answered this time.",
    ),
)
def answers(
    *,
    who=choose("few", {**OTHERS, "many": MANY}),
    column=choose(
        "respond",
        {
            "propresp": "This is what they answered before (propresp); asked is this letter.",
            "resplast": "You took resplast, the last letter; asked is this one, respond.",
            "gift": "This is the gift by letter, with noughts; asked is the share who gave.",
            "mailsyear": "These are letters a year (mailsyear); asked is who answered.",
        },
    ),
    divided_by=choose(
        "donors of the state",
        {
            "counts": "These are counts; divide by the number of donors in the state.",
            "all who answered": "You divided by all who answered: where answers come from. Asked is, "
            "of each state, the share who answered.",
            "all donors": "You divided by all donors in `few`; divide by those of the state.",
            "whole table": "You divided by the state's donors of the whole table; divide by those in "
            "`few`.",
            "median": "This is the median of noughts and ones; take the mean.",
            "mean gift": "This is the mean gift of those who answered; asked is the share.",
            "the silent": "You divided by the silent: odds. Divide by all donors of the state.",
            "size": "This is the size of each state, as a share of `few`; asked is who answered.",
        },
    ),
):
    """Share of the donors of each state who answered the letter."""
    here = donors(who)
    by = here.groupby("state")[column]
    return {
        "donors of the state": lambda: by.mean().astype(float),
        "counts": lambda: by.sum().astype(float),
        "all who answered": lambda: by.sum() / here[column].sum(),
        "all donors": lambda: by.sum() / len(here),
        "whole table": lambda: by.sum() / charity().groupby("state").size(),
        "median": lambda: by.median().astype(float),
        "mean gift": lambda: here[here["respond"]].groupby("state")["gift"].mean(),
        "the silent": lambda: by.sum() / (by.size() - by.sum()),
        "size": lambda: by.size() / len(here),
    }[divided_by]()


@cache
def mean_gift(of="those who answered"):
    here = donors()
    gave = here[here["respond"]]
    return {
        "those who answered": lambda: gave["gift"].mean(),
        "zeros": lambda: here["gift"].mean(),
        "all": lambda: charity().loc[charity()["respond"], "gift"].mean(),
        "median": lambda: gave["gift"].median(),
        "avggift": lambda: gave["avggift"].mean(),
        "usual": lambda: here["avggift"].mean(),
        "last": lambda: gave["giftlast"].mean(),
        "given last": lambda: here["giftlast"].mean(),
    }[of]()


def programme(share, last, gift, letter, *, pays_all=True):
    """Transitions and rewards of the states, and of being gone, as arrays: pairs ask for many."""
    P, R = np.zeros((8, 8)), np.zeros(8)
    written = np.arange(last)
    P[written, 0], P[written, written + 1] = share[:last], 1 - share[:last]
    P[last:, -1] = 1.0
    R[:last] = -letter * (1 if pays_all else share[:last])
    R[0] += gift
    return P, R


def chain(P, R, rate, horizon):
    """Value of each state, also at a rate that the library refuses."""
    step = P / (1 + rate)
    if horizon is None:
        return np.linalg.solve(np.eye(len(P)) - step, R)
    value = R
    for _ in range(horizon):
        value = R + step @ value
    return value


@recipe(
    Values("ends"),
    means=lambda value: (
        f"Best is to stop after state {value.idxmax()}, at {value.max():.1f} guilders a donor; "
        f"stopping after state 1 would leave {value[1]:.1f}. The last letters add little, and the "
        "price of a letter decides."
    ),
    hints=(
        "One number for each way to end; all else stays the same.",
        "The worked example tries every end in *When to stop writing* and in *A real mailing*.",
        "For each end: the table and the rewards of the programme, valued without an end at the rate "
        "of half a year; keep the value of the first state.",
    ),
)
def ends(
    *,
    who=choose("few", OTHERS),
    gift=choose(
        "those who answered",
        {
            "zeros": "Your mean gift counts zeros of those who gave nothing; take the gifts of those "
            "who answered.",
            "all": "You took the mean gift of all donors who answered; take those in `few`.",
            "median": "You took the median gift; take the mean.",
            "usual": "You took the usual gift of before (avggift); take the gifts of this mailing.",
            "avggift": "You took avggift of those who answered; take the gifts of this mailing.",
            "last": "You took the last gift of before (giftlast); take the gifts of this mailing.",
            "given last": "You took what everybody had given last (giftlast); take the gifts of this "
            "mailing.",
        },
    ),
    letter=choose(
        2.5,
        {
            0: "You left the price of the letter out (0); it is 2.50.",
            3.5: "This is the price of the worked example, 3.50; here a letter costs 2.50.",
            -2.5: "You added the letter: its price is taken off, so -2.50.",
        },
    ),
    rate=choose(
        "half-year",
        {
            "a year": "You discounted a half-year by the rate of a year.",
            "nothing": "You discounted by nothing; money costs 6 % a year.",
            "weeks": "You discounted by the rate of 26 years, not weeks: a period is half a year.",
            "month": "You took the rate of a month; a period is half a year.",
            "halved": "You halved the rate of a year; one that compounds to it is a little lower.",
        },
    ),
    paid_by=choose(
        "all written to",
        {
            "answering": "You charged the letter only to those answering; each letter sent costs.",
            "state 1 free": "In your rewards state 1 is free; it gets a letter, too.",
            "gifts in each": "You put expected gifts in each state: a gift is made by moving to state "
            "1, and is in that state's reward.",
        },
    ),
    told=choose(
        "state 1",
        {
            "mean of states": "This is the mean of the states; asked is a donor in state 1.",
            "state 2": "This is a donor in state 2; asked is one in state 1.",
            "state 7": "This is a donor in state 7; asked is one in state 1.",
            "last state": "This is a donor in the last state written to; asked is one in state 1.",
            "gain": "This is what one more letter adds, a gain; give the value itself.",
            "each state": "These are the values of each state under the longest programme; asked is "
            "state 1 under each.",
            "gift left out": "You left the gift just made out; it counts.",
            "after": "You gave the value half a year later, after the first letter; discount nothing "
            "of today's.",
        },
    ),
    horizon=choose(
        "without end",
        {
            "7": "You stopped after 7 half-years; the value has no end.",
            "one": "You looked one half-year ahead; the value has no end.",
        },
    ),
):
    """Value of a donor in state 1 when letters stop after state 1, 2, ... 7."""
    share, money = chances(who).to_numpy(), mean_gift(gift)
    d = {
        "half-year": (1 + YEARLY) ** 0.5 - 1,
        "a year": YEARLY,
        "nothing": 1e-12,
        "weeks": (1 + YEARLY) ** 26 - 1,
        "month": (1 + YEARLY) ** (1 / 12) - 1,
        "halved": YEARLY / 2,
    }[rate]
    until = {"without end": None, "7": 7, "one": 1}[horizon]
    values = []
    for last in range(1, 8):
        P, R = programme(share, last, money, letter, pays_all=paid_by != "answering")
        if paid_by == "state 1 free":
            R[0] = money
        if paid_by == "gifts in each":
            R[:last] = share[:last] * money - letter
        values.append(chain(P, R, d, until))
    first = np.array([value[0] for value in values])
    found = {
        "state 1": lambda: first,
        "mean of states": lambda: [value.mean() for value in values],
        "state 2": lambda: [value[1] for value in values],
        "state 7": lambda: [value[6] for value in values],
        "last state": lambda: [value[last] for last, value in enumerate(values)],
        "gain": lambda: np.diff(first, prepend=0.0),
        "each state": lambda: values[-1][:7],
        "gift left out": lambda: first - money,
        "after": lambda: first / (1 + d),
    }[told]()
    return pd.Series(found, range(1, 8))


# Transfer: active and quiet customers of Shihu Garden

KINDS = ["active", "quiet", "lost"]
UNTIL = "2024Q4"
INTEREST = 0.12  # a year


@cache
def firm():
    """State of each customer at the end of each quarter, and the profit of each quarter."""
    orders = crm.load("shihu/orders")
    fee = crm.load("shihu/unit_costs").set_index("item")["value"]["payment_share"]
    orders["profit"] = crm.order_profit(orders, crm.load("shihu/order_lines"), payment_share=fee)
    quarter = orders["date"].dt.to_period("Q").astype(str).rename("quarter")
    profit = orders.groupby(["customer_id", quarter])["profit"].sum().unstack(fill_value=0.0)
    ordered = pd.crosstab(orders["customer_id"], quarter) > 0
    number = pd.Series(range(ordered.shape[1]), ordered.columns)
    waited = number - ordered.mul(number).where(ordered).ffill(axis=1)
    rules = [waited.isna(), waited == 0, waited < 4]
    states = np.select(rules, [None, "active", "quiet"], "lost")
    return pd.DataFrame(states, ordered.index, ordered.columns), profit


@cache
def counted(quarters="to 2024Q4"):
    """Moves that were seen in some quarters."""
    states = firm()[0]
    first, last = {
        "to 2024Q4": (None, UNTIL),
        "2025Q1": (None, "2025Q1"),
        "2025": (None, None),
        "only 2025": (UNTIL, None),
        "last quarter": ("2024Q3", UNTIL),
        "first of 2025": (UNTIL, "2025Q1"),
        "2024 only": ("2023Q4", UNTIL),
        "within 2024": ("2024Q1", UNTIL),
        "third": (None, "2024Q3"),
    }[quarters]
    return crm.transition_matrix(states.loc[:, first:last], order=KINDS)


QUARTERS = choose(
    "to 2024Q4",
    {
        "2025": "You counted the moves of 2025 too; keep that year to be judged by.",
        "2025Q1": "You counted the moves into 2025Q1, too; stop at 2024Q4.",
        "only 2025": "You counted only the moves of 2025; asked are those up to the end of 2024.",
        "last quarter": "You used the last quarter's moves only; take all up to the end of 2024.",
        "first of 2025": "You counted the moves into the first quarter of 2025; all to the end of 2024 "
        "are asked.",
        "2024 only": "You counted the moves of 2024 only; 2023 belongs to it.",
        "within 2024": "You counted the moves within 2024; count those of 2023, too.",
        "third": "You stopped at the third quarter of 2024; the fourth belongs to it.",
    },
)


@recipe(
    Table("states", share=True),
    means=lambda shares: (
        f"Of active customers {shares.loc['active', 'active']:.0%} order again in the next quarter, "
        f"of quiet ones {shares.loc['quiet', 'active']:.0%}."
    ),
    hints=(
        "Which quarters may be seen, and what do the numbers of a row add up to?",
        "The worked example counts moves in *The firm's own ladder*.",
        "Cut the columns of `state` at the last quarter that counts, let the library count the moves "
        "in the order of the three names, and take its shares.",
    ),
)
def moves(
    *,
    quarters=QUARTERS,
    told=choose(
        "shares",
        {
            "counts": "These are counts; divide each row by its sum.",
            "of the column": "Your columns sum to 1: each is a share of the column. The rows should, "
            "for rows are where customers come from.",
            "of all": "You divided by all moves; divide each row by its own sum.",
            "mean of tables": "You took the mean of the quarters' tables; a quarter with more "
            "customers counts more, so count all moves together.",
            "errors": "These are the standard errors; asked are the chances.",
            "two quarters": "These are the chances of two quarters together; asked is one.",
            "yearly": "These are the chances of a year, yearly moves; asked is one quarter.",
        },
    ),
):
    """Chances from each state (rows) to each (columns) in a quarter, to the end of 2024."""
    seen = counted(quarters)
    shares, counts = seen.shares, seen.counts
    return {
        "shares": lambda: shares,
        "counts": lambda: counts.astype(float),
        "of the column": lambda: counts / counts.sum(),
        "of all": lambda: counts / counts.to_numpy().sum(),
        "errors": lambda: seen.se,
        "mean of tables": mean_table,
        "two quarters": lambda: shares @ shares,
        "yearly": lambda: shares @ shares @ shares @ shares,
    }[told]()


def mean_table():
    """Mean of the tables of shares of each quarter to the end of 2024."""
    states = firm()[0].loc[:, :UNTIL]
    tables = [
        pd.crosstab(states[one], states[two], normalize="index").reindex(index=KINDS, columns=KINDS)
        for one, two in pairwise(states)
    ]
    return sum(table.fillna(0.0) for table in tables) / len(tables)


@cache
def rewards(of="following"):
    """Mean profit of the quarter that follows, by state, or what is taken for it."""
    states, profit = firm()
    shift = 0 if of == "same quarter" else 1
    first, last = ("2025Q1", None) if of == "profits of 2025" else (states.columns[shift], UNTIL)
    before = states.shift(shift, axis=1).loc[:, first:last].stack()
    by_state = profit.stack()[before.index].groupby(before)
    found = by_state.agg(of if of in ("sum", "median") else "mean")[KINDS]
    return found.sort_index().set_axis(KINDS) if of == "alphabet" else found


def came(year=2025, rate=(1 + INTEREST) ** 0.25 - 1):
    """Profit of a year by state at the end of 2024, discounted by quarter."""
    states, profit = firm()
    discount = (1 + rate) ** -np.arange(4.0)
    brought = (profit.loc[:, f"{year}Q1" : f"{year}Q4"] * discount).sum(axis=1)
    return brought.groupby(states[UNTIL]).mean()


@recipe(
    Values("states"),
    means=lambda value: (
        f"An active customer is worth {value['active']:.0f} yuan, a quiet one {value['quiet']:.0f}. "
        f"In 2025 came {came()['active']:.0f} and {came()['quiet']:.0f}. The chain has no memory; do "
        "customers have one?"
    ),
    hints=(
        "Count the quarters from nought: what is the last one of four?",
        "The worked example values four quarters in *The firm's own ladder*.",
        "Give the library your moves, the rewards made above, the rate of a quarter that compounds "
        "to that of the year, and the number of the last quarter that counts.",
    ),
)
def value(
    *,
    last=choose(
        "four quarters",
        {
            "five": "You counted five quarters: the first has t = 0, so four end at t = 3.",
            "three": "You counted three quarters: t = 0, 1, 2. Four are asked.",
            "for ever": "Your sum goes on for ever; four quarters can be checked, all of them cannot.",
            "two": "You counted two quarters, t = 0 and 1. Four are asked.",
            "fourth alone": "This is the fourth quarter alone; add up all four.",
            "one": "These are the rewards of one quarter; four of them follow, with moves between.",
            "first twice": "You counted the first quarter twice; the value holds it.",
            "times four": "You took one quarter times four; customers move on in between.",
            "first left out": "You left the first quarter out; it is the one at t = 0.",
            "t = 1 to 4": "You took the quarters t = 1 to 4; the first has t = 0.",
        },
    ),
    rate=choose(
        "quarter",
        {
            "year": "You discounted a quarter by the rate of a year.",
            "nothing": "You discounted by nothing; it is 12 % a year.",
            "month": "You discounted a quarter by the rate of a month.",
            "divided": "You divided the rate of a year by four; one that compounds to it is lower.",
            "from the first on": "You discounted from the first quarter on; that one is undiscounted.",
        },
    ),
    rewards_of=choose(
        "following",
        {
            "same quarter": "You took the profit of the same quarter, in which the state was reached; "
            "only the active have any. Use the rewards of the cell above.",
            "profits of 2025": "You took the profits of 2025; keep that year to be judged by.",
            "sum": "You took the sum of the profits in each state; take the mean.",
            "median": "You took the median of the profits in each state; take the mean.",
            "alphabet": "Your rewards stand in the order of the alphabet, and the moves do not: go by "
            "the names.",
        },
    ),
    quarters=QUARTERS,
    moved=choose(
        "from rows",
        {
            "turned": "You turned the table round: its rows are where customers come from.",
            "in place": "You left everyone in place: without moves. Use the table of 3a.",
        },
    ),
    told=choose(
        "expected",
        {
            "what came": "This is what came in 2025; asked is what the chain expects.",
            "2024": "This is what they brought in 2024; asked is what the chain expects next.",
            "gap": "This is the gap to a lost customer; asked is the value itself.",
        },
    ),
):
    """Discounted profit of four quarters, by state at their beginning."""
    d = {
        "year": INTEREST,
        "nothing": 0.0,
        "divided": INTEREST / 4,
        "month": (1 + INTEREST) ** (1 / 12) - 1,
    }.get(rate, (1 + INTEREST) ** 0.25 - 1)
    if told in ("what came", "2024"):
        return came(2024 if told == "2024" else 2025, d)
    R = rewards(rewards_of)
    P = counted(quarters).shares
    P = {"from rows": P, "turned": P.T, "in place": pd.DataFrame(np.eye(3), KINDS, KINDS)}[moved]
    if last == "times four":
        return 4 * R
    if last == "fourth alone":
        return pd.Series(np.linalg.matrix_power(P.to_numpy() / (1 + d), 3) @ R, KINDS)
    horizon = {"five": 4, "t = 1 to 4": 4, "three": 2, "two": 1, "for ever": None, "one": 0}.get(
        last, 3
    )
    found = pd.Series(chain(P.to_numpy(), R.to_numpy(), d, horizon), KINDS)
    if rate == "from the first on":
        found = found / (1 + d)
    if last in ("first left out", "first twice", "t = 1 to 4"):
        found = found + R * (1 if last == "first twice" else -1)
    return found - found["lost"] if told == "gap" else found
