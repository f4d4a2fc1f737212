"""Feedback for exercises 4.1, who is who."""

from functools import cache

import numpy as np
import pandas as pd

import crmlib as crm
from crmlib.course.checks import Integer, Number, choose, recipe


@cache
def records():
    """Give the contact records with their truth, and the keys that students take."""
    table = crm.load("shihu/contacts").merge(crm.load("shihu/truth_contacts"), on="record_id")
    table["lower"] = table["email"].str.lower()
    table["one form"] = crm.normalise_phone(table["phone"])
    return table


def pairs(keys):
    """Count pairs of rows that share a key; a missing one shares nothing."""
    n = keys.value_counts()
    return (n * (n - 1) // 2).sum()


def joint(keys, other):
    """Count pairs of rows that share both."""
    both = pd.DataFrame({"key": keys, "other": other}).dropna()
    n = both.groupby(["key", "other"]).size()
    return (n * (n - 1) // 2).sum()


# Warm-up: name and year of birth as a key


@recipe(
    Integer(),
    means=lambda missed: f"The key misses {missed:,} pairs, mostly because a year is not known.",
    hints=(
        "Which pairs should be joined, and which of these are?",
        "The function `judge` in the section of the example on the phone as the key.",
        "Pairs that share the customer, less those that share customer, name and year; a missing "
        "year joins nobody.",
    ),
)
def name_year(
    *,
    key=choose(
        "name and year",
        {
            "just names": "You joined by just names; the year belongs to the key.",
            "birth years": "You joined by birth years alone; the name belongs to the key.",
            "spaces removed": "You removed spaces from the names; take them as written.",
            "name and city": "You took name and city; the task says the year of birth.",
            "one form": "You took the number in one form; the key here is name and year.",
            "email": "You took the email; the key here is name and year.",
            "surname": "You took the surname (the first character) with the year; take the whole name.",
            "with city": "You asked for the city too, a key with city; the task says name and year.",
            "titles dropped": "You dropped records that hold a title for a name; take names as "
            "written.",
            "either": "You joined where either agrees, name or year; both must.",
        },
    ),
    missing=choose(
        "joins nobody",
        {
            "value of its own": "You took a missing year for a value of its own, which joins all "
            "who share a name without one.",
        },
    ),
    rows=choose(
        "all",
        {
            "consent": "You kept the records with consent; all count.",
            "first entry": "You left out records entered twice and kept the first entry; all count.",
            "web": "You kept the web list alone; all four lists count.",
            "shop": "You kept the list of the shop alone; all four lists count.",
            "within each": "You counted pairs within each list only; pairs across lists count too.",
            "filled": "You dropped records without a filled year before counting true pairs; "
            "they are true pairs too, and missed.",
            "across": "You counted pairs across two lists only; pairs within a list count too.",
        },
    ),
    measure=choose(
        "missed",
        {
            "found": "These are the pairs found; asked are those missed.",
            "joined": "These are all pairs joined, strangers too; asked are true ones missed.",
            "true": "These are all true pairs; take away those that the key joins.",
            "strangers": "These are pairs of strangers that the key joins; asked are true pairs "
            "missed.",
            "mistakes": "You added both mistakes, pairs missed and strangers joined; asked are "
            "the first.",
            "less all joined": "You took away all joined pairs, those of strangers less than "
            "right too.",
            "share": "This is a share; give the number of pairs.",
            "percentage": "This is a percentage; give the number of pairs.",
            "customers": "You counted customers with a pair missed; count pairs.",
            "records": "You counted records without a full key; count pairs.",
            "twice": "You counted each pair twice, A with B and B with A.",
            "squares": "You took squares of the group sizes; a record is no pair with itself.",
            "repeats": "You counted repeats, n - 1 in each group; pairs are n (n - 1) / 2.",
            "unknown year": "You counted pairs in which a year is unknown; some with both known "
            "are missed too.",
            "many records": "You counted customers with many records, more than one; count pairs.",
            "different keys": "You counted different keys; count pairs.",
            "shared key": "You counted records with a shared key; count pairs.",
            "duplicated": "You counted duplicated records, all but the first of each key; count pairs.",
            "everything": "You took the found pairs away from everything, all pairs of records.",
            "sum": "You took the sum of true and found pairs; take the difference.",
            "self": "You counted each record as a pair with its own self.",
            "groups": "You compared the number of groups, keys less customers; count pairs.",
            "households": "You took households for persons; a customer is customer_id.",
        },
    ),
):
    """Pairs of one customer that name and year of birth do not join."""
    return _by_name_year(key, missing, rows)[measure]


@cache
def _by_name_year(key, missing, rows):
    table = _rows(rows)
    year = table["birth_year"].astype("string").astype("object")
    year = year.where(year.notna(), "none" if missing == "value of its own" else None)
    name = table["name"].astype("object")
    keys = {
        "just names": name,
        "birth years": year,
        "spaces removed": name.str.replace(" ", "") + year,
        "name and city": name + table["city"].astype("object"),
        "surname": name.str[:1] + year,
        "with city": name + year + table["city"].astype("object"),
        "titles dropped": (name + year).where(~name.str.contains("先生|女士")),
    }.get(key, table[key] if key in table else name + year)
    person = table["customer_id"]
    answers = _measures(table, keys, person, rows)
    known = table["birth_year"].notna()
    answers["unknown year"] = pairs(person) - pairs(person[known])
    answers["households"] = pairs(table["household_id"]) - joint(keys, table["household_id"])
    if key == "either":
        either = joint(name, person) + joint(year, person) - joint(name + year, person)
        answers["missed"] = pairs(person) - either
    return answers


@cache
def _rows(rows):
    table = records()
    keep = {
        "consent": table["consent"],
        "first entry": ~table["entered_twice"],
        "web": table["channel"] == "web",
        "shop": table["channel"] == "shop",
        "filled": table["birth_year"].notna(),
    }
    return table[keep[rows]] if rows in keep else table


def _measures(table, keys, person, rows):
    """Pairs missed, and what students take for them."""
    right, joined, true = joint(keys, person), pairs(keys), pairs(person)
    inside = table["channel"].astype("object") + " "
    if rows == "within each":
        keys, person = inside + keys, inside + person
        right, joined, true = joint(keys, person), pairs(keys), pairs(person)
    if rows == "across":
        right -= joint(inside + keys, person)
        joined -= pairs(inside + keys)
        true -= pairs(inside + person)
    size, held = person.value_counts(), keys.value_counts()
    both = pd.DataFrame({"key": keys, "person": person}).dropna().groupby(["person", "key"]).size()
    linked = (both * (both - 1) // 2).groupby(level=0).sum().reindex(size.index, fill_value=0)
    return {
        "missed": true - right,
        "found": right,
        "joined": joined,
        "true": true,
        "strangers": joined - right,
        "mistakes": true + joined - 2 * right,
        "less all joined": true - joined,
        "share": 1 - right / true,
        "percentage": 100 * (1 - right / true),
        "customers": (linked < size * (size - 1) // 2).sum(),
        "records": keys.isna().sum(),
        "twice": 2 * (true - right),
        "squares": (size**2).sum() - (both**2).sum(),
        "repeats": (size - 1).sum() - (both - 1).sum(),
        "many records": (size > 1).sum(),
        "different keys": len(held),
        "shared key": held[held > 1].sum(),
        "duplicated": (held - 1).sum(),
        "everything": len(table) * (len(table) - 1) // 2 - right,
        "sum": true + right,
        "self": true - right + len(table) - keys.notna().sum(),
        "groups": abs(len(held) - len(size)),
    }


# Standard: a weight, and a bill


@recipe(
    Number(digits=4),
    means=lambda bits: (
        f"The same year of birth is worth {bits:.1f} bits: it multiplies the odds by {2**bits:.0f}."
    ),
    hints=(
        "What is the chance that the field agrees, for one person and for two?",
        "The section of the example on what agreement is worth; count pairs as in its first section.",
        "m: of the true pairs with both years known, the share with the same year; u: of the other "
        "pairs with both known; the logarithm to base 2 of m over u.",
    ),
)
def year_bits(
    *,
    field=choose(
        "birth_year",
        {
            "city": "You took the city; the field is the year of birth.",
            "lower": "You took the address in lower case; the field is the year of birth.",
            "one form": "You took the phone in one form; the field is the year of birth.",
            "decade": "You took the decade; the field is the year itself.",
        },
    ),
    missing=choose(
        "left out",
        {
            "everywhere": "You took a missing year for one that disagrees, everywhere; leave such "
            "pairs out.",
            "same person": "Among pairs of the same person you took a missing year for one that "
            "disagrees; leave such pairs out.",
            "strangers": "Among strangers you took a missing year for one that disagrees; leave "
            "such pairs out.",
            "blanks": "You took blanks for a year of its own: two of them agreed.",
        },
    ),
    strangers=choose(
        "two customers",
        {
            "all pairs": "You took u from all pairs; the true ones do not belong in it.",
            "squares": "You took u as the sum of squared shares, each record with itself.",
            "number of values": "You took u as one over the number of values; the years are not "
            "equally common.",
            "true pairs": "For u you took the share of true pairs among those that agree.",
        },
    ),
    weight=choose(
        "log2",
        {
            "natural": "You took the natural logarithm; bits have base 2.",
            "ten": "You took the logarithm to base ten; bits have base 2.",
            "ratio": "This is the ratio itself; take its logarithm to base 2.",
            "disagree": "This is the weight if the years disagree.",
            "difference": "You took the difference m - u; divide.",
            "odds": "You took odds of m over odds of u; divide the chances.",
            "m is one": "You took m as if it were one: people and clerks mistype.",
            "precision": "For m you took the precision, the true pairs among those that agree.",
            "prior": "You added the prior, the share of true pairs; asked is the weight of the field.",
            "rest of u": "You divided by the rest, 1 - u; divide by u.",
            "complement": "You put the complement of m, 1 - m, above the line; take m.",
            "log of one": "You took the log of one chance and then a difference; divide first.",
            "both": "You added both weights, of agreeing and of disagreeing; asked is the first.",
            "chance m": "This is the chance m itself, without u.",
            "share u": "This is u itself, the share among strangers.",
            "logarithm of m": "You took the logarithm of m without u.",
            "logged u": "You logged u without m.",
            "rate": "You multiplied the chances by the rate of true pairs (the posterior odds).",
        },
    ),
):
    """Bits of evidence when two records agree on the year of birth."""
    m, u, agree, true, every = _chances(field, missing, strangers)
    lam = true / every
    w, wd = np.log2(m / u), np.log2((1 - m) / (1 - u))
    return {
        "log2": w,
        "natural": np.log(m / u),
        "ten": np.log10(m / u),
        "ratio": m / u,
        "disagree": wd,
        "difference": m - u,
        "odds": np.log2(m / (1 - m) * (1 - u) / u),
        "m is one": np.log2(1 / u),
        "precision": np.log2(agree / u),
        "prior": w + np.log2(lam / (1 - lam)),
        "rest of u": np.log2(m / (1 - u)),
        "complement": np.log2((1 - m) / u),
        "log of one": np.log2(m) - u,
        "both": w + wd,
        "chance m": m,
        "share u": u,
        "logarithm of m": np.log2(m),
        "logged u": np.log2(u),
        "rate": lam / (1 - lam) * m / u,
    }[weight]


@cache
def _chances(field, missing, strangers):
    """Chances of agreeing for one person and for two; precision; true pairs, all pairs."""
    table = records()
    who = table["customer_id"]
    values = table["birth_year"] // 10 if field == "decade" else table[field]
    values = values.astype("object").where(values.notna(), None)
    if missing == "blanks":
        values = values.where(values.notna(), "none")
    known = values.notna()
    true, every = pairs(who), len(table) * (len(table) - 1) // 2
    true_known, every_known = pairs(who[known]), known.sum() * (known.sum() - 1) // 2
    if missing in ("everywhere", "same person"):
        true_known = true
    if missing in ("everywhere", "strangers"):
        every_known = every
        other = every - true
    else:
        other = every_known - pairs(who[known])
    same, right = pairs(values), joint(values, who)
    u = (same - right) / other
    if strangers == "all pairs":
        u = same / every_known
    if strangers == "squares":
        u = (values[known].value_counts(normalize=True) ** 2).sum()
    if strangers == "true pairs":
        u = right / same
    if strangers == "number of values":
        u = 1 / values.nunique()
    return right / true_known, u, right / same, true, every


@recipe(
    Number(),
    means=lambda bill: (
        f"{bill:,.0f} CNY for two lists joined by phone. Most of it depends on the price of a mix-up."
    ),
    hints=(
        "Which accounts does one customer have, and which customers does one account hold?",
        "The bill in the section of the example on what a mistake costs.",
        "A table of account and customer without repeats; its rows less the number of customers are "
        "extra, its rows less the number of accounts are mixed.",
    ),
)
def phone_bill(
    *,
    lists=choose(
        "web, wechat",
        {
            "all four": "You took all four lists; only the web and WeChat are joined.",
            "web": "You took the web list alone; another is joined too.",
            "wechat": "You took the list of WeChat alone (wechat); another is joined too.",
            "web, shop": "You took web and shop; the task says WeChat, not the shop.",
            "consent": "You kept records with consent; all of both lists count.",
            "each list by itself": "You joined each list by itself; a number may stand in both.",
        },
    ),
    key=choose(
        "one form",
        {
            "phone": "You took the phone as written; write it in one form first.",
            "with name": "You joined by number with name; the task says number.",
            "lower": "You joined by address, in lower case; the task says number.",
            "last four": "You joined by the last four digits; take the whole number.",
        },
    ),
    missing=choose(
        "alone",
        {
            "dropped": "You dropped records without a number; each is an account of its own.",
            "together": "You put all records without a number together into one account.",
        },
    ),
    person=choose(
        "customer_id",
        {"household_id": "You took the household for the person; a customer is customer_id."},
    ),
    counted=choose(
        "both",
        {
            "extra only": "This is the price of the extra accounts only; persons put into "
            "another's cost too.",
            "mixed only": "This is the price of the mixed persons only; accounts too many cost too.",
            "swapped": "You swapped the two prices.",
            "split customers": "You counted split customers once each; with three accounts two "
            "are extra.",
            "everyone in a mixed account": "You counted everyone in a mixed account; all but one are "
            "put into another's.",
            "all accounts of the split": "You counted all accounts of the split customers; one of "
            "them each is needed.",
            "pairs": "You counted pairs of records, missed and wrongly joined; count accounts and "
            "persons.",
            "net": "You priced the net difference between accounts and customers; the two "
            "mistakes do not cancel in money.",
            "number": "This is the number of mistakes; multiply by the prices.",
            "records": "You counted records in mixed accounts; count persons.",
            "per customer": "This is the price per customer; asked is the sum.",
            "each account": "This is the price of each account, a mean; asked is the sum.",
            "repeats kept": "You kept repeats of account and customer; drop them first.",
            "example's prices": "You took the example's prices; here they are 16 and 80 CNY.",
            "difference": "You took the difference of the two prices' sums; add them.",
            "mean price": "You took the mean price of both for every mistake.",
            "all of both": "You counted all of both, accounts and persons; of each, one does not "
            "count.",
        },
    ),
):
    """Price of joining two lists by phone: extra accounts at 16, persons mixed at 80 CNY."""
    return _bill(lists, key, missing, person)[counted]


@cache
def _bill(lists, key, missing, person):
    """The price, and what students take for it."""
    table = records()
    table = table[table["channel"].isin(_LISTS.get(lists, ["web", "wechat"]))]
    if lists == "consent":
        table = table[table["consent"]]
    keys = {"with name": table["one form"] + table["name"], "last four": table["one form"].str[-4:]}
    keys = keys[key] if key in keys else table[key]
    if missing == "dropped":
        table, keys = table[keys.notna()], keys[keys.notna()]
    account = keys.astype("object").where(
        keys.notna(), "none" if missing == "together" else table["record_id"]
    )
    if lists == "each list by itself":
        account = table["channel"].astype(str) + account.astype(str)
    held = pd.DataFrame({"account": account, "person": table[person]})
    pair = held.drop_duplicates()
    accounts, persons = pair.groupby("person").size(), pair.groupby("account").size()
    extra, mixed = (accounts - 1).sum(), (persons - 1).sum()
    split = (accounts > 1).sum()
    true, joined, right = pairs(held["person"]), pairs(account), joint(account, held["person"])
    in_mixed = held["account"].isin(persons.index[persons > 1]).sum()
    return {
        "both": 16 * extra + 80 * mixed,
        "extra only": 16 * extra,
        "mixed only": 80 * mixed,
        "swapped": 80 * extra + 16 * mixed,
        "split customers": 16 * split + 80 * mixed,
        "everyone in a mixed account": 16 * extra + 80 * persons[persons > 1].sum(),
        "all accounts of the split": 16 * accounts[accounts > 1].sum() + 80 * mixed,
        "pairs": 16 * (true - right) + 80 * (joined - right),
        "net": 16 * abs(len(persons) - len(accounts)),
        "number": extra + mixed,
        "records": 16 * extra + 80 * in_mixed,
        "per customer": (16 * extra + 80 * mixed) / len(accounts),
        "each account": (16 * extra + 80 * mixed) / len(persons),
        "repeats kept": 16 * (len(held) - len(accounts)) + 80 * (len(held) - len(persons)),
        "example's prices": 15.4 * extra + 102.5 * mixed,
        "difference": abs(80 * mixed - 16 * extra),
        "mean price": 48 * (extra + mixed),
        "all of both": 16 * accounts[accounts > 1].sum() + 80 * persons[persons > 1].sum(),
    }


_LISTS = {
    "all four": ["web", "wechat", "shop", "help line"],
    "web": ["web"],
    "wechat": ["wechat"],
    "web, shop": ["web", "shop"],
}

# Transfer: two blocks for febrl


@recipe(
    Number(share=True),
    means=lambda share: (
        f"One in {1 / share:.0f} pairs compared is a true one; among all pairs it is one in 999."
    ),
    hints=(
        "Which pairs are compared, and how often may each be counted?",
        "The section of the example on pairs that nobody compares, and its function `compare`.",
        "All pairs; those that agree on given name or street number, where missing agrees with "
        "nothing; the "
        "share of true ones among them.",
    ),
    alike=[("missing=numbers only", "measure=lost")],
)
def block_quality(
    *,
    rule=choose(
        "either",
        {
            "both": "You asked for both fields to agree; one of the two is enough.",
            "added": "You added the pairs of the two fields; some share both and count once.",
            "street": "You blocked on the street number alone; there is a second way in.",
            "given name": "You blocked on the given name alone; there is a second way in.",
            "mean": "You took the mean of the two fields' shares; take all pairs together.",
            "added above": "You added the true pairs of the two fields, above the line; some "
            "share both "
            "and count once.",
            "sum below": "You took the sum of the two fields below the line; some pairs share both and "
            "count once.",
            "third": "You let a third field in, the surname; the task names two.",
            "exactly one": "You left out pairs that share both: exactly one field was allowed.",
            "neither": "You took the pairs that share neither, those not compared.",
        },
    ),
    missing=choose(
        "agrees with nothing",
        {
            "agrees with missing": "You let missing agree with missing, as a join of tables does.",
            "names only": "Among names only you let missing agree with missing; it agrees with "
            "nothing.",
            "numbers only": "Among numbers only you let missing agree with missing; it agrees with "
            "nothing.",
            "dropped": "You dropped records in which one of the two is missing; they have the other.",
        },
    ),
    first=choose(
        "street_number",
        {
            "postcode": "You took the postcode; the task says street number.",
            "whole street": "You took the whole street without its number; the task says the number.",
            "soc_sec_id": "You took soc_sec_id, the insurance number; the task says street number.",
        },
    ),
    second=choose(
        "given_name",
        {
            "surname": "You took the surname; the task says given name.",
            "suburb": "You took the suburb; the task says given name.",
            "date_of_birth": "You took date_of_birth, the birthday; the task says given name.",
            "address_1": "You took the street (address_1); the task says given name.",
            "first letter": "You compared the first letter of the given name; compare all of it.",
        },
    ),
    measure=choose(
        "quality",
        {
            "recall": "This is the recall at most, of the true pairs; divide by the pairs compared.",
            "lost": "This is the share of true pairs lost; divide those kept by the pairs compared.",
            "saved": "This is the share of pairs saved, not compared.",
            "compared": "This is the share of all pairs that are compared.",
            "everything": "You divided the true ones by everything there is; divide by those compared.",
            "with itself": "You counted each record as a pair with itself.",
            "merge": "You counted what a merge of the table with itself gives: each pair twice, and "
            "each record with itself.",
            "records": "You divided by records; divide by pairs.",
            "false per true": "You divided false pairs by true ones, so many false per true.",
            "odds": "These are odds, true over false; divide by all that are compared.",
            "count": "This is the count of true pairs; divide it.",
            "doubled": "You doubled the true pairs above the line; each pair counts once.",
            "ordered": "You counted ordered pairs below the line and single ones above it.",
            "harmonic": "This is the F score, a harmonic mean of two measures; asked is one.",
            "lift": "You divided by the share among all pairs, a lift; give the share itself.",
        },
    ),
):
    """Share of true pairs among those that agree on given name or street number."""
    return _blocks(rule, missing, first, second)[measure]


@cache
def _agreeing(field, missing):
    """Say for each pair of records whether a field agrees, and whether it is one person."""
    table = crm.load("febrl1")
    if missing == "dropped":
        table = table[table["street_number"].notna() & table["given_name"].notna()]
    values = table["given_name"].str[:1] if field == "first letter" else table[field]
    codes = pd.factorize(values)[0]
    one, other = np.triu_indices(len(table), 1)
    same = codes[one] == codes[other]
    return same if missing == "agrees with missing" else same & (codes[one] >= 0)


@cache
def _blocks(rule, missing, first, second):
    """The share, and what students take for it."""
    a = _agreeing(
        {"whole street": "address_1"}.get(first, first),
        {"numbers only": "agrees with missing"}.get(missing, missing),
    )
    b = _agreeing(second, {"names only": "agrees with missing"}.get(missing, missing))
    true = _agreeing("person", missing)
    inside = {
        "either": a | b,
        "both": a & b,
        "added": a.astype(int) + b,
        "mean": a | b,
        "added above": a | b,
        "sum below": a | b,
        "third": a | b | _agreeing("surname", missing),
        "street": a,
        "given name": b,
        "exactly one": a ^ b,
        "neither": ~a & ~b,
    }[rule]
    n, right, every = inside.sum(), (inside * true).sum(), len(true)
    if rule == "added above":
        right = (a & true).sum() + (b & true).sum()
    if rule == "sum below":
        n = a.sum() + b.sum()
    size = (1 + np.sqrt(1 + 8 * every)) / 2  # records
    recall, quality = right / true.sum(), right / n
    if rule == "mean":
        quality = ((a & true).sum() / a.sum() + (b & true).sum() / b.sum()) / 2
    return {
        "quality": quality,
        "recall": recall,
        "lost": 1 - recall,
        "saved": 1 - n / every,
        "compared": n / every,
        "everything": right / every,
        "with itself": (right + size) / (n + size),
        "merge": (2 * right + size) / (2 * n + size),
        "records": right / size,
        "false per true": (n - right) / right,
        "odds": right / (n - right),
        "count": right,
        "doubled": 2 * right / n,
        "ordered": right / (2 * n),
        "harmonic": 2 * recall * quality / (recall + quality),
        "lift": quality / (true.sum() / every),
    }
