"""Help-line requests: who writes when, about what, how it is filed and handled."""

import numpy as np
import pandas as pd

from .chance import logistic, pick, pick_column, stream
from .life import DAYS
from .parameters import Parameters
from .seasons import DATES, day_of
from .words import ANGRY, CALM, CORES, ISSUES, LINKS, OPENINGS, PRODUCTS, TYPOS, VAGUE, WARM

TOPICS = tuple(CORES)
# how often each topic comes up, before circumstances
BASE = dict(
    care=1.7, usage=1.2, delivery=1.3, damage=0.9, quality=1.6, price=0.9, points=0.7, invoice=0.5,
    refund=0.7, counter=0.6, subscription=0.6, stock=0.6, praise=0.7, authenticity=0.0,
)  # fmt: skip
# lines that make sense for a topic (others use the line of the order)
LINES_OF = dict(
    care=("potted", "seedlings"),
    usage=("fresh", "tea"),
    subscription=("tea", "fresh"),
    authenticity=("tea", "fresh", "gift"),
)
COMPLAINTS = ("delivery", "damage", "quality", "refund", "counter")
CONFUSED = dict(  # where a hasty agent files a topic instead
    care="quality", quality="damage", damage="quality", delivery="damage", refund="delivery",
    price="points", points="price", authenticity="quality", stock="delivery", usage="care",
    subscription="refund", counter="praise", invoice="refund", praise="usage",
)  # fmt: skip
MINUTES = dict(
    care=6, usage=4, delivery=5, damage=8, quality=9, refund=8, counter=7, authenticity=11
)


def run(orders, lines, people: pd.DataFrame, p: Parameters) -> tuple:
    """Write the requests and their truth."""
    h = p.help_line
    rng = stream(p.seed, "help line")
    calls = _who_and_when(orders, lines, people, p, rng)
    calls["topic"] = _topics(calls, p, rng)
    _issues(calls, rng)
    n = len(calls)
    calls["vague"] = rng.random(n) < h.vague
    calls["second"] = _second_topics(calls, h, rng)
    _write(calls, h, stream(p.seed, "words"))
    return _requests(calls, people, h, rng), _truth(calls)


def _who_and_when(orders, lines, people, p: Parameters, rng) -> pd.DataFrame:
    """Choose the orders that lead to a request; demanding and unhappy customers ask more."""
    n = rng.poisson(p.help_line.per_order * len(orders))
    unhappy = p.satisfaction.complaint_effect * orders.satisfaction.to_numpy()
    weight = people.demanding.to_numpy()[orders.customer] * (0.5 + np.exp(unhappy))
    at = rng.choice(len(orders), size=n, p=weight / weight.sum())
    calls = orders.iloc[at][["customer", "day", "channel", "satisfaction"]].reset_index(drop=True)
    calls["order"] = at
    main = lines.sort_values(["order", "amount"], kind="stable").drop_duplicates(
        "order", keep="last"
    )
    calls["line"] = main.set_index("order")["product_line"].loc[at].to_numpy()
    calls["day"] = calls.day + np.floor(rng.exponential(9, n)).astype(int)
    calls["minute"] = rng.integers(8 * 60, 22 * 60, n)
    calls["u"] = rng.random(n)
    calls = calls[calls.day < DAYS]
    return calls.sort_values(["day", "minute", "u"], kind="stable", ignore_index=True)


def _topics(calls: pd.DataFrame, p: Parameters, rng) -> np.ndarray:
    """Draw each topic: by product line, satisfaction, channel, season and events."""
    weight = np.tile(np.array(list(BASE.values())), (len(calls), 1))
    at = {t: i for i, t in enumerate(TOPICS)}
    line, date = calls.line.to_numpy(), DATES[calls.day]
    grows = np.isin(line, ["potted", "seedlings", "care"])
    weight[:, at["care"]] *= np.where(grows, 2.2, 0.15)
    weight[:, at["usage"]] *= np.where(np.isin(line, ["fresh", "tea", "gift"]), 1.5, 0.15)
    weight[:, at["damage"]] *= np.where(line == "fresh", 1.6, 1.0) * (calls.channel != "shop")
    weight[:, at["delivery"]] *= 1.0 * (calls.channel != "shop")
    weight[:, at["counter"]] *= np.where(calls.channel == "shop", 4.0, 0.1)
    weight[:, at["price"]] *= np.where(np.isin(date.month, [6, 11]), 2.2, 1.0)
    h = p.help_line
    weight[:, at["authenticity"]] = _emerging(calls.day.to_numpy(), h)
    failed = (date >= h.failure[0]) & (date <= h.failure[1]) & (line == "fresh")
    weight[failed, at["damage"]] *= h.failure_factor
    unhappy = np.exp(p.satisfaction.complaint_effect * calls.satisfaction.to_numpy())
    for topic in COMPLAINTS:
        weight[:, at[topic]] *= unhappy
    weight[:, at["praise"]] /= unhappy
    return np.array(TOPICS, object)[pick_column(rng, weight)]


def _emerging(day: np.ndarray, h) -> np.ndarray:
    """Let the new topic grow from its first day on, faster and faster, then level off."""
    since = day - day_of(h.emerging_from)
    return np.where(since >= 0, 2.4 * logistic((since - 50) / 14), 0.0)


def _issues(calls: pd.DataFrame, rng) -> None:
    """Choose what exactly is said: a core of the topic that fits the product line."""
    for topic, lines in LINES_OF.items():
        wrong = (calls.topic == topic) & ~calls.line.isin(lines)
        calls.loc[wrong, "line"] = np.array(lines, object)[
            rng.integers(len(lines), size=wrong.sum())
        ]
    cores = [_choose(t, x, rng) for t, x in zip(calls.topic, calls.line, strict=True)]
    calls["core"] = cores
    calls["issue"] = [CORES[t][c][0] for t, c in zip(calls.topic, cores, strict=True)]


def _choose(topic: str, line: str, rng) -> int:
    """Pick a core whose issue belongs to this product line, or to none."""
    fits = [i for i, (issue, _, _) in enumerate(CORES[topic]) if _fits(issue, line)]
    if not fits:  # no core of this topic speaks of this line: anything general will do
        fits = range(len(CORES[topic]))
    # issues are not equally frequent: a stable weight by position gives the register its Pareto shape
    weight = np.array([1 / (1 + i % 5) for i in fits])
    return list(fits)[rng.choice(len(weight), p=weight / weight.sum())]


def _fits(issue: str, line: str) -> bool:
    return not issue or ISSUES[issue][0] in ("", line)


def _second_topics(calls: pd.DataFrame, h, rng) -> np.ndarray:
    """Give some requests a second topic (old ones only)."""
    n = len(calls)
    other = np.array(TOPICS[:-2], object)[rng.integers(len(TOPICS) - 2, size=n)]
    mixed = (rng.random(n) < h.mixed) & ~calls.vague & (other != calls.topic)
    return np.where(mixed, other, None)


def _write(calls: pd.DataFrame, h, rng) -> None:
    """Write every text with its gloss."""
    texts = [_text(c, h, rng) for c in calls.itertuples(index=False)]
    calls["text"], calls["gloss"], calls["typo"], calls["tone"] = zip(*texts, strict=True)


def _text(call, h, rng) -> tuple:
    parts = [_any(OPENINGS, rng)]
    if call.vague:
        parts.append(_fill(_any(VAGUE, rng), call.line, rng))
    else:
        parts.append(_fill(CORES[call.topic][call.core][1:], call.line, rng))
    if isinstance(call.second, str):
        parts += [_any(LINKS, rng)]
        core = CORES[call.second][_choose(call.second, call.line, rng)]
        parts.append(_fill(core[1:], call.line, rng))
    tone = _tone(call, rng)
    parts.append(_any({"angry": ANGRY, "warm": WARM, "calm": CALM}[tone], rng))
    chinese, english = ("".join(x) for x in zip(*parts, strict=True))
    chinese, typo = _mistype(chinese, rng) if rng.random() < h.typo else (chinese, False)
    return chinese, english[0].upper() + english[1:], typo, tone


def _any(options: list, rng):
    return options[rng.integers(len(options))]


def _fill(core: tuple, line: str, rng) -> tuple:
    """Name the product, now and then only as 'it'."""
    zh, en = ("东西", "item") if rng.random() < 0.15 else _any(PRODUCTS[line], rng)
    return core[0].replace("{p}", zh), core[1].replace("{p}", en)


def _tone(call, rng) -> str:
    if call.topic == "praise":
        return "warm"
    heat = (0.45 if call.topic in COMPLAINTS else 0.06) - 0.12 * call.satisfaction
    return "angry" if rng.random() < heat else "calm"


def _mistype(text: str, rng) -> tuple:
    """Swap one character for one that sounds or looks alike."""
    places = [i for i, c in enumerate(text) if c in TYPOS]
    if not places:
        return text, False
    i = places[rng.integers(len(places))]
    return text[:i] + TYPOS[text[i]] + text[i + 1 :], True


def _requests(calls: pd.DataFrame, people: pd.DataFrame, h, rng) -> pd.DataFrame:
    """Write what the ticket system holds."""
    n = len(calls)
    table = pd.DataFrame({"request_id": [f"Q{i + 1:05d}" for i in range(n)]})
    when = DATES[calls.day] + pd.to_timedelta(calls.minute, unit="min")
    table["received_at"] = when
    known = rng.random(n) > 0.12
    table["customer_id"] = pd.Series(people.customer_id.to_numpy()[calls.customer]).where(known)
    table["channel"] = _channels(calls, people, rng)
    table["text"], table["gloss"] = calls.text, calls.gloss
    wrong = rng.random(n) < h.label_noise
    hasty = calls.topic.map(CONFUSED)
    anything = pick(rng, BASE | {"authenticity": 0.2}, n)
    table["filed_under"] = np.where(
        wrong, np.where(rng.random(n) < 0.7, hasty, anything), calls.topic
    )
    # agents have no word for the new topic until December 2025
    new = (table.filed_under == "authenticity") & (when < "2025-12-01")
    table["filed_under"] = table.filed_under.mask(new, "quality")
    level = calls.topic.map(MINUTES).fillna(4).to_numpy(float)
    level = level * np.where(calls.tone == "angry", 1.5, 1.0)
    table["handling_minutes"] = np.round(level * rng.gamma(3, 1 / 3, n) + 0.5, 1)
    table["solved"] = rng.random(n) < np.where(calls.topic.isin(COMPLAINTS), 0.68, 0.9)
    return table


def _channels(calls: pd.DataFrame, people: pd.DataFrame, rng) -> np.ndarray:
    """Move from the phone to WeChat over the three years, the young first."""
    t = calls.day.to_numpy() / DAYS
    young = (people.age.to_numpy()[calls.customer] < 45).astype(float)
    weight = np.column_stack(
        [2.2 - 1.4 * t - 0.7 * young, 0.3 + 1.6 * t + 0.6 * young, 0.5 + 0.1 * t]
    )
    return np.array(["phone", "wechat", "web"], object)[pick_column(rng, np.maximum(weight, 0.05))]


def _truth(calls: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame({"request_id": [f"Q{i + 1:05d}" for i in range(len(calls))]})
    table["topic"], table["second_topic"] = calls.topic, calls.second
    table["issue"] = calls.issue.where((calls.issue != "") & ~calls.vague)
    table["product_line"] = calls.line
    return table.assign(tone=calls.tone, typo=calls.typo, vague=calls.vague)


def pain_points() -> pd.DataFrame:
    """Write the firm's register of pain points."""
    columns = ["line", "topic", "description", "severity", "remedy", "owner", "remedy_cost"]
    table = pd.DataFrame.from_dict(ISSUES, orient="index", columns=columns)
    table = table.rename_axis("issue").reset_index()
    table["line"] = table.line.mask(table.line == "")
    table["remedy_cost"] = table.remedy_cost.astype("Int64").mask(table.remedy == "")
    table["remedy"] = table.remedy.mask(table.remedy == "")
    return table
