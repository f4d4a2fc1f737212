"""What a survey says: how satisfied, since when, who differs, and what goes with it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

import crmlib as crm
from crmlib.course.reports.chance import holm
from crmlib.course.reports.words import plain, share
from crmlib.errors import DataError

LEVEL = 1.959964
FEWEST = 30  # answers, below which no group is judged
SURE = 0.95
MOST_ITEMS = 10  # of the bootstrap of importance


def weights_of(survey: pd.DataFrame) -> pd.Series:
    """Give each form its weight, one where none was given."""
    if "weights" in survey:
        return survey["weights"].astype(float)
    return pd.Series(1.0, survey.index)


def mean(values: pd.Series, weights: pd.Series) -> crm.Estimate:
    """Estimate a weighted mean with its linearised interval."""
    there = values.notna() & (weights > 0)
    x, w = values[there].to_numpy(float), weights[there].to_numpy(float)
    value = float(w @ x / w.sum())
    se = float(np.sqrt(((w * (x - value)) ** 2).sum()) / w.sum()) * np.sqrt(
        len(x) / max(len(x) - 1, 1)
    )
    return crm.Estimate(value, se, value - LEVEL * se, value + LEVEL * se, len(x))


@dataclass(frozen=True)
class Change:
    """A difference of two means, with those who answered both counted as the same people."""

    value: float
    se: float
    both: int = 0

    @property
    def low(self) -> float:
        """Give the lower end of the 95 % interval."""
        return self.value - LEVEL * self.se

    @property
    def high(self) -> float:
        """Give the upper end of the 95 % interval."""
        return self.value + LEVEL * self.se

    @property
    def p(self) -> float:
        """Give how often chance alone makes so large a difference."""
        return float(2 * stats.norm.sf(abs(self.value) / self.se)) if self.se > 0 else 1.0


def change(one: pd.DataFrame, two: pd.DataFrame, column: str) -> Change:
    """Compare two sets of forms; answers of one respondent in both are not independent."""
    parts, means = [], []
    for forms, sign in ((two, 1), (one, -1)):
        w, x = weights_of(forms), forms[column]
        w = w.where(x.notna(), 0)
        centre = float((w * x.fillna(0)).sum() / w.sum())
        influence = sign * w * (x.fillna(centre) - centre) / w.sum()
        who = forms["respondent"] if "respondent" in forms else pd.Series(np.nan, forms.index)
        key = who.astype("object").where(who.notna(), [f"{sign} {i}" for i in range(len(forms))])
        parts.append(influence.groupby(key.to_numpy()).sum())
        means.append(centre)
    together = parts[0].add(parts[1], fill_value=0)
    both = len(parts[0].index.intersection(parts[1].index))
    return Change(means[0] - means[1], float(np.sqrt((together**2).sum())), both)


def ranked(survey: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    """Estimate each item's mean, the lowest first."""
    w = weights_of(survey)
    rows = {item: mean(survey[item], w) for item in items}
    table = pd.DataFrame(
        {
            item: {"mean": e.value, "low": e.low, "high": e.high, "answers": e.n}
            for item, e in rows.items()
        }
    ).T
    return table.astype({"answers": int}).sort_values("mean", kind="stable").rename_axis("item")


def gap(survey: pd.DataFrame, lower: str, higher: str) -> Change:
    """Compare two items of the same forms."""
    both = survey[[lower, higher]].dropna()
    e = mean(both[higher] - both[lower], weights_of(survey)[both.index])
    return Change(e.value, e.se, len(both))


def groups(survey: pd.DataFrame, column: str) -> pd.DataFrame:
    """Hold each group against all the others; p by Holm, for so many comparisons."""
    rows = {}
    for name, forms in survey.dropna(subset=["group", column]).groupby("group"):
        rest = survey[(survey["group"] != name) & survey["group"].notna() & survey[column].notna()]
        if len(forms) < FEWEST or len(rest) < FEWEST:
            continue
        it = change(rest, forms, column)
        e = mean(forms[column], weights_of(forms))
        rows[name] = [e.value, e.low, e.high, e.n, it.value, it.low, it.high, it.p]
    names = ["mean", "low", "high", "answers", "against the others", "from", "to", "p"]
    table = pd.DataFrame.from_dict(rows, "index", columns=names).rename_axis("group")
    return table.assign(**{"p (Holm)": holm(table["p"])}).drop(columns="p").astype({"answers": int})


def drivers(
    survey: pd.DataFrame, items: list[str], draws: int = 200
) -> tuple[pd.DataFrame | None, str]:
    """Divide what explains the overall rating among the items, redrawn; or say why not."""
    if "overall" not in survey:
        return None, "no overall rating was named (--overall)"
    full = survey.dropna(subset=[*items, "overall"])
    if len(full) < 10 * len(items):
        return None, f"{len(full):,} complete forms are too few for {len(items)} items"
    if not 2 <= len(items) <= MOST_ITEMS:
        return None, f"2 to {MOST_ITEMS} items can be compared, not {len(items)}"
    w = weights_of(full) if "weights" in full else None
    try:
        table = crm.bootstrap(full[items], full["overall"], n=draws, weights=w)
    except DataError as error:
        return None, error.problems["problem"].iloc[0]
    table = table.sort_values("value", ascending=False).rename_axis("item")
    table.attrs |= {"n": len(full), "first": _first(full, items, w, draws)}
    return table, ""


def _first(full: pd.DataFrame, items: list[str], w, draws: int) -> float:
    """Give the share of redraws in which the first item is first."""
    best = crm.importance(full[items], full["overall"], weights=w).idxmax()
    rng, wins = np.random.default_rng(0), 0
    for _ in range(draws):
        rows = rng.integers(0, len(full), len(full))
        drawn = full.iloc[rows].reset_index(drop=True)
        mine = None if w is None else w.iloc[rows].reset_index(drop=True)
        try:
            wins += crm.importance(drawn[items], drawn["overall"], weights=mine).idxmax() == best
        except DataError:
            continue
    return wins / draws


# sentences


def in_order(waves) -> list[str]:
    """Put the names of waves in order: by the year in them, then by text and numbers.

    >>> in_order(["Q1 2025", "Q4 2024", "Q2 2025"]), in_order(["wave 10", "wave 9"])
    (['Q4 2024', 'Q1 2025', 'Q2 2025'], ['wave 9', 'wave 10'])
    """

    def place(wave: str) -> tuple:
        year = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", wave)
        parts = [
            (part.isdecimal(), int(part) if part.isdecimal() else part) for part in _parts(wave)
        ]
        return int(year[0]) if year else 0, parts

    return sorted(waves, key=place)


def judged(waves: pd.Series) -> list[str]:
    """Give the waves that have enough forms, in order."""
    count = waves.value_counts()
    return in_order(count.index[count >= FEWEST])


def _parts(wave: str) -> list[str]:
    return [part for part in re.split(r"(\d+)", wave) if part]


def answered(survey: pd.DataFrame, items: list[str]) -> tuple[pd.DataFrame, str]:
    """Give each form its rating, the overall one or the mean of its items, and what to call it."""
    if "overall" in survey:
        return survey.assign(rating=survey["overall"]), "Overall"
    return survey.assign(rating=survey[items].mean(axis=1)), "The mean of the items is"


def top_two(ratings: pd.Series, weights: pd.Series, scale: tuple[float, float]):
    """Estimate the share of the two best answers; None for ratings between the points."""
    there = ratings.dropna()
    if not (there % 1 == 0).all() or scale[1] - scale[0] < 2:
        return None
    return crm.csat(there, top=2, scale=tuple(scale), weights=weights[there.index])


def said_overall(
    e: crm.Estimate, top: crm.Estimate | None, scale: tuple[float, float], what: str = "Overall"
) -> str:
    """Say how satisfied the respondents are."""
    best = (
        f" {share(top.value)} ({share(top.low)} to {share(top.high)}) gave one of the two best answers."
        if top is not None
        else ""
    )
    return (
        f"{what} **{e.value:.2f}** on {scale[0]:g} to {scale[1]:g} ({e.low:.2f} to {e.high:.2f}, "
        f"{e.n:,} answers).{best} The intervals hold the luck of who answered; not that others did not."
    )


def said_change(it: Change, before: str, after: str) -> str:
    """Say whether two waves differ."""
    people = f"; {it.both:,} people answered both" if it.both else ""
    text = (
        f"From {plain(before)} to {plain(after)} the rating changed by {it.value:+.2f} "
        f"({it.low:+.2f} to {it.high:+.2f}{people})"
    )
    if it.low > 0:
        return f"{text}: **it rose**."
    if it.high < 0:
        return f"{text}: **it fell**."
    return f"{text}: no more than chance can do. It may have changed by anything in that interval."


def said_weakest(table: pd.DataFrame, next_gap: Change) -> str:
    """Say which item is lowest, if it can be told from the next."""
    lowest, following = map(plain, table.index[:2])
    row = table.iloc[0]
    held = f"{row['low']:.2f} to {row['high']:.2f}"
    text = f"The lowest mean is that of **{lowest}**: {row['mean']:.2f} ({held})."
    if next_gap.low > 0:
        held = f"{next_gap.low:.2f} to {next_gap.high:.2f}"
        return f"{text} {following} stands {next_gap.value:.2f} above it ({held})."
    return f"{text} Whether it or {following} is lower these answers cannot tell."


def said_groups(table: pd.DataFrame, left_out: int) -> str:
    """Say which groups differ from all the others beyond chance."""
    text = ""
    if table.empty:
        text = f"No group has the {FEWEST} answers that it takes to judge one."
    else:
        differ = table[table["p (Holm)"] < 1 - SURE]
        if differ.empty:
            text = (
                f"None of {len(table)} groups differs from the others by more than chance can do."
            )
        for name, row in differ.iterrows():
            word = "above" if row["against the others"] > 0 else "below"
            text += (
                f"**{plain(name)}** lies {abs(row['against the others']):.2f} {word} the others "
                f"(p = {row['p (Holm)']:.3f}, for {len(table)} comparisons). "
            )
    if left_out:
        text = f"{text.strip()} Left out, for fewer than {FEWEST} answers: {left_out}."
    return text.strip()


def said_drivers(table: pd.DataFrame | None, why: str) -> str:
    """Say what goes with the overall rating, and that going with is not causing."""
    if table is None:
        return f"**No drivers**: {plain(why)}."
    first, second = map(plain, table.index[:2])
    row, chance = table.iloc[0], table.attrs["first"]
    text = (
        f"The items explain {share(table['value'].sum())} of how ratings differ "
        f"({table.attrs['n']:,} complete "
        f"forms). The largest part is that of **{first}**, {share(row['value'])} "
        f"({share(row['low'])} to {share(row['high'])})"
    )
    if chance >= SURE:
        text += f"; it came first in {share(chance)} of the redraws."
    else:
        text += (
            f"; but it came first in only {share(chance)} of the redraws: {second} may be as large."
        )
    return (
        f"{text} What goes with a rating need not move it: try a change on a part of the customers."
    )


COLUMNS = {
    "item": "items.csv: the column of the survey",
    "group": "groups.csv: the group",
    "mean": "mean answer, weighted where weights were given",
    "low": "lower end of its 95 % interval",
    "high": "upper end of its 95 % interval",
    "answers": "how many answered",
    "against the others": "mean of the group less that of all others",
    "from": "lower end of the 95 % interval of that difference",
    "to": "upper end of the 95 % interval of that difference",
    "p (Holm)": "how often chance alone makes one of so many differences so large",
}
