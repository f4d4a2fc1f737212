"""Contact records of four channels: the same people, written down again and again, not quite alike."""

import numpy as np
import pandas as pd

from .chance import pick, stream
from .names import LATIN, SOUNDS_LIKE, SURNAMES, given_names
from .parameters import Parameters
from .seasons import DATES, DAYS, END

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def run(orders, requests: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> tuple:
    """Write the records and their truth."""
    rng = stream(p.seed, "contacts")
    persons = _persons(people, p, rng)
    records = _records(orders, requests, people, p, rng)
    _phones(records, persons, p, rng)
    _names(records, persons, p, rng)
    _emails(records, persons, p, rng)
    _particulars(records, people, p, rng)
    return _tables(records, people)


def _persons(people: pd.DataFrame, p: Parameters, rng) -> pd.DataFrame:
    """Give each customer a name, a number (some an older one too) and an e-mail address."""
    n, c = len(people), p.contacts
    surname = pick(rng, {s: 1 / (i + c.surname_head) for i, s in enumerate(SURNAMES)}, n)
    persons = pd.DataFrame({"surname": surname, "given": _given(people, p), "sex": people.sex})
    latin = [SURNAMES[s] + " " + "".join(LATIN[x] for x in g).capitalize()
             for s, g in zip(surname, persons.given, strict=True)]  # fmt: skip
    persons["latin"] = latin
    numbers = _numbers(2 * n, rng)
    persons["phone"], persons["old_phone"] = numbers[:n].astype(str), numbers[n:].astype(str)
    persons["changed"] = np.where(rng.random(n) < c.changed_phone, DAYS * rng.random(n), -1)
    # a number that its owner gave up goes to somebody else
    gave_up = np.flatnonzero(persons.changed > 0)
    heirs = rng.choice(n, size=int(c.recycled_phone * n), replace=False)
    source = rng.permutation(gave_up)[: len(heirs)]
    heirs = heirs[: len(source)]
    ok = heirs != source
    persons["recycled"] = False
    persons.loc[heirs[ok], "recycled"] = True
    persons.loc[heirs[ok], "phone"] = persons.old_phone.to_numpy()[source[ok]]
    head = people.household_id.str[1:].astype(int).to_numpy() - 1
    persons["partner"] = np.where(head != np.arange(n), head, -1)
    number = rng.integers(1, 999, n).astype(str)
    domain = pick(rng, c.email_domains, n)
    persons["email"] = [f"{x.replace(' ', '.').lower()}{k}@{d}"
                        for x, k, d in zip(latin, number, domain, strict=True)]  # fmt: skip
    return persons


def _numbers(n: int, rng) -> np.ndarray:
    """Draw n mobile numbers; they begin with 160, so that they ring nobody known to us."""
    free = 10**8  # numbers under a prefix of three digits
    step = (free - 1) // (5 * n)  # far enough apart that one slip of the pen meets no other
    return 160 * free + rng.permutation(5 * n)[:n] * step


def _given(people: pd.DataFrame, p: Parameters) -> list[str]:
    """Give each customer a first name of their sex and time."""
    rng, head = stream(p.seed, "given names"), p.contacts.given_head
    names = []
    for born, sex in zip(END.year - people.age, people.sex, strict=True):
        options = given_names(born, sex)
        weight = 1 / (np.arange(len(options)) + head)
        names.append(options[rng.choice(len(options), p=weight / weight.sum())])
    return names


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
    later = again.day + rng.integers(0, p.contacts.duplicate_within, len(again))
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
        phone[i] = _slip(phone[i], c.phone_swap, rng)
        problem[i] = "typo"
    missing = rng.random(n) < c.phone_missing
    problem[missing] = "missing"
    style = pick(rng, c.phone_styles, n)
    styles = np.array([_style(x, s) for x, s in zip(phone, style, strict=True)], object)
    records["phone"] = pd.Series(styles).mask(missing)
    records["phone_problem"] = problem


def _slip(phone: str, swap: float, rng) -> str:
    """Swap two neighbouring digits or change one."""
    i = int(rng.integers(4, 10))
    if phone[i] != phone[i + 1 : i + 2] and i < 10 and rng.random() < swap:
        return phone[:i] + phone[i + 1] + phone[i] + phone[i + 2 :]
    return phone[:i] + str((int(phone[i]) + 1 + int(rng.integers(9))) % 10) + phone[i + 1 :]


def _style(x: str, style: str) -> str:
    """Write a number in one of the ways clerks do."""
    spaced = f"{x[:3]} {x[3:7]} {x[7:]}"
    ways = {"plain": x, "spaces": spaced, "hyphens": spaced.replace(" ", "-"), "+86": f"+86{x}"}
    ways |= {"+86 spaces": f"+86 {spaced}", "full width": x.translate(FULL_WIDTH)}
    return ways[style]


def _names(records, persons, p: Parameters, rng) -> None:
    """Write the name in full, in Latin letters, as Mr or Ms, or with a wrong character."""
    rows, c = persons.iloc[records.customer], p.contacts
    u = rng.random(len(records))
    kinds = pick(rng, c.name_variants, len(records))
    names, problems = [], []
    for person, a, kind in zip(rows.itertuples(index=False), u, kinds, strict=True):
        name, problem = person.surname + person.given, "none"
        if a < c.name_variant:
            name, problem = _variant(person, kind)
        names.append(name)
        problems.append(problem)
    records["name"], records["name_problem"] = names, problems


def _variant(person, kind: str) -> tuple:
    surname, given = person.surname, person.given
    swapped = "".join(SOUNDS_LIKE.get(c, c) for c in given)
    if kind == "sound-alike":
        return surname + swapped, "none" if swapped == given else kind
    title = surname + ("女士" if person.sex == "F" else "先生")
    return {"latin": person.latin, "title only": title, "space": f"{surname} {given}"}[kind], kind


def _emails(records, persons, p: Parameters, rng) -> None:
    n, c = len(records), p.contacts
    email = persons.email.to_numpy()[records.customer].astype(object)
    for i in np.flatnonzero(rng.random(n) < c.email_typo):
        k = int(rng.integers(1, 5))
        email[i] = email[i][:k] + email[i][k + 1 :]
    shout = rng.random(n) < c.email_capitals
    email[shout] = [x.upper() for x in email[shout]]
    no = rng.random(n) < records.channel.map(c.email_missing).to_numpy(float)
    records["email"] = pd.Series(email).mask(no)


def _particulars(records, people, p: Parameters, rng) -> None:
    """Add city, year of birth and consent, with their gaps."""
    n, c = len(records), p.contacts
    records["city"] = people.city.to_numpy()[records.customer]
    records["city"] = records.city.mask(rng.random(n) < c.city_missing)
    born = (END.year - people.age.to_numpy()[records.customer]).astype(int)
    slip = rng.integers(-c.birth_year_slip, c.birth_year_slip + 1, n)
    born = born + np.where(rng.random(n) < c.birth_year_wrong, slip, 0)
    missing = rng.random(n) < c.birth_year_missing
    records["birth_year"] = pd.Series(born).astype("Int64").mask(missing)
    records["consent"] = rng.random(n) < c.consent


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
