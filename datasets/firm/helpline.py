"""Help-line requests: who writes when, about what, how it is filed and handled."""

import numpy as np
import pandas as pd

from . import words
from .chance import logistic, pick, pick_column, stream
from .parameters import HelpLine, Parameters
from .seasons import DATES, DAYS, ELEVEN_ELEVEN, day_of
from .words import CORES, ISSUES, Core

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
OF_A_THING = ("care", "usage", "damage", "quality")  # said of something bought
CONFUSED = dict(  # where a hasty agent files a topic instead
    care="quality", quality="damage", damage="quality", delivery="damage", refund="delivery",
    price="points", points="price", authenticity="quality", stock="delivery", usage="care",
    subscription="refund", counter="praise", invoice="refund", praise="usage",
)  # fmt: skip


def run(orders, lines, people: pd.DataFrame, p: Parameters) -> tuple:
    """Write the requests and their truth."""
    h = p.help_line
    rng = stream(p.seed, "help line")
    calls = _who_and_when(orders, lines, people, p, rng)
    calls["topic"] = _topics(calls, p, rng)
    _issues(calls, h, rng)
    n = len(calls)
    calls["vague"] = rng.random(n) < h.vague
    calls["second"] = _second_topics(calls, h, rng)
    calls["known"] = rng.random(n) > h.unidentified
    calls["by"] = _channels(calls, people, h, rng)
    _write(calls, h, stream(p.seed, "words"))
    return _requests(calls, people, h, rng), _truth(calls)


def _who_and_when(orders, lines, people, p: Parameters, rng) -> pd.DataFrame:
    """Choose the orders that lead to a request; demanding and unhappy customers ask more."""
    h = p.help_line
    n = rng.poisson(h.per_order * len(orders))
    unhappy = p.satisfaction.complaint_effect * orders.satisfaction.to_numpy()
    weight = people.demanding.to_numpy()[orders.customer] * (h.without_cause + np.exp(unhappy))
    at = rng.choice(len(orders), size=n, p=weight / weight.sum())
    known = orders.assign(first=~orders.customer.duplicated(), bought=orders.day)
    columns = ["customer", "day", "channel", "satisfaction", "first", "bought"]
    calls = known.iloc[at][columns].reset_index(drop=True)
    main = lines.sort_values(["order", "amount"], kind="stable").drop_duplicates(
        "order", keep="last"
    )
    calls["line"] = main.set_index("order")["product_line"].loc[at].to_numpy()
    calls["day"] = calls.day + np.floor(rng.exponential(h.delay_days, n)).astype(int)
    calls["minute"] = rng.integers(*(60 * hour for hour in h.open_hours), n)
    calls["u"] = rng.random(n)
    calls = calls[calls.day < DAYS]
    return calls.sort_values(["day", "minute", "u"], kind="stable", ignore_index=True)


def _topics(calls: pd.DataFrame, p: Parameters, rng) -> np.ndarray:
    """Draw each topic: by product line, satisfaction, channel, season and events."""
    h, line, date = p.help_line, calls.line.to_numpy(), DATES[calls.day]
    weight = np.tile(np.array(list(BASE.values())), (len(calls), 1))
    at = {t: i for i, t in enumerate(TOPICS)}
    grows, eaten = (
        np.isin(line, ["potted", "seedlings", "care"]),
        np.isin(line, ["fresh", "tea", "gift"]),
    )
    sent, fresh = (calls.channel != "shop").to_numpy(), line == "fresh"
    weight[:, at["care"]] *= np.where(grows, h.care_of_plants, h.care_of_others)
    weight[:, at["usage"]] *= np.where(eaten, h.usage_of_food, h.usage_of_others)
    weight[:, at["damage"]] *= np.where(fresh, h.damage_of_fresh, 1) * sent
    weight[:, at["delivery"]] *= sent
    weight[:, at["counter"]] *= np.where(sent, h.counter_online, h.counter_in_shop)
    weight[:, at["price"]] *= np.where(np.isin(date.month, h.promotion_months), h.price_then, 1)
    weight[:, at["authenticity"]] = _emerging(calls.day.to_numpy(), h)
    failed = (date >= h.failure[0]) & (date <= h.failure[1]) & fresh
    weight[failed, at["damage"]] *= h.failure_factor
    unhappy = np.exp(p.satisfaction.complaint_effect * calls.satisfaction.to_numpy())
    for topic in COMPLAINTS:
        weight[:, at[topic]] *= unhappy
    weight[:, at["praise"]] /= unhappy
    return np.array(TOPICS, object)[pick_column(rng, weight)]


def _emerging(day: np.ndarray, h: HelpLine) -> np.ndarray:
    """Let the new topic grow from its first day on, faster and faster, then level off."""
    since = day - day_of(h.emerging_from)
    grown = logistic((since - h.emerging_half) / h.emerging_pace)
    return np.where(since >= 0, h.emerging_level * grown, 0.0)


def _issues(calls: pd.DataFrame, h: HelpLine, rng) -> None:
    """Choose what exactly is said: a core of the topic that fits the product line and the day."""
    for topic, lines in LINES_OF.items():
        wrong = (calls.topic == topic) & ~calls.line.isin(lines)
        calls.loc[wrong, "line"] = np.array(lines, object)[
            rng.integers(len(lines), size=wrong.sum())
        ]
    calls["on"] = DATES[calls.day].strftime("%m-%d")
    cores = [_choose(*call, h, rng) for call in zip(calls.topic, calls.line, calls.on, strict=True)]
    calls["core"] = pd.Series(cores, dtype=object)
    calls["issue"] = [core.issue for core in cores]


def fitting(topic: str, line: str, on: str) -> list[Core]:
    """List what can be said on a topic of a product line on a day ("11-05")."""
    return [
        core
        for core in CORES[topic]
        if core.said_on(on)
        and core.names(line)
        and (not core.issue or ISSUES[core.issue][0] in ("", line))
    ]


def _choose(topic: str, line: str, on: str, h: HelpLine, rng) -> Core:
    """Pick what is said; by position some things are said more often (the register's Pareto)."""
    fits = fitting(topic, line, on)
    place = [CORES[topic].index(core) for core in fits]
    weight = 1 / (1 + np.array(place) % h.issue_cycle)
    return fits[rng.choice(len(fits), p=weight / weight.sum())]


def _second_topics(calls: pd.DataFrame, h: HelpLine, rng) -> np.ndarray:
    """Give some requests a second topic (neither praise nor the new one)."""
    n = len(calls)
    usual = np.array([t for t in TOPICS if t not in ("praise", "authenticity")], object)
    other = usual[rng.integers(len(usual), size=n)]
    mixed = (rng.random(n) < h.mixed) & ~calls.vague & (other != calls.topic)
    return np.where(mixed, other, None)


def _write(calls: pd.DataFrame, h: HelpLine, rng) -> None:
    """Write every text with its gloss."""
    texts = [_text(call, h, rng) for call in calls.itertuples(index=False)]
    calls["text"], calls["gloss"], calls["typo"], calls["tone"] = zip(*texts, strict=True)


def _text(call, h: HelpLine, rng) -> tuple:
    noted = call.by == "phone"
    core = _any(words.VAGUE_NOTES if noted else words.VAGUE, rng) if call.vague else call.core
    parts = [_note(call, core, rng) if noted else _opening(call, core, rng)]
    parts.append(_fill(core, call.topic, call.line, h, rng))
    last, topic = core, call.topic
    if isinstance(call.second, str):
        last, topic = _second_core(call, h, rng), call.second
        parts.append(_link(call, core, last, rng))
        parts.append(_fill(last, topic, _line(topic, call.line), h, rng))
    tone = _tone(call, h, rng)
    parts.append(_any(_closings(tone, last, topic, call, noted), rng))
    chinese, english = ("".join(part) for part in zip(*parts, strict=True))
    typo = False
    if noted:
        for first_person, third_person in words.THIRD_PERSON:
            chinese = chinese.replace(first_person, third_person)
    elif rng.random() < h.typo:
        chinese, typo = _mistype(chinese, rng)
    return chinese, english[0].upper() + english[1:], typo, tone


def _any(options: list, rng):
    return options[rng.integers(len(options))]


def _opening(call, core: Core, rng) -> tuple:
    """Begin as customers do: what is said of oneself is true, and a question is announced as one."""
    options = list(words.GREETINGS)
    if call.vague:
        return _any(options, rng)
    if core.asks:
        options += words.ASKING * 2
    options += [] if call.first else [words.OLD_CUSTOMER]
    if call.topic in OF_A_THING and "{p}" in core.zh and "买" not in core.zh:
        true = {
            "first": call.first,
            "week": 5 <= call.day - call.bought <= 13,
            "shop": call.channel == "shop",
            "11.11": ELEVEN_ELEVEN[call.bought] and "11-11" <= call.on <= "12-31",
            "mother": call.topic in COMPLAINTS,
        }
        options += [words.BOUGHT[what] for what, holds in true.items() if holds]
    return _any(options, rng)


def _note(call, core: Core, rng) -> tuple:
    """Begin an agent's note of a call."""
    praised = call.topic == "praise" and not call.vague
    return _any(words.NOTES["praises" if praised else "asks" if core.asks else "says"], rng)


def _second_core(call, h: HelpLine, rng) -> Core:
    return _choose(call.second, _line(call.second, call.line), call.on, h, rng)


def _line(topic: str, line: str) -> str:
    """Name the line spoken of: that of the order, or the first one that makes sense for a topic."""
    lines = LINES_OF.get(topic, (line,))
    return line if line in lines else lines[0]


def _link(call, core: Core, last: Core, rng) -> tuple:
    links = words.LINKS["asks" if last.asks else "says"]
    complaints = not core.asks and not last.asks and {call.topic, call.second} <= set(COMPLAINTS)
    return _any(links + [words.AND] * complaints, rng)


def _fill(core: Core, topic: str, line: str, h: HelpLine, rng) -> tuple:
    """Name the product, now and then only as 'this'."""
    zh, en = words.THING if topic in COMPLAINTS else words.THIS
    if rng.random() >= h.unnamed:
        zh, en = _any(core.names(line), rng)
    return core.zh.replace("{p}", zh).removesuffix("？"), core.en.replace("{p}", en)


def _tone(call, h: HelpLine, rng) -> str:
    if call.topic == "praise" and not call.vague:
        return "warm"
    heat = h.angry_complaint if call.topic in COMPLAINTS else h.angry_else
    return "angry" if rng.random() < heat + h.angry_by_satisfaction * call.satisfaction else "calm"


def _closings(tone: str, last: Core, topic: str, call, noted: bool) -> list:
    """List the ends that suit the tone and what was said last."""
    if noted:
        return words.NOTED[tone]
    goods = topic in ("damage", "quality") and not call.vague
    if tone == "warm":
        return words.WARM if topic == "praise" else words.CALM[:3]
    if tone == "angry":
        plain = words.ANGRY + [words.SUCH_MONEY] * goods
        return words.IMPATIENT if last.asks or call.vague else plain
    options = words.CALM + [words.PHOTO] * goods
    if not last.asks:
        return options + words.CALM_COMPLAINT * (topic in COMPLAINTS and not call.vague)
    worded = any(word in last.zh for word in words.QUESTION_WORDS)
    worded &= not last.zh.endswith(("吗？", "事？"))
    return options + [words.QUESTION_MARK] + [words.PARTICLE] * worded


def _mistype(text: str, rng) -> tuple:
    """Swap one character for one that sounds or looks alike."""
    places = [i for i, c in enumerate(text) if c in words.TYPOS]
    if not places:
        return text, False
    i = places[rng.integers(len(places))]
    return text[:i] + words.TYPOS[text[i]] + text[i + 1 :], True


def _requests(calls: pd.DataFrame, people: pd.DataFrame, h: HelpLine, rng) -> pd.DataFrame:
    """Write what the ticket system holds."""
    n = len(calls)
    table = pd.DataFrame({"request_id": [f"Q{i + 1:05d}" for i in range(n)]})
    when = DATES[calls.day] + pd.to_timedelta(calls.minute, unit="min")
    table["received_at"] = when
    customer = pd.Series(people.customer_id.to_numpy()[calls.customer])
    table["customer_id"] = customer.where(calls.known)
    table["channel"] = calls.by
    table["text"], table["gloss"] = calls.text, calls.gloss
    wrong = rng.random(n) < h.label_noise
    hasty = calls.topic.map(CONFUSED)
    anything = pick(rng, BASE | {"authenticity": h.filed_as_new}, n)
    table["filed_under"] = np.where(
        wrong, np.where(rng.random(n) < h.usual_confusion, hasty, anything), calls.topic
    )
    # until then agents have no word for the new topic
    new = (table.filed_under == "authenticity") & (when < h.new_topic_from)
    table["filed_under"] = table.filed_under.mask(new, "quality")
    level = calls.topic.map(h.minutes).fillna(h.minutes_else).to_numpy(float)
    level = level * np.where(calls.tone == "angry", h.minutes_angry, 1)
    noise = rng.gamma(h.minutes_shape, 1 / h.minutes_shape, n)
    table["handling_minutes"] = np.round(level * noise + h.minutes_least, 1)
    complaint = calls.topic.isin(COMPLAINTS)
    table["solved"] = rng.random(n) < np.where(complaint, h.solved_complaint, h.solved_else)
    return table


def _channels(calls: pd.DataFrame, people: pd.DataFrame, h: HelpLine, rng) -> np.ndarray:
    """Move from the phone to WeChat over the three years, the young first."""
    t = calls.day.to_numpy() / DAYS
    young = (people.age.to_numpy()[calls.customer] < h.young_under).astype(float)
    weight = np.column_stack(
        [start + change * t + more * young for start, change, more in h.channels.values()]
    )
    return np.array(list(h.channels), object)[pick_column(rng, weight)]


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
