"""Feedback for exercises 2.6, what a move is worth."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Number, Table, Values, task

CLUB = ["active", "resting", "gone"]
CHANCES = [[0.60, 0.30, 0.10], [0.20, 0.50, 0.30], [0.0, 0.0, 1.0]]
PROFIT = [50.0, -2.0, 0.0]  # yuan a month in each state
MONTHLY = 0.01  # rate a month

# Warm-up: a tea club


def club(rate=MONTHLY, horizon=None):
    P = pd.DataFrame(CHANCES, CLUB, CLUB)
    return crm.migration_value(P, pd.Series(PROFIT, CLUB), rate, horizon=horizon)


@task(
    Number(),
    means=lambda value: (
        f"{value:.0f} yuan for an active member, {club()['resting']:.0f} for a resting one: the "
        "difference is what a lasting move would be worth."
    ),
    hint='crm.migration_value(P, R, 0.01), with the table and the profits above, then ["active"].',
)
def warm_up():
    """Value of an active member, over all months to come."""
    return club()["active"]


@warm_up.mistake("You left out the profit of this month, which comes at once (t = 0).")
def without_this_month():
    return club()["active"] - PROFIT[0]


@warm_up.mistake("You stopped after a year; the task sums over all months.")
def one_year():
    return club(horizon=12)["active"]


@warm_up.mistake("You took 12 % a month; the rate belongs to the period, and that is a month.")
def yearly_rate():
    return club(rate=0.12)["active"]


@warm_up.mistake("This is the value of a resting member.")
def resting():
    return club()["resting"]


@warm_up.mistake("You looked one month ahead only: R + P R / (1 + d). The sum goes on.")
def one_step():
    return club(horizon=1)["active"]


@warm_up.mistake("You turned the table round: rows are where members come from (P, not P.T).")
def transposed():
    step = np.array(CHANCES).T / (1 + MONTHLY)
    return float(np.linalg.solve(np.eye(3) - step, PROFIT)[0])


# Standard: the charity's letters at another price

SILENCE = [str(k) for k in range(1, 8)]
STATES = [*SILENCE, "gone"]
EDGES = [0, 27, 53, 79, 105, 131, 157, 200]  # weeks since the last gift
LETTER = 2.5  # guilders
HALF_YEAR = 1.06**0.5 - 1


@cache
def donors(everybody=False):
    """Donors who answered less than half of their letters, with their state."""
    table = crm.load("charity")
    table["state"] = pd.cut(table["weekslast"], EDGES, labels=SILENCE).astype(str)
    return table if everybody else table[table["propresp"] < 0.5]


def answered(everybody=False):
    return donors(everybody).groupby("state")["respond"].mean()


@task(
    Values("states"),
    means=lambda share: (
        f"From {share['1']:.0%} of those who gave lately down to {share['7']:.0%} after three years "
        "of silence."
    ),
    hint='few.groupby("state")["respond"].mean()',
)
def answers():
    """Share of the donors of each state who answered the letter."""
    return answered()


@answers.mistake("These are all donors; asked are those who answered less than half before.")
def of_everybody():
    return answered(everybody=True)


@answers.mistake("This is the share who did not answer: turn it round.")
def silent_ones():
    return 1 - answered()


@answers.mistake(
    "These shares sum to 1 over the states: where those who answered come from. "
    "Asked is, of each state, the share who answered."
)
def by_column():
    here = donors()
    return here[here["respond"]]["state"].value_counts(normalize=True).sort_index()


@answers.mistake("These are counts; divide by the number of donors in the state.")
def counts():
    return donors().groupby("state")["respond"].sum().astype(float)


@answers.mistake("This is what they answered before (propresp); asked is this letter.")
def before():
    return donors().groupby("state")["propresp"].mean()


def mean_gift():
    return donors().query("respond")["gift"].mean()


def by_end(gift=None, letter=LETTER, rate=HALF_YEAR, everybody=False):
    """Value of a donor in state 1 when letters stop after state 1, 2, ... 7."""
    gift = mean_gift() if gift is None else gift
    share = answered(everybody).to_numpy()
    values = [_programme(share, last, gift, letter, rate) for last in range(1, 8)]
    return pd.Series(values, index=range(1, 8))


def _programme(share, last, gift, letter, rate):
    P = pd.DataFrame(0.0, STATES, STATES)
    R = pd.Series(0.0, STATES)
    for k in range(last):
        P.iloc[k, 0], P.iloc[k, k + 1] = share[k], 1 - share[k]
    P.iloc[last:, -1] = 1.0
    R.iloc[:last] -= letter
    R.iloc[0] += gift
    return crm.migration_value(P, R, rate)["1"]


@task(
    Values("ends"),
    means=lambda value: (
        f"Best is to stop after state {value.idxmax()}, at {value.max():.1f} guilders a donor; "
        f"stopping after state 1 would leave {value[1]:.1f}."
    ),
    hint="Give crm.migration_value the matrix and the rewards of programme(P, last, gift, 2.50), "
    'with last = 1, 2, ... 7, and keep ["1"].',
)
def ends():
    """Value of a donor in state 1, by the last state that gets a letter."""
    return by_end()


@ends.mistake("You discounted a half-year by the rate of a year: 1.06 ** 0.5 - 1.")
def whole_year():
    return by_end(rate=0.06)


@ends.mistake("You forgot that a letter costs 2.50.")
def free_letters():
    return by_end(letter=0.0)


@ends.mistake("The price of the worked example, 3.50; here a letter costs 2.50.")
def old_price():
    return by_end(letter=3.5)


@ends.mistake("Your mean gift counts those who gave nothing; take the gifts of those who answered.")
def gift_with_zeros():
    return by_end(gift=donors()["gift"].mean())


@ends.mistake("You used the chances of all donors; use those of `few`.")
def chances_of_all():
    return by_end(everybody=True)


# Transfer: active and quiet customers of Shihu Garden

KINDS = ["active", "quiet", "lost"]
UNTIL = "2024Q4"
QUARTERLY = 1.12**0.25 - 1


@cache
def firm():
    """State of each customer at the end of each quarter, and the profit of each quarter."""
    orders = crm.load("shihu/orders")
    orders["profit"] = crm.order_profit(orders, crm.load("shihu/order_lines"))
    quarter = orders["date"].dt.to_period("Q").astype(str).rename("quarter")
    profit = orders.groupby(["customer_id", quarter])["profit"].sum().unstack(fill_value=0.0)
    ordered = pd.crosstab(orders["customer_id"], quarter) > 0
    number = pd.Series(range(ordered.shape[1]), ordered.columns)
    waited = number - ordered.mul(number).where(ordered).ffill(axis=1)
    rules = [waited.isna(), waited == 0, waited < 4]
    states = np.select(rules, [None, "active", "quiet"], "lost")
    return pd.DataFrame(states, ordered.index, ordered.columns), profit


@cache
def counted(until=UNTIL):
    return crm.transition_matrix(firm()[0].loc[:, :until], order=KINDS)


@task(
    Table("states"),
    means=lambda shares: (
        f"Of active customers {shares.loc['active', 'active']:.0%} order again in the next quarter, "
        f"of quiet ones {shares.loc['quiet', 'active']:.0%}."
    ),
    hint='crm.transition_matrix(state.loc[:, :"2024Q4"], order=["active", "quiet", "lost"]).shares',
)
def moves():
    """Chances from each state (rows) to each (columns) in a quarter, to the end of 2024."""
    return counted().shares


@moves.mistake("You counted the moves of 2025 too; keep that year to be judged by.")
def saw_the_future():
    return counted(until=None).shares


@moves.mistake("These are counts; divide each row by its sum (the .shares).")
def move_counts():
    return counted().counts.astype(float)


@moves.mistake("Your columns sum to 1; the rows should: rows are where customers come from.")
def of_the_column():
    return counted().counts / counted().counts.sum()


@moves.mistake("These are the standard errors (.se); asked are the chances.")
def errors():
    return counted().se


@moves.mistake("You used the last quarter's moves only; take all up to the end of 2024.")
def last_move():
    return crm.transition_matrix(firm()[0].loc[:, "2024Q3":UNTIL], order=KINDS).shares


def rewards(shift=1, until=UNTIL):
    """Mean profit of the quarter after (shift=1), or of the one that ends, in each state."""
    states, profit = firm()
    first = states.columns[shift]
    before = states.shift(shift, axis=1).loc[:, first:until].stack()
    return profit.stack()[before.index].groupby(before).mean()[KINDS]


def worth(rewards_, horizon=3, rate=QUARTERLY):
    return crm.migration_value(counted().shares, rewards_, rate, horizon=horizon)


@task(
    Values("states"),
    means=lambda value: (
        f"An active customer is worth {value['active']:.0f} yuan, a quiet one {value['quiet']:.0f}. "
        f"In 2025 came {came()['active']:.0f} and {came()['quiet']:.0f}. The chain has no memory; do "
        "customers have one?"
    ),
    hint="crm.migration_value(moves, rewards, 1.12**0.25 - 1, horizon=3): t = 0, 1, 2, 3 are four "
    "quarters.",
)
def value():
    """Discounted profit of four quarters, by state at their beginning."""
    return worth(rewards())


def came():
    """Profit of 2025 by state at the end of 2024, discounted by quarter."""
    states, profit = firm()
    discount = (1 + QUARTERLY) ** -np.arange(4.0)
    return (profit.loc[:, "2025Q1":"2025Q4"] * discount).sum(axis=1).groupby(states[UNTIL]).mean()


@value.mistake("You counted five quarters: the first has t = 0, so four end at horizon=3.")
def five_quarters():
    return worth(rewards(), horizon=4)


@value.mistake("You discounted a quarter by the rate of a year: 1.12 ** 0.25 - 1.")
def rate_of_a_year():
    return worth(rewards(), rate=0.12)


@value.mistake("There is no end to your sum; four quarters can be checked, all of them cannot.")
def for_ever():
    return worth(rewards(), horizon=None)


@value.mistake("These are the rewards of one quarter; four of them follow, with moves between.")
def one_quarter():
    return rewards()


@value.mistake(
    "You took the profit of the quarter in which the state was reached; only the active have any. "
    "Use the rewards of the cell above: those of the quarter that follows."
)
def same_quarter():
    return worth(rewards(shift=0))


@value.mistake("This is what came in 2025; asked is what the chain expects.")
def what_came():
    return came()
