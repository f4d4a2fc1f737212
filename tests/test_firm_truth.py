"""truth.json is true: each parameter moves a table, and no number that moves one stands elsewhere.

The first is tried: every leaf of the parameters is changed, one at a time, and a stage of the
simulation of a small firm runs again on what the stages before it made. The second is read off the
generator's code.
"""

import ast
import json
import sys
from dataclasses import asdict, is_dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parent.parent
FIRM = ROOT / "datasets/firm"
sys.path.insert(0, str(ROOT / "datasets"))

from firm import (  # noqa: E402
    baskets, brands, contacting, counter, helpline, journeys, kano, life, marketing, points,
    referring, retail, subscribing, survey, world,
)  # fmt: skip
from firm.parameters import Parameters  # noqa: E402
from firm.people import customers_table, hidden  # noqa: E402


class World:
    """A small firm with other parameters: each stage on what the base made before it."""

    def __init__(self, p, base=None):
        self.p, self.base = p, base or self

    @cached_property
    def lives(self):
        people = hidden(self.p)
        orders = life.live(people, self.base.slots, self.p)
        return people, orders

    @cached_property
    def slots(self):
        return counter.simulate(self.p)

    @cached_property
    def counter(self):
        slots = self.slots.assign(customer=-1, order_id=None)
        return self.slots, counter.visits_table(slots, people(self), self.p)

    @cached_property
    def campaigns(self):
        return marketing.run(self.base.lives[1], people(self), self.p)

    @cached_property
    def buying(self):
        raw, _, silent = self.base.campaigns
        hour = raw.assign(visit_hour=10)
        orders, lines = baskets.fill(hour, people(self), self.p)
        lines["product_line"] = world.products.products().line.to_numpy()[lines["product"]]
        return (
            orders, lines, baskets.orders_table(orders, self.p),
            baskets.returns_table(orders, lines, people(self), self.p),
            customers_table(people(self), orders, silent, self.p),
            points.ledger(orders, people(self), self.p),
        )  # fmt: skip

    @cached_property
    def around(self):
        orders = self.base.buying[0]
        referral = referring.referrals(people(self), self.p)
        subs = subscribing.subscribe(orders, people(self), self.p)
        return (
            journeys.touchpoints_table(orders, self.p), referral,
            journeys.exit_calls_table(orders, people(self), self.p),
            subscribing.subscriptions_table(subs, people(self), self.p),
            world.truth_customers(people(self), orders, subs, referral, self.p),
            world.unit_costs(self.p),
        )  # fmt: skip

    @cached_property
    def help_line(self):
        orders, lines = self.base.buying[:2]
        return helpline.run(orders, lines, people(self), self.p)

    @cached_property
    def contacts(self):
        return contacting.run(self.base.buying[0], self.base.help_line[0], people(self), self.p)

    @cached_property
    def survey(self):
        return survey.run(self.base.buying[0], people(self), self.p)[:3]

    @cached_property
    def asked(self):
        answers = self.base.survey[0]
        return *kano.run(answers, people(self), self.p), brands.run(answers, people(self), self.p)

    @cached_property
    def leads(self):
        return (referring.leads(people(self), self.p),)

    @cached_property
    def retail(self):
        table, secret = retail.retailers(self.p)
        sales = retail.supply(table, secret, self.p)
        asked = retail.survey(table, secret, sales, self.p)
        return table, secret, sales, asked, retail.inspections(self.p)

    @cached_property
    def visitors(self):
        slots, orders = self.base.slots, self.base.buying[0]
        return (world._known_visitors(slots, orders, people(self), self.p),)


def people(firm):
    return firm.base.lives[0]


# where to look first for the effect of a group of parameters
STAGES = {
    "seed": ["lives"], "customers": ["lives"],
    "people": ["lives", "buying"], "membership": ["buying", "around"], "channels": ["lives"],
    "buying": ["lives", "buying"], "delivery": ["buying"], "leaving": ["lives"],
    "satisfaction": ["lives", "around"], "waiting": ["counter", "visitors"],
    "campaigns": ["campaigns", "buying"], "subscribing": ["around"], "survey": ["survey"],
    "kano": ["asked"], "brands": ["asked"], "exit_calls": ["around"], "referring": ["around"],
    "contacts": ["contacts"], "help_line": ["help_line", "retail"], "inspections": ["retail"],
    "leads": ["leads"], "retail": ["retail"], "retailer_survey": ["retail"],
    "unit_costs": ["around"],
}  # fmt: skip
SHORT = {"opened": "2025-10-01"}  # a counter that opens late is simulated quickly


def small():
    p = replace(Parameters(), customers=400, seed=3)
    return replace(p, waiting=replace(p.waiting, **SHORT))


@pytest.fixture(scope="module")
def base():
    return World(small())


def leaves(value, path=()):
    if is_dataclass(value):
        value = {name: getattr(value, name) for name in asdict(value)}
    if isinstance(value, (dict, tuple)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, inner in items for leaf in leaves(inner, (*path, key))]
    return [path]


def changed(value, path):
    """Give `value` with its leaf at `path` moved: by a third, or by three weeks."""
    if not path:
        if isinstance(value, str):
            return str((pd.Timestamp(value) + pd.Timedelta(days=21)).date())
        return value + max(1, value // 3) if isinstance(value, int) else (value * 1.35 or 0.4)
    key, *rest = path
    if is_dataclass(value):
        return replace(value, **{key: changed(getattr(value, key), rest)})
    inner = changed(value[key], rest)
    if isinstance(value, dict):
        return value | {key: inner}
    return (*value[:key], inner, *value[key + 1 :])


def same(a, b):
    if isinstance(a, (pd.DataFrame, pd.Series)):
        return a.equals(b)
    return np.array_equal(a, b)


LEAVES = leaves(small())


def test_the_parameters_are_those_of_truth_json():
    stored = json.loads((ROOT / "datasets/shihu/truth.json").read_text(encoding="utf-8"))
    assert stored["parameters"] == json.loads(json.dumps(asdict(Parameters())))
    assert stored["settings"] == json.loads(json.dumps(world.settings()))
    assert len(LEAVES) > 500


@pytest.mark.parametrize("group", STAGES)
def test_every_parameter_moves_a_table(base, group):
    still = []
    for path in (leaf for leaf in LEAVES if leaf[0] == group):
        other = World(changed(base.p, path), base)
        for stage in STAGES[group]:
            before, after = getattr(base, stage), getattr(other, stage)
            if any(not same(a, b) for a, b in zip(before, after, strict=True)):
                break
        else:
            still.append(".".join(map(str, path)))
    assert still == []
