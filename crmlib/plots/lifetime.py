"""Plots of chapter 2: buying over time, and what models expected of it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crmlib import validate
from crmlib.errors import DataError, whole
from crmlib.logs.dates import as_day
from crmlib.plots._axes import axes, short_dates
from crmlib.plots.style import BLUE, COLOURS, DASHES, GREY, MARKERS
from crmlib.units import DAYS


def tracking(actual, expected, *, split=None, cumulative=False, unit="week", ax=None):
    """Follow repeat purchases over time: what happened, and what each model expected.

    Parameters
    ----------
    actual : Series
        Repeat purchases in each period, indexed by the period's end (numbers or dates).
    expected : DataFrame
        One column for each model, same index.
    split : number or date, optional
        End of the data that the models were fitted to.
    cumulative : bool
        Draw running totals instead of purchases by period.
    unit : str
        Length of a period, for the labels.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> weeks = pd.RangeIndex(1, 5)
    >>> ax = tracking(pd.Series([9, 8, 8, 6], weeks), pd.DataFrame({"BG/NBD": 8.0}, weeks), split=2)
    >>> ax.get_ylabel()
    'Repeat purchases a week'
    """
    validate.choice(unit, DAYS, "unit")
    actual = validate.numbers(actual, "actual")
    expected = _models(expected, actual, "actual")
    if cumulative:
        actual, expected = actual.cumsum(), expected.cumsum()
    top = max(actual.max(), expected.max().max())
    if not np.isfinite(top):
        raise DataError(whole("expected", "has no number, or an infinite one"), "Look it up.")
    ax = axes(ax)
    ends = []
    for name, values, style in _styles(actual, expected):
        ax.plot(values.index, values, **style | {"marker": ""}, label=name)
        ends.append((name, values.index[-1], values.iloc[-1], style["color"]))
    ax.set_ylim(0, top * 1.15)
    if isinstance(actual.index, pd.DatetimeIndex):
        short_dates(ax)
    else:
        ax.set_xlabel(unit.capitalize())
    ax.set_ylabel("Repeat purchases so far" if cumulative else f"Repeat purchases a {unit}")
    if split is not None:
        _mark_split(ax, split)
    _label_ends(ax, ends)
    return ax


def calibration(frequency, actual, expected, *, top=7, ax=None):
    """Compare mean holdout purchases with each model's, by how often customers bought before.

    Parameters
    ----------
    frequency : Series
        Repeat purchases in the past, one for each customer.
    actual : Series
        Purchases in the holdout period, same customers.
    expected : DataFrame
        Predicted purchases in the holdout period, one column for each model, same customers.
    top : int
        Customers with this many repeat purchases or more are taken together.
    ax : Axes, optional

    Returns
    -------
    Axes
        Bars at the actual means are plus and minus two standard errors.

    References
    ----------
    The plot is figure 4 of Fader, Hardie & Lee (2005), "Counting your customers" the easy way,
    Marketing Science 24(2).

    Examples
    --------
    >>> x = pd.Series([0, 0, 1, 9])
    >>> ax = calibration(x, pd.Series([0, 1, 1, 7]), pd.DataFrame({"BG/NBD": [0.2, 0.2, 1.0, 6.5]}))
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['0', '1', '7+']
    """
    top = validate.whole_number(top, "top")
    frequency, actual = validate.finite(frequency, "frequency"), validate.finite(actual, "actual")
    expected = _models(expected, frequency, "frequency")
    actual = validate.aligned(actual, frequency.index, "actual", "frequency")
    ax = axes(ax)
    groups = frequency.clip(upper=top).astype(int)
    means, se = actual.groupby(groups).mean(), actual.groupby(groups).sem().fillna(0)
    predicted = expected.groupby(groups).mean()
    places = np.arange(len(means))  # groups stand side by side, also where one has nobody
    for name, values, style in _styles(means, predicted):
        ax.plot(places, values, **style, label=name)
    ax.errorbar(
        places, means, yerr=2 * se, fmt="none", ecolor="black", elinewidth=1, capsize=4,
        label="± 2 standard errors",
    )  # fmt: skip
    ax.set_xticks(places, [f"{x}+" if x == top else f"{x}" for x in means.index])
    ax.set_ylim(bottom=0)
    ax.set(xlabel="Repeat purchases in the past", ylabel="Mean purchases in the holdout")
    ax.legend(loc="upper left")
    return ax


def histories(log, customers, *, end, split=None, ax=None):
    """Draw customers' purchases on a time line each; dashed from the last one on.

    Parameters
    ----------
    log : DataFrame
        With columns ``customer_id`` and ``date``.
    customers : sequence
        Whom to draw; those silent for longest come first, at the bottom.
    end : date
        Until when the customers were watched.
    split : date, optional
        A date to mark: end of the calibration period.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> days = pd.to_datetime(["2026-01-05", "2026-03-01", "2026-02-01"])
    >>> log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": days})
    >>> ax = histories(log, ["a", "b"], end="2026-06-30")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['b', 'a']
    """
    validate.table(log, "log", ["customer_id", "date"])
    one = isinstance(customers, str) or not np.iterable(customers)
    customers = [customers] if one else list(customers)
    validate.columns(log["customer_id"].unique(), customers, what="customer")
    ax, end = axes(ax), as_day(end, "end")
    dates = log[log["customer_id"].isin(customers)].groupby("customer_id")["date"]
    order = dates.max().sort_values(kind="stable").index
    rows = np.arange(len(order))
    first, last = dates.min()[order], dates.max()[order]
    ax.hlines(rows, first, last, color=BLUE, linewidth=1.5)
    ax.hlines(rows, last, end, color=GREY, linewidth=1.2, linestyle=(0, (2, 3)))
    for row, customer in zip(rows, order, strict=True):
        days = dates.get_group(customer).drop_duplicates()
        ax.plot(days, np.full(len(days), row), linestyle="", marker="o", color=BLUE)
    ax.set_yticks(rows, order.astype(str))
    ax.set_ylim(-0.7, len(rows) + (0.1 if split is not None else -0.3))
    ax.grid(axis="y", visible=False)
    ax.set_ylabel("Customer")
    short_dates(ax)
    if split is not None:
        _mark_split(ax, as_day(split, "split"))
    return ax


def alive_map(model, *, T, frequencies=range(1, 13), unit="week", ax=None):
    """Map P(alive) over how often a customer bought again and how long ago the last time was.

    Parameters
    ----------
    model : BGNBD, MBGNBD or ParetoNBD
        Fitted; anything whose ``predict(summary, t)`` has a column ``p_alive``.
    T : float
        How long the customers have been watched, in `unit`.
    frequencies : sequence of int
        Repeat purchases to show, from 1 on: without any, there is no last repeat purchase.
    unit : str
        Of `T` and of the model's times.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> class Forgetful:
    ...     def predict(self, summary, t):
    ...         return pd.DataFrame({"p_alive": summary["t_x"] / summary["T"]})
    >>> alive_map(Forgetful(), T=39).get_xlabel()
    'Weeks since the last purchase'
    """
    validate.choice(unit, DAYS, "unit")
    validate.positive(T, "T")
    if not hasattr(model, "predict"):
        raise validate.wrong("model", model, "a fitted model of purchases")
    ax = axes(ax)
    silence = np.linspace(0, T, 80)[:-1]  # the last repeat purchase came after the first one
    x, gap = np.meshgrid(np.asarray(frequencies), silence, indexing="ij")
    cells = pd.DataFrame({"frequency": x.ravel(), "t_x": T - gap.ravel(), "T": float(T)})
    p = np.asarray(model.predict(cells, 1)["p_alive"]).reshape(x.shape)
    mesh = ax.pcolormesh(silence, frequencies, p, vmin=0, vmax=1, shading="nearest")
    ax.contour(silence, frequencies, p, levels=[0.5], colors="white", linestyles="--")
    ax.grid(visible=False)
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.set(xlabel=f"{unit.capitalize()}s since the last purchase", ylabel="Repeat purchases")
    bar = ax.figure.colorbar(mesh, ax=ax, label="P(alive); dashed: 0.5")
    bar.ax.axhline(0.5, color="white", linestyle="--")
    return ax


def _styles(actual, expected) -> Iterator[tuple[str, pd.Series, dict]]:
    """Give each series its look: the actual in black, models by colour, dash and marker."""
    if actual is not None:
        yield "actual", actual, {"color": "black", "linestyle": "-", "marker": "o"}
    looks = zip(COLOURS, DASHES[1:], MARKERS[1:], strict=False)
    for (name, values), (colour, dash, marker) in zip(expected.items(), looks, strict=False):
        yield str(name), values, {"color": colour, "linestyle": dash, "marker": marker}


def _models(expected, like: pd.Series, name: str) -> pd.DataFrame:
    """Give the numbers of each model, in the rows that those of `like` have."""
    given = validate.table(expected, "expected").apply(validate.numbers)
    return given.apply(lambda column: validate.aligned(column, like.index, str(column.name), name))


def _mark_split(ax, split) -> None:
    """Draw the line between the data a model has seen and those it has not."""
    ax.axvline(split, color=GREY, linewidth=1, linestyle="--")
    for text, side in (("calibration ", "right"), (" holdout", "left")):
        where = ax.get_xaxis_transform()
        ax.text(split, 0.99, text, transform=where, ha=side, va="top", color=GREY)


def _label_ends(ax, ends) -> None:
    """Write each line's name at its end, pushed apart where they would overlap."""
    points = ax.figure.get_figheight() * 72 * 0.8  # height of the plot, near enough
    bottom, top = ax.get_ylim()
    height = -np.inf
    for name, x, y, colour in sorted(ends, key=lambda end: end[2]):
        at = (y - bottom) / (top - bottom) * points
        height = max(at, height + 14)
        ax.annotate(
            name, (x, y), xytext=(6, height - at), textcoords="offset points",
            color=colour, va="center", annotation_clip=False,
        )  # fmt: skip
