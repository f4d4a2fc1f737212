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
    baskets,
    brands,
    contacting,
    counter,
    helpline,
    journeys,
    kano,
    life,
    marketing,
    points,
    referring,
    retail,
    subscribing,
    survey,
    world,
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
        wave = survey._wave(2025, self.base.buying[0], people(self), self.p)
        return wave["answers"], wave["invitations"]

    @cached_property
    def asked(self):
        answers = self.base.survey[0]
        return *kano.run(answers, people(self), self.p), brands.run(answers, people(self), self.p)

    @cached_property
    def leads(self):  # of everybody, as if all had been won by the search campaign
        return (referring.leads(people(self).assign(source="search"), self.p),)

    @cached_property
    def supply(self):
        table, secret = retail.retailers(self.p)
        return table, secret, retail.supply(table, secret, self.p)

    @cached_property
    def retail(self):
        asked = retail.survey(*self.base.supply, self.p)
        return asked, retail.inspections(self.p)

    @cached_property
    def visitors(self):
        slots, orders = self.base.slots, self.base.buying[0]
        return (world._known_visitors(slots, orders, people(self), self.p),)


def people(firm):
    return firm.base.lives[0]


# where the effect of a group of parameters is looked for
STAGES = {
    "seed": ["lives"], "customers": ["lives"],
    "people": ["lives", "buying"], "membership": ["buying", "around"], "channels": ["lives"],
    "buying": ["lives", "buying"], "delivery": ["buying"], "leaving": ["lives"],
    "satisfaction": ["lives", "around", "help_line"], "waiting": ["counter", "visitors"],
    "campaigns": ["campaigns", "buying"], "subscribing": ["around"], "survey": ["survey"],
    "kano": ["asked"], "brands": ["asked"], "exit_calls": ["around"], "referring": ["around"],
    "contacts": ["contacts"], "help_line": ["help_line", "retail"], "inspections": ["retail"],
    "leads": ["leads"], "retail": ["supply", "retail"], "retailer_survey": ["retail"],
    "unit_costs": ["around"],
}  # fmt: skip
SHORT = {"opened": "2025-10-01"}  # a counter that opens late is simulated quickly


def small():
    p = replace(Parameters(), customers=400, seed=3)
    return replace(
        p,
        waiting=replace(p.waiting, **SHORT),
        survey=replace(p.survey, invited_share=0.9, straight_liners=0.15, speeders=0.15, late=0.15),
        kano=replace(p.kano, asked=30),
        brands=replace(p.brands, asked=30),
    )


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


def moves(value):
    """List what a leaf is changed to, one after the other: a little, down to a third, far up."""
    if isinstance(value, str):
        days = (21, -200, 200)
        return [str((pd.Timestamp(value) + pd.Timedelta(days=d)).date()) for d in days]
    if isinstance(value, int):
        return [value + max(1, value // 3), max(1, value // 3), value * 6]
    if 0 < value < 1:
        return [(1 + value) / 2 if value > 0.7 else value * 1.35, value / 3, min(0.99, value * 6)]
    return [value * 1.35 or 0.4, value / 3 or -0.4, value * 6 or 2.0]


def leaf(value, path):
    for key in path:
        value = getattr(value, key) if is_dataclass(value) else value[key]
    return value


def with_leaf(value, path, new):
    if not path:
        return new
    key, *rest = path
    inner = with_leaf(leaf(value, [key]), rest, new)
    if is_dataclass(value):
        return replace(value, **{key: inner})
    if isinstance(value, dict):
        return value | {key: inner}
    return (*value[:key], inner, *value[key + 1 :])


def moved(base, path):
    """Say whether another value of a parameter changes a table of its stages."""
    for new in moves(leaf(base.p, path)):
        other = World(with_leaf(base.p, path, new), base)
        for stage in STAGES[path[0]]:
            try:
                after = getattr(other, stage)
            except ValueError:  # a value that cannot be, such as a chance above 1: try the next
                continue
            if any(not same(a, b) for a, b in zip(getattr(base, stage), after, strict=True)):
                return True
    return False


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


@pytest.mark.slow
@pytest.mark.parametrize("group", STAGES)
def test_every_parameter_moves_a_table(base, group):
    mine = [path for path in LEAVES if path[0] == group]
    assert [".".join(map(str, path)) for path in mine if not moved(base, path)] == []


def test_a_parameter_that_is_never_used_would_be_found(base, monkeypatch):
    path = ("unit_costs", "message")
    assert moved(base, path)
    monkeypatch.setattr(world, "unit_costs", lambda p: pd.DataFrame())
    del base.around
    assert not moved(base, path)


# no number that moves a table stands outside parameters.py and the tables of truth.json

SETTINGS = {  # a table at the head of a module: its name in the settings of truth.json
    "seasons._WINDOWS": "demand_by_window",
    "people.CITIES": "city_share",
    "people.SOURCES": "source_share",
    "people.MANAGERS": "manager_share",
    "products.TASTE": "taste_by_line",
    "products._PRODUCTS": "popularity",  # prices and costs are in the table of products
    "baskets.LINE_SEASONS": "line_seasons",
    "baskets.ORDER_HOURS": "order_hours",
    "baskets.RETURN_REASONS": "return_reasons",
    "brands.BRANDS": "brand_levels",
    "helpline.BASE": "request_topic_weights",
    "referring.SEARCH_HOURS": "search_hours",
    "retail.SEASON": "retail_season",
    "retail.WEIGHTS": "retailer_satisfaction_weights",
    "subscribing.FIRST": "first_subscription",
    "survey.WAVES": "survey_waves",
    "survey.SCALES": "need_levels",
    "survey.EXPECTED": "service_expected",
    "survey.LINES_TICKED": "straight_lines",
}
DEFINITIONS = {  # neither effects nor shares: what a scale, a code, a unit of time is
    "counter.OPENS": "minutes after midnight",
    "kano._MIDDLE": "codes of answers",
    "kano.PAIRS": "codes of answers",
    "life.YEAR": "days in a year",
    "names.GIVEN": "decades of birth",
    "people.INCOME_BANDS": "edges of the bands, as their names say",
    "referring.POOL": "how many leads to draw before stopping at the last one wanted",
    "subscribing.MONTHS": "months in a year",
    "survey.SINGLE_ITEMS": "ends of the scales",
    "survey.TOP": "ends of the scales",
    "survey.SENT_BETWEEN": "seconds after midnight",
    "words.ISSUES": "the register, shipped as the table pain_points",
    "world.LAST_HOUR": "an hour of the day",
}
ANYWHERE = {0: "none", 1: "all, first", -1: "last", 2: "a square, a second", 1e-6: "almost 0"}
INSIDE = {  # numbers in the functions of a module that are no effects
    "baskets": {13: "months", 1e-12: "almost 0", 3: "zones"},
    "brands": {7: "end of the scale"},
    "contacting": {
        10: "digits; slots a number", 8: "digits", 5: "slots a number, letters", 160: "the prefix",
        999: "in an address", 3: "digits", 4: "digits", 7: "digits", 9: "digits",
    },
    "counter": {60: "minutes", 5: "Saturday", 10: "end of the scale"},
    "helpline": {60: "minutes", 5: "days: last week", 13: "days: last week", 3: "the plain ends"},
    "kano": {6: "codes"},
    "life": {10: "end of the scale"},
    "people": {365: "days", 1000: "rounding"},
    "referring": {10: "spare leads", 3: "plans"},
    "retail": {
        3: "months of the rule", 12: "months", 30: "days in a month",
        10: "end of a scale", 5: "end of a scale", 7: "days",
    },
    "seasons": {5: "Saturday"},
    "subscribing": {6: "never", 10: "never", 12: "months"},
    "survey": {
        365: "days", 9: "promoters", 6: "detractors", 10: "end of a scale", 7: "end of a scale",
        5: "end of a scale", 0.01: "just before the close",
    },
    "world": {60: "minutes"},
}  # fmt: skip
MODULES = [f for f in sorted(FIRM.glob("*.py")) if f.stem not in ("parameters", "dictionary")]


def numbers(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield node.value


def without_rounding(tree):
    """Drop the digits of .round() and round(), which are no effects."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) == "round"
        ):
            node.args = [a for a in node.args if not isinstance(a, ast.Constant)]
    return tree


@pytest.mark.parametrize("module", MODULES, ids=lambda f: f.stem)
def test_no_effect_stands_outside_the_parameters(module):
    tree = without_rounding(ast.parse(module.read_text(encoding="utf-8")))
    known = set(ANYWHERE) | set(INSIDE.get(module.stem, ()))
    for part in tree.body:
        found = set(numbers(part)) - set(ANYWHERE)
        if isinstance(part, (ast.Assign, ast.AnnAssign)):
            [target] = part.targets if isinstance(part, ast.Assign) else [part.target]
            name = f"{module.stem}.{ast.unparse(target)}"
            assert not found or name in SETTINGS or name in DEFINITIONS, name
        else:
            where = getattr(part, "name", "")
            assert found <= known, (where, sorted(found - known))


def test_the_lists_of_what_is_no_effect_hold_nothing_more():
    settings = world.settings()
    assert set(SETTINGS.values()) <= set(settings)
    heads, bodies = set(), {}
    for module in MODULES:
        tree = without_rounding(ast.parse(module.read_text(encoding="utf-8")))
        for part in tree.body:
            if isinstance(part, (ast.Assign, ast.AnnAssign)):
                [target] = part.targets if isinstance(part, ast.Assign) else [part.target]
                heads.add(f"{module.stem}.{ast.unparse(target)}")
            else:
                bodies.setdefault(module.stem, set()).update(numbers(part))
    assert set(SETTINGS) | set(DEFINITIONS) <= heads
    spare = {m: set(known) - bodies[m] for m, known in INSIDE.items() if set(known) - bodies[m]}
    assert spare == {}
