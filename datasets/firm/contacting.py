"""Contact records of four channels: the same people, written down again and again, not quite alike."""

import numpy as np
import pandas as pd

from .chance import pick, stream
from .names import GIVEN, SOUNDS_LIKE, SURNAMES
from .parameters import Parameters
from .seasons import DATES, DAYS

CHANNELS = ("shop", "web", "wechat", "help line")


def run(orders, requests: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> tuple:
    """Write the records and their truth."""
    rng = stream(p.seed, "contacts")
    persons = _persons(people, p, rng)
    records = _records(orders, requests, people, p, rng)
    _phones(records, persons, p, rng)
    _names(records, persons, p, rng)
    _emails(records, persons, p, rng)
    n = len(records)
    records["city"] = people.city.to_numpy()[records.customer]
    records["city"] = records.city.mask(rng.random(n) < 0.15)
    born = (2025 - people.age.to_numpy()[records.customer]).astype(int)
    born = born + np.where(rng.random(n) < 0.02, rng.integers(-9, 10, n), 0)
    records["birth_year"] = pd.Series(born).astype("Int64").mask(rng.random(n) < 0.4)
    records["consent"] = rng.random(n) < 0.83
    return _tables(records, people)


def _persons(people: pd.DataFrame, p: Parameters, rng) -> pd.DataFrame:
    """Give each customer a name, a number (some an older one too) and an e-mail address."""
    n = len(people)
    surname = pick(rng, {s: 1 / (i + 4) for i, s in enumerate(SURNAMES)}, n)
    given = np.array(list(GIVEN), object)
    one, two = given[rng.integers(len(given), size=n)], given[rng.integers(len(given), size=n)]
    two = np.where(rng.random(n) < 0.25, "", two)
    persons = pd.DataFrame({"surname": surname, "given": one + two})
    latin = [SURNAMES[s] + " " + "".join(GIVEN[c] for c in g).capitalize()
             for s, g in zip(surname, persons.given, strict=True)]  # fmt: skip
    persons["latin"] = latin
    # numbers begin with 160, so that they ring nobody known to us
    numbers = 16000000000 + rng.permutation(10 * n)[: 2 * n] * (99_999_999 // (10 * n))
    persons["phone"], persons["old_phone"] = numbers[:n].astype(str), numbers[n:].astype(str)
    persons["changed"] = np.where(rng.random(n) < 0.16, DAYS * rng.random(n), -1)
    # a number that its owner gave up goes to somebody else
    gave_up = np.flatnonzero(persons.changed > 0)
    heirs = rng.choice(n, size=int(p.contacts.recycled_phone * n), replace=False)
    source = rng.permutation(gave_up)[: len(heirs)]
    heirs = heirs[: len(source)]
    ok = heirs != source
    persons["recycled"] = False
    persons.loc[heirs[ok], "recycled"] = True
    persons.loc[heirs[ok], "phone"] = persons.old_phone.to_numpy()[source[ok]]
    head = people.household_id.str[1:].astype(int).to_numpy() - 1
    persons["partner"] = np.where(head != np.arange(n), head, -1)
    number = rng.integers(1, 999, n).astype(str)
    domain = pick(rng, {"mail.example": 5, "post.example": 3, "firm.example": 1}, n)
    persons["email"] = [f"{x.replace(' ', '.').lower()}{k}@{d}"
                        for x, k, d in zip(latin, number, domain, strict=True)]  # fmt: skip
    return persons


def _records(orders, requests, people, p: Parameters, rng) -> pd.DataFrame:
    """Open a record when a person first uses a channel; sometimes a second one by mistake."""
    used = orders.sort_values("t", kind="stable").drop_duplicates(["customer", "channel"])
    a = pd.DataFrame({"customer": used.customer, "channel": used.channel, "day": used.day})
    called = requests[requests.customer_id.notna()].drop_duplicates("customer_id")
    index = pd.Series(people.index, people.customer_id)
    day = (called.received_at.dt.normalize() - DATES[0]).dt.days
    b = pd.DataFrame(
        {"customer": called.customer_id.map(index), "channel": "help line", "day": day}
    )
    records = pd.concat([a, b], ignore_index=True)
    again = records[rng.random(len(records)) < p.contacts.duplicate]
    later = again.day + rng.integers(0, 200, len(again))
    records = pd.concat([records.assign(again=False), again.assign(day=later, again=True)])
    records = records[records.day < DAYS]
    by = ["day", "customer", "channel", "again"]
    return records.sort_values(by, kind="stable", ignore_index=True)


def _phones(records, persons, p: Parameters, rng) -> None:
    c, n, who = p.contacts, len(records), records.customer.to_numpy()
    phone = persons.phone.to_numpy()[who].astype(object)
    problem = np.where(persons.recycled.to_numpy()[who], "recycled", "none").astype(object)
    stale = records.day.to_numpy() < persons.changed.to_numpy()[who]
    phone[stale], problem[stale] = persons.old_phone.to_numpy()[who[stale]], "stale"
    partner = persons.partner.to_numpy()[who]
    family = (partner >= 0) & (rng.random(n) < c.family_phone)
    phone[family], problem[family] = persons.phone.to_numpy()[partner[family]], "family"
    typo = rng.random(n) < c.phone_typo
    for i in np.flatnonzero(typo):
        phone[i] = _slip(phone[i], rng)
        problem[i] = "typo"
    missing = rng.random(n) < 0.02
    problem[missing] = "missing"
    styles = np.array([_style(x, k) for x, k in zip(phone, rng.random(n), strict=True)], object)
    records["phone"] = pd.Series(styles).mask(missing)
    records["phone_problem"] = problem


def _slip(phone: str, rng) -> str:
    """Swap two neighbouring digits or change one."""
    i = int(rng.integers(4, 10))
    if phone[i] != phone[i + 1 : i + 2] and i < 10 and rng.random() < 0.5:
        return phone[:i] + phone[i + 1] + phone[i] + phone[i + 2 :]
    return phone[:i] + str((int(phone[i]) + 1 + int(rng.integers(9))) % 10) + phone[i + 1 :]


def _style(x: str, u: float) -> str:
    """Write a number in one of the ways clerks do."""
    if u < 0.62:
        return x
    if u < 0.74:
        return f"{x[:3]} {x[3:7]} {x[7:]}"
    if u < 0.84:
        return f"{x[:3]}-{x[3:7]}-{x[7:]}"
    if u < 0.92:
        return f"+86{x}"
    if u < 0.97:
        return f"+86 {x[:3]} {x[3:7]} {x[7:]}"
    return x.translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def _names(records, persons, p: Parameters, rng) -> None:
    """Write the name in full, in Latin letters, as Mr or Ms, or with a wrong character."""
    rows = persons.iloc[records.customer]
    u, kind = rng.random(len(records)), rng.random(len(records))
    names, problems = [], []
    for surname, given, latin, a, b in zip(
        rows.surname, rows.given, rows.latin, u, kind, strict=True
    ):
        name, problem = surname + given, "none"
        if a < p.contacts.name_variant:
            name, problem = _variant(surname, given, latin, b)
        names.append(name)
        problems.append(problem)
    records["name"], records["name_problem"] = names, problems


def _variant(surname: str, given: str, latin: str, u: float) -> tuple:
    if u < 0.35:
        return latin, "latin"
    if u < 0.65:
        return surname + ("女士" if u < 0.5 else "先生"), "title only"
    if u < 0.75:
        return surname + " " + given, "space"
    swapped = "".join(SOUNDS_LIKE.get(c, c) for c in given)
    return surname + swapped, "none" if swapped == given else "sound-alike"


def _emails(records, persons, p: Parameters, rng) -> None:
    n = len(records)
    email = persons.email.to_numpy()[records.customer].astype(object)
    for i in np.flatnonzero(rng.random(n) < 0.03):
        k = int(rng.integers(1, 5))
        email[i] = email[i][:k] + email[i][k + 1 :]
    shout = rng.random(n) < 0.05
    email[shout] = [x.upper() for x in email[shout]]
    no = rng.random(n) < np.where(records.channel == "web", 0.1, p.contacts.email_missing + 0.2)
    records["email"] = pd.Series(email).mask(no)


def _tables(records: pd.DataFrame, people: pd.DataFrame) -> tuple:
    records.insert(0, "record_id", [f"N{i + 1:05d}" for i in range(len(records))])
    records["created_on"] = DATES[records.day]
    columns = ["record_id", "channel", "created_on", "name", "phone", "email"]
    columns += ["city", "birth_year", "consent"]
    truth = records[["record_id"]].copy()
    truth["customer_id"] = people.customer_id.to_numpy()[records.customer]
    truth["household_id"] = people.household_id.to_numpy()[records.customer]
    truth["phone_problem"], truth["name_problem"] = records.phone_problem, records.name_problem
    truth["entered_twice"] = records.again
    return records[columns].copy(), truth
