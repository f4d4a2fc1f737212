"""A reader's own log on its way into a run: read, put in order, checked.

What is set aside is counted and listed; what is in doubt is said; the rest is refused with its rows.
"""

from __future__ import annotations

import argparse
import re
import warnings
from pathlib import Path

import pandas as pd

from crmlib.course import places, written
from crmlib.course.advice import in_options, note, refusal
from crmlib.course.doubts import oddities, repeated
from crmlib.course.options import MARGINS, names
from crmlib.course.refunds import net, refunds
from crmlib.course.reports.words import times
from crmlib.course.tables import TEXT_FILES, read_table
from crmlib.errors import DataError, find, refuse, whole
from crmlib.logs import check_log
from crmlib.logs.files import write_log, write_table

ATTRIBUTES, KINDS = "attributes.csv", 30  # the file; how many values a trait may have
_STATUS = re.compile(r"\b(status|stage|state|event type)\b|状态|狀態", re.I)
_QUANTITY = re.compile(r"\b(quantity|qty|units|menge|anzahl)\b|数量|數量|件数", re.I)
_PRICE = re.compile(r"price|preis|单价|單價|价格", re.I)


def prepare(args: argparse.Namespace, folder: Path) -> tuple[Path, list[str]]:
    """Check the reader's log, leave it in `folder`; return where, and what to know about it."""
    log, aside, facts = _looked_at(args, folder)
    print(*facts, sep="\n")
    write_log(log, folder / "log.csv")
    if "margin" in log:
        write_table(_by_customer(log), folder / MARGINS)
    if len(aside):
        write_table(aside.rename_axis("row"), folder / "set_aside.csv")
    return folder / "log.csv", facts


def given(args: argparse.Namespace, file: Path) -> dict[str, object]:
    """Give the parameters by which a notebook finds the log, and what else is known of customers."""
    if not getattr(args, "attributes", None):
        return {"LOG": file.name}
    write_table(attributes(args), file.parent / ATTRIBUTES)
    return {"LOG": file.name, "ATTRIBUTES": ATTRIBUTES}


def attributes(args: argparse.Namespace) -> pd.DataFrame:
    """Read what is known of customers: a row for each id, the columns named by ``--traits``."""
    traits = names(args.traits)
    if not traits:
        raise places.Refusal("With --attributes, name its columns: --traits city,source, say.")
    try:
        columns = [args.customer, *traits]
        table = read_table(args.attributes, columns, text=columns, encoding=args.encoding)
        ids, _ = _plain_ids(table[args.customer])
        twice = ids.notna() & ids.duplicated()
        refuse([find(ids, twice, "stands there twice")], "Give each customer one row.")
    except DataError as error:
        raise places.Refusal(f"{Path(args.attributes).name}: {in_options(str(error))}") from error
    table = table.assign(**{args.customer: ids}).dropna(subset=args.customer)
    many = [name for name in traits if table[name].nunique() > KINDS]
    if many:
        raise places.Refusal(
            f"{many[0]} has {table[many[0]].nunique():,} different values; a trait has {KINDS} at most. "
            "Put them together first: ages into age groups, cities into regions."
        )
    return table.set_index(args.customer).rename_axis("customer_id")


def _looked_at(args: argparse.Namespace, folder: Path):
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            log, aside, doubts = checked(args)
    except DataError as error:
        raise refusal(error, args, folder) from error
    doubts += [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    first, last, n = log["date"].min(), log["date"].max(), log["customer_id"].nunique()
    said = described(len(log), n, log.attrs["read_as"], Path(args.data).name, first, last)
    return log, aside, [said, *map(note, doubts)]


def checked(args: argparse.Namespace) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Read a log by the options given; return it, what was set aside, and what is in doubt."""
    option = vars(args).get
    roles = {"customer": args.customer, "date": args.date, "amount": args.amount}
    everything = _read(args)
    doubts, read_as = everything.attrs["doubts"], everything.attrs["read_as"]
    other = _no_purchase(everything, list(roles.values()), option("only"))
    doubts += [f"{times(n, 'row was', 'rows were')} set aside: {why}" for why, n in _counted(other)]
    doubts += _hints(everything.attrs.get("columns", []), args)
    table, date_format, said = _in_order(everything[other == ""], args)
    doubts += [*said, *repeated(table)]
    nobody = _nobody(table[args.customer], option("missing_ids") or "refuse")
    back = refunds(table[args.amount], option("refunds") or "refuse") & ~nobody
    why = pd.Series("", table.index).mask(nobody, "no customer id").mask(back, "a refund")
    log = _log(table[why == ""], roles, date_format)
    if isinstance(option("margin"), str):
        log["margin"] = _margins(table.loc[why == "", args.margin])
    doubts += _said(nobody, "row without a customer id was", "rows without a customer id were")
    if option("refunds") == "net" and back.any():
        positive = table[back].assign(**{args.amount: -table.loc[back, args.amount]})
        log, reasons, netted = net(log, _log(positive, roles, date_format))
        why.update(reasons)
        doubts.append(netted)
    else:
        doubts += _said(back, "refund was", "refunds were")
    aside = pd.concat([set_aside(everything, other), set_aside(table, why)]).sort_index()
    doubts += oddities(log)
    if len(aside):
        rows = times(len(aside), "row that is", "rows that are")
        doubts.append(f"set_aside.csv lists the {rows} not in the log as read")
    log = log.reset_index(drop=True)
    log.attrs["read_as"] = read_as
    return log, aside, doubts


def _read(args: argparse.Namespace) -> pd.DataFrame:
    """Read the columns that the options name; an amount may be the product of two."""
    option = vars(args).get
    factors = product(args.amount)
    margin = [args.margin] if isinstance(option("margin"), str) else []
    kind = asked_of(args)
    table = read_table(
        args.data,
        [args.customer, args.date, *factors, *margin, *kind],
        text=[args.customer, args.date, *_as_written(args), *kind],
        encoding=option("encoding"),
        part=option("table"),
    )
    if len(factors) > 1:
        read = {name: _factor(table[name], option("decimal")) for name in factors}
        table[args.amount] = pd.DataFrame(read).prod(axis=1, skipna=False).round(6)
    return table


def product(amount: str) -> list[str]:
    """Give the columns of ``Price*Quantity``; a name such as ``Amount*`` is one column.

    >>> product("Price * Quantity"), product("Amount*")
    (['Price', 'Quantity'], ['Amount*'])
    """
    factors = [name.strip() for name in amount.split("*")]
    return factors if all(factors) else [amount]


def _factor(column: pd.Series, decimal: str | None) -> pd.Series:
    numbers, _ = written.amounts(column, decimal)
    bad = column.notna() & pd.to_numeric(numbers, errors="coerce").isna()
    refuse([find(column, bad, "not a plain number")], "Prices and quantities are numbers.")
    return pd.to_numeric(numbers)


def asked_of(args: argparse.Namespace) -> list[str]:
    """Name the column by which ``--only`` keeps rows, if there is one."""
    only = getattr(args, "only", None)
    return [_kept(only)[0]] if only else []


def _kept(only: str) -> tuple[str, list[str]]:
    """Read ``Status=Paid,Shipped``: the column, and what it may say."""
    column, _, values = only.partition("=")
    if not (column.strip() and names(values)):
        raise places.Refusal(f"--only {only}: write it as COLUMN=VALUE, such as Status=Paid.")
    return column.strip(), names(values)


def of_another_kind(table: pd.DataFrame, only: str | None) -> pd.Series:
    """Give each row that ``--only`` does not keep its reason, and the others nothing."""
    why = pd.Series("", table.index)
    if not only:
        return why
    column, values = _kept(only)
    there = table[column].astype("str").str.strip()
    if not there.isin(values).any():
        most = ", ".join(f"{name} ({n:,})" for name, n in there.value_counts().head(8).items())
        raise DataError(whole(column, f"is never {' or '.join(values)}"), f"It is {most}.")
    return why.mask(~there.isin(values), f"{column} is " + there.fillna("empty"))


def _no_purchase(table: pd.DataFrame, roles: list[str], only: str | None) -> pd.Series:
    """Give each row that is no purchase its reason: of another kind, or with one of three things."""
    why, filled = of_another_kind(table, only), table[roles].notna()
    little = (filled.sum(axis=1) < 2) & (why == "")  # further lines of an order, a sum at the end
    has = filled[little].idxmax(axis=1).where(filled[little].any(axis=1))
    why.update("nothing but " + has.fillna("other columns"))
    return why


def _counted(why: pd.Series) -> list[tuple[str, int]]:
    """Count reasons; where there are many, as one."""
    counts = why[why != ""].value_counts()
    if len(counts) > 6:
        return [("of another kind, by --only", int(counts.sum()))]
    return list(counts.items())


def _hints(columns: list[str], args: argparse.Namespace) -> list[str]:
    """Point at columns that tell what is no purchase, or that a price is that of one piece."""
    kinds = [name for name in columns if _STATUS.search(name)]
    counts = [name for name in columns if _QUANTITY.search(name)]
    said = []
    if kinds and not vars(args).get("only"):
        said.append(
            f"the file has a column {kinds[0]!r}: if some rows are no purchases (unpaid, cancelled), "
            f'keep the others, --only "{kinds[0]}=..."'
        )
    if counts and _PRICE.search(args.amount) and len(product(args.amount)) == 1:
        said.append(
            f"the file has a column {counts[0]!r}: if {args.amount} is the price of one piece, say "
            f'--amount "{args.amount}*{counts[0]}"'
        )
    return said


def _in_order(table: pd.DataFrame, args: argparse.Namespace):
    """Read ids, days and amounts as they are written; give the format left, and what is in doubt."""
    table = table.copy()
    for column in {args.date, *_as_written(args)} & {*table}:
        if table[column].dtype == "str":
            table[column] = table[column].replace("NA", None)
    ids, note = _plain_ids(table[args.customer])
    numbers, said = written.amounts(table[args.amount], vars(args).get("decimal"))
    dates, date_format, doubt = written.days(table[args.date], args.date_format)
    table = table.assign(**{args.customer: ids, args.date: dates, args.amount: numbers})
    return table, date_format, [*note, *said, *doubt]


def set_aside(table: pd.DataFrame, why: pd.Series) -> pd.DataFrame:
    """Give the rows that have a reason why they do not count, as they came, with the reason."""
    column = "reason" if "reason" not in table else "reason set aside"
    return table[why != ""].assign(**{column: why[why != ""]})


def _as_written(args: argparse.Namespace) -> list[str]:
    """Keep amounts of a text file as text where their signs were named: 1.250 may be 1250."""
    in_text = str(args.data).lower().endswith(TEXT_FILES)
    return product(args.amount) if in_text and getattr(args, "decimal", None) else []


def _log(table: pd.DataFrame, roles: dict, date_format: str | None) -> pd.DataFrame:
    log = check_log(table, **roles, date_format=date_format)
    log.index = table.index
    return log


def _said(aside: pd.Series, one: str, many: str) -> list[str]:
    return [f"{times(int(aside.sum()), one, many)} set aside"] * bool(aside.any())


def _plain_ids(ids: pd.Series) -> tuple[pd.Series, list[str]]:
    """Take the ".0" off ids that a program wrote as numbers: 17850.0 is customer 17850."""
    if ids.dtype != "str":
        return ids, []
    floats = ids.str.fullmatch(r"\s*\d+\.0\s*").eq(True)
    numbers = floats | ids.isna() | ids.str.fullmatch(r"\s*\d+\s*").eq(True)
    if not (floats.any() and numbers.all()):
        return ids, []
    example = ids[floats].iloc[0].strip()
    ids_are = times(int(floats.sum()), "id is", "ids are")
    note = f"{ids_are} written like {example}, and read as {example[:-2]}"
    return ids.str.replace(r"\.0(?=\s*$)", "", regex=True), [note]


def _nobody(ids: pd.Series, how: str) -> pd.Series:
    """Find the rows that name no customer, if they are to be set aside."""
    nobody = ids.isna()
    if pd.api.types.is_string_dtype(ids.dtype):
        nobody |= ids.str.strip().eq("")
    if how == "refuse":
        return pd.Series(False, ids.index)
    if nobody.all():
        problem = find(ids, nobody, "no customer id")
        raise DataError(problem, "No row is left: is this the column of the customer?")
    return nobody


def _margins(margins: pd.Series) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(margins.dtype):
        advice = "A margin is a number: the share of the amount that is earned, such as 0.3."
        raise DataError(whole(margins.name, "is not a column of numbers"), advice)
    bad = ~margins.between(0, 1)
    refuse([find(margins, bad, "no margin")], "A margin is a share of the amount: 0 to 1.")
    return margins.astype("float64")


def _by_customer(log: pd.DataFrame) -> pd.DataFrame:
    """Weigh the margins of each customer's purchases by their amounts."""
    earned = log.assign(earned=log["amount"] * log["margin"])
    sums = earned.groupby("customer_id", observed=True)[["amount", "earned", "margin"]].agg(
        {"amount": "sum", "earned": "sum", "margin": "mean"}
    )
    shares = (sums["earned"] / sums["amount"]).where(sums["amount"] > 0, sums["margin"])
    return shares.to_frame("margin")


def described(rows, customers, read_as: str, name: str, first, last) -> str:
    """Say what was read."""
    return (
        f"Read {times(int(rows), 'row', 'rows')} of {times(int(customers), 'customer', 'customers')} "
        f"({read_as}). "
        f"{name} goes from {first:%Y-%m-%d} to {last:%Y-%m-%d}."
    )
