"""Which groups of customers a log holds, if it holds any, and who they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

import crmlib as crm
from crmlib.course.reports.chance import holm
from crmlib.course.reports.words import plain, share, times
from crmlib.errors import DataError, whole

MOST = 6  # groups tried
VALID = 0.75  # Hennig's rule: a cluster that comes back so well is valid
DRAWS = 20
FEWEST = 50  # customers, below which no groups are tried
SAMPLE = 2000  # customers, of whom groups are tried; the rule found is used on all
EARLIER = 182  # days: how long ago customers are grouped once more
SURE = 0.05


def features(log: pd.DataFrame, end: pd.Timestamp | None = None) -> pd.DataFrame:
    """Describe each customer by how lately, how often and how much at a time, on log scales."""
    if log["customer_id"].nunique() < 5:
        problem = whole(None, "there are fewer than five customers, so no fifths")
        raise DataError(problem, "Take in more of them.")
    known = log if end is None else log[log["date"] <= end]
    base = crm.rfm(known, end=end or log["date"].max(), unit="day")
    spent = known.groupby("customer_id", observed=True)["amount"].sum().reindex(base.index)
    mean = spent / (base["frequency"] + 1)  # a day's rows are one purchase
    return pd.DataFrame(
        {
            "silent": np.log1p(base["recency"]),
            "often": np.log(base["frequency"] + 1.0),
            "amount": np.log1p(mean),
        }
    )


def scaled(table: pd.DataFrame, by: pd.DataFrame) -> pd.DataFrame:
    """Bring the features to one scale; what does not vary counts for nothing."""
    spread = by.std().replace(0, np.inf)
    return (table - by.mean()) / spread


def explained(X: np.ndarray, k: int) -> float:
    """Give the share of the spread that k groups take up."""
    model = KMeans(k, n_init=5, random_state=0).fit(X)
    return 1 - model.inertia_ / ((X - X.mean(axis=0)) ** 2).sum()


def tried(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Try 2 to 6 groups: how well each comes back, and what they explain beyond shuffled columns.

    A column shuffled by itself keeps its own shape and loses what it has to do with the others:
    groups that explain no more than that are cut, not found.
    """
    names = ["least stable", "explained", "explained if shuffled"]
    if len(table) < FEWEST:
        return pd.DataFrame(columns=names).rename_axis("groups")
    rng = np.random.default_rng(seed)
    sample = table.sample(min(SAMPLE, len(table)), random_state=seed)
    X = scaled(sample, table).to_numpy()
    rows = {}
    for k in range(2, MOST + 1):
        comes_back = crm.stability(X, KMeans(k, n_init=3), n_boot=DRAWS, seed=seed)["mean"].min()
        mixed = [explained(rng.permuted(X, axis=0), k) for _ in range(3)]
        rows[k] = [comes_back, explained(X, k), np.mean(mixed)]
    return pd.DataFrame.from_dict(rows, "index", columns=names).rename_axis("groups")


def chosen(trial: pd.DataFrame) -> int | None:
    """Choose the most groups that come back and are more than cuts; none if there are none."""
    beyond = trial["explained"] - trial["explained if shuffled"] > 0.02
    good = trial[(trial["least stable"] >= VALID) & beyond]
    return int(good.index.max()) if len(good) else None


def grouped(table: pd.DataFrame, k: int) -> pd.Series:
    """Group all customers; the groups are numbered by what they buy in all, the largest first."""
    sample = table.sample(min(SAMPLE, len(table)), random_state=0)
    model = KMeans(k, n_init=10, random_state=0).fit(scaled(sample, table).to_numpy())
    labels = pd.Series(model.predict(scaled(table, table).to_numpy()), table.index)
    size = (table["often"] + table["amount"]).groupby(labels).mean()
    order = size.rank(ascending=False).astype(int)
    return labels.map(order).map("group {}".format).rename("group")


def kept(log: pd.DataFrame, k: int, now: pd.Series) -> float | None:
    """Group once more as half a year ago; give the agreement (ARI), None on a short log."""
    last = log["date"].max()
    before = last - pd.Timedelta(EARLIER, "D")
    if (before - log["date"].min()).days < EARLIER:
        return None
    then = grouped(features(log, before), k)
    both = then.index.intersection(now.index)
    return float(adjusted_rand_score(then[both], now[both]))


def bands(log: pd.DataFrame) -> pd.DataFrame:
    """Cut the customers into fifths by what they spent in all."""
    spent = log.groupby("customer_id", observed=True)["amount"].sum()
    fifth = 5 - np.floor(5 * (spent.rank(method="first") - 0.5) / len(spent)).astype(int)
    return pd.DataFrame({"spent": spent, "band": fifth.map("fifth {}".format)})


def cards(log: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """Describe the groups in words of the shop."""
    base = crm.rfm(log, unit="day")
    spent = log.groupby("customer_id", observed=True)["amount"].sum().reindex(base.index)
    each = spent / (base["frequency"] + 1)
    table = pd.DataFrame(
        {
            "customers": group.value_counts(),
            "share of sales": spent.groupby(group).sum() / spent.sum(),
            "purchase days": (base["frequency"] + 1).groupby(group).median(),
            "days silent": base["recency"].groupby(group).median(),
            "mean amount": each.groupby(group).median(),
        }
    )
    return table.sort_index().rename_axis("group")


def traits(attributes: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """List what is more common in a group than among all others, by Holm beyond chance."""
    rows = []
    together = attributes.reindex(group.index)
    for column in together:
        values = together[column].astype("str").where(together[column].notna())
        for value in values.dropna().unique():
            for name in sorted(group.unique()):
                rows.append(
                    [name, column, value, *_against(values == value, values.notna(), group == name)]
                )
    table = pd.DataFrame(rows, columns=["group", "attribute", "value", "share", "others", "p"])
    table = table.assign(p=holm(table["p"]))
    found = table[(table["p"] < SURE) & (table["share"] > table["others"])]
    return (
        found.assign(more=found["share"] - found["others"])
        .sort_values(["group", "more"], ascending=[True, False], kind="stable")
        .drop(columns="more")
        .reset_index(drop=True)
    )


def _against(has, known, mine) -> tuple[float, float, float]:
    a, b = has[mine & known], has[~mine & known]
    if len(a) == 0 or len(b) == 0:
        return np.nan, np.nan, 1.0
    counts = [[a.sum(), (~a).sum()], [b.sum(), (~b).sum()]]
    if min(np.sum(counts, axis=0)) == 0:
        return float(a.mean()), float(b.mean()), 1.0
    return float(a.mean()), float(b.mean()), float(stats.fisher_exact(counts).pvalue)


# sentences


def said_bands(table: pd.DataFrame) -> str:
    """Say how much of the sales the best fifth makes."""
    if not table["spent"].sum() > 0:
        return "Nobody paid anything, so there are no sales to share out."
    by = table.groupby("band")["spent"].sum() / table["spent"].sum()
    first, last = by["fifth 1"], by["fifth 5"]
    text = (
        f"The fifth that spent most makes **{share(first)}** of all sales, the last fifth "
        f"{share(last)}."
    )
    if first < 0.3:
        return f"{text} That is nearly even: size tells little here."
    return f"{text} That is what they spent, not what they will: see `crmlib run value`."


def said_groups(trial: pd.DataFrame, k: int | None) -> str:
    """Say whether there are groups, and how many."""
    if trial.empty:
        return f"**No groups were tried**: that takes {FEWEST} customers."
    if k is None:
        return (
            f"**No groups.** None of 2 to {MOST} groups both comes back when the customers are drawn "
            f"again (at best {trial['least stable'].max():.2f}; from {VALID} a group counts as valid) "
            "and explains more than shuffled columns do. Use the fifths: they are cuts, and say so."
        )
    row = trial.loc[k]
    return (
        f"**{k} groups** come back when the customers are drawn again (the least stable reaches "
        f"{row['least stable']:.2f}; from {VALID} it counts as valid). They explain "
        f"{share(row['explained'])} of the differences, on shuffled columns "
        f"{share(row['explained if shuffled'])}. A group may have no border: its edge is a cut."
    )


def said_kept(agreement: float | None) -> str:
    """Say whether customers stay in their group."""
    if agreement is None:
        return "Whether customers stay in their group cannot be known: the log is too short."
    text = (
        f"Grouped as they were {EARLIER} days ago, the customers agree with today by {agreement:.2f} "
        "(1: the same, 0: chance)."
    )
    if agreement < 0.5:
        return f"{text} **Groups of today are no address for next year**: group before each use."
    return f"{text} Group again once in a while."


def said_traits(found: pd.DataFrame | None) -> str:
    """Say whether attributes tell the groups apart."""
    if found is None:
        return "No attributes were given (--attributes), so nothing is said of who they are."
    if found.empty:
        return (
            "No attribute is more common in a group than chance can make it: the groups differ in what "
            "they buy, not in who they are."
        )
    top = found.loc[(found["share"] - found["others"]).idxmax()]
    return (
        f"{times(len(found), 'trait is', 'traits are')} more common in a group than chance allows. The "
        "largest: "
        f"{plain(top['attribute'])} = {plain(top['value'])}, {share(top['share'])} in {top['group']}, "
        f"{share(top['others'])} elsewhere."
    )


COLUMNS = {
    "customer_id": "your id of the customer",
    "group": "group by how lately, how often, how much at a time; empty where there are no groups",
    "band": "fifth by the sum of all amounts: fifth 1 spent most",
    "R": "how lately, 1 to 5, 5 is best",
    "F": "how often, 1 to 5",
    "M": "mean amount of the later purchases, 1 to 5; empty for customers with one",
    "spent": "sum of all amounts",
}


def customers(log: pd.DataFrame, group: pd.Series | None) -> pd.DataFrame:
    """Make the table for a CRM: a row for each customer, who spent most first."""
    base = crm.rfm(log, unit="day")
    table = bands(log).reindex(base.index)
    scores = crm.rfm_scores(base)
    table = (
        pd.DataFrame(
            {"group": pd.NA if group is None else group, "band": table["band"]}, index=base.index
        )
        .join(scores)
        .assign(spent=table["spent"].round(2))
    )
    return table.sort_values("spent", ascending=False, kind="stable").rename_axis("customer_id")
