"""Who brings whom, and the search campaign of 2024 that turns prospects into customers."""

import numpy as np
import pandas as pd

from .chance import logistic, pick, pick_column, stream
from .parameters import Leads, Parameters
from .seasons import DATES, DAYS, date_of, day_of

# leads drawn for each customer to be won: enough for the slowest plan
POOL = 400
OFF_TARGET = ("wholesale herbs", "jobs", "orchid photos", "other plant", "medical advice")
SEARCH_HOURS = np.array(
    [2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 8, 7, 6, 7, 8, 8, 8, 8, 10, 12, 12, 9, 5], float
)  # searches by hour of the day, from 0


def referrals(people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Find a referrer for each referred customer, and add the referrals that came to nothing."""
    rng = stream(p.seed, "referrals")
    s, r = p.satisfaction, p.referring
    bought = people.index[people.referred].to_numpy()
    lost = rng.poisson(len(bought) * (1 - s.referral_close) / s.referral_close)
    days = people["first"].to_numpy()
    t = np.concatenate([days[bought], _lost_days(lost, r, rng)])
    asked = np.maximum(t - 1 - r.days_before * rng.random(len(t)), 0)
    left = people.left.fillna(np.inf).to_numpy()
    here = (days[None, :] < asked[:, None]) & (left[None, :] > asked[:, None])
    weight = here * np.exp(s.referral_effect * people.satisfaction.to_numpy())
    referrer = pick_column(rng, weight)
    ids = people.customer_id.to_numpy()
    table = pd.DataFrame({"referrer_id": ids[referrer], "date": date_of(asked)})
    table["channel"] = pick(rng, r.channels, len(t))
    table["referred_id"] = pd.Series(
        np.concatenate([ids[bought], np.full(lost, None)]), dtype=object
    )
    table["bought"] = np.arange(len(t)) < len(bought)
    table["reward"] = np.where(table.bought, p.unit_costs.acquisition["referral"], 0.0)
    table = table.sort_values(["date", "referrer_id", "referred_id"], ignore_index=True)
    table.insert(0, "referral_id", [f"F{i + 1:05d}" for i in range(len(table))])
    return table


def _lost_days(n: int, r, rng) -> np.ndarray:
    """Date the referrals that came to nothing: more and more of them as the firm grows."""
    return r.lost_from_day + (DAYS - r.lost_from_day) * rng.random(n) ** r.lost_growth


def leads(people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Draw leads until they have brought every customer whom the search campaign won."""
    rng, o = stream(p.seed, "leads"), p.leads
    start, turn, end = (day_of(day) for day in (o.begins, o.plan_c_from, o.ends))
    first = people["first"].between(start + o.first_after, end) & (people.source == "search")
    won = people[first]
    pool = _pool(POOL * (len(won) + 10), o, rng)
    n_before = int((won["first"] < turn).sum())
    before = _until(pool[pool.plan != "C"], n_before)
    after = _until(pool[pool.plan == "C"], len(won) - n_before)
    before["t"] = _times(before, won["first"].to_numpy()[:n_before], start, turn, o, rng)
    after["t"] = _times(after, won["first"].to_numpy()[n_before:], turn, end, o, rng)
    table = pd.concat([before, after], ignore_index=True)
    table["customer_id"] = None
    table.loc[table.converted, "customer_id"] = won.customer_id.to_numpy()
    return _leads_table(table, o, rng)


def _pool(n: int, o: Leads, rng) -> pd.DataFrame:
    """Draw leads with all that decides whether they convert."""
    plan = np.array(["A", "B", "C"], object)[rng.integers(3, size=n)]
    lead = pd.DataFrame({"plan": plan})
    lead["on_target"] = rng.random(n) > lead.plan.map(o.off_target).to_numpy(float)
    lead["popup"] = (rng.random(n) < o.popup_share) & (plan != "C")
    minutes = np.exp(o.reply_log_mean + o.reply_log_sd * rng.standard_normal(n))
    lead["reply_minutes"] = np.rint(minutes).clip(1, o.reply_longest)
    lead["asked_by"] = pick(rng, o.asked_by, n)
    same = rng.random(n) < o.same_channel
    lead["replied_by"] = np.where(same, lead.asked_by, pick(rng, o.other_channel, n))
    lead["quoted"] = np.rint(np.exp(o.quoted_log_mean + o.quoted_log_sd * rng.standard_normal(n)))
    lead["converted"] = lead.on_target & (rng.random(n) < logistic(_log_odds(lead, o)))
    return lead


def _log_odds(lead: pd.DataFrame, o: Leads) -> pd.Series:
    """Give the log odds of converting, centred so that a plan converts at its own rate."""
    odds = lead.plan.map({plan: np.log(x / (1 - x)) for plan, x in o.convert.items()})
    doublings = np.log2(np.maximum(lead.reply_minutes, o.reply_free) / o.reply_free)
    odds = odds + o.reply_effect * (doublings - o.reply_usual)
    odds = odds + o.popup_effect * (lead.popup - o.popup_share * (lead.plan != "C"))
    return odds + o.wrong_channel_effect * (lead.asked_by != lead.replied_by)


def _until(pool: pd.DataFrame, conversions: int) -> pd.DataFrame:
    """Keep the leads up to and including the last conversion wanted."""
    done = pool.converted.cumsum()
    if conversions and done.iloc[-1] < conversions:
        raise ValueError("the pool of leads is too small; raise its size in leads()")
    before = (done < conversions) | ((done == conversions) & pool.converted)
    return pool[before if conversions else np.zeros(len(pool), bool)].reset_index(drop=True)


def _times(lead: pd.DataFrame, firsts: np.ndarray, start: int, end: int, o, rng) -> np.ndarray:
    """Date converted leads some days before the first purchase, the others between them."""
    t = np.full(len(lead), np.nan)
    t[lead.converted.to_numpy()] = np.maximum(
        firsts - o.days_before_first * rng.random(len(firsts)), start
    )
    rest = np.isnan(t)
    t[rest] = start + (end - start) * rng.random(rest.sum())
    return t


def _leads_table(table: pd.DataFrame, o: Leads, rng) -> pd.DataFrame:
    table = table.sort_values("t", kind="stable", ignore_index=True)
    on, off = pick(rng, o.themes, len(table)), pick(rng, dict.fromkeys(OFF_TARGET, 1), len(table))
    theme = np.where(table.on_target, on, off)
    hour = rng.choice(len(SEARCH_HOURS), len(table), p=SEARCH_HOURS / SEARCH_HOURS.sum())
    out = pd.DataFrame({"lead_id": [f"D{i + 1:05d}" for i in range(len(table))]})
    out["date"], out["hour"], out["searched_for"] = (
        DATES[np.floor(table.t).astype(int)],
        hour,
        theme,
    )
    out["plan"], out["popup"], out["on_target"] = table.plan, table.popup, table.on_target
    answered = table.on_target.to_numpy()
    for column in ("asked_by", "replied_by", "reply_minutes", "quoted"):
        out[column] = table[column].where(answered)
    out["reply_minutes"] = out.reply_minutes.astype("Int64")
    out["quoted"] = out.quoted.astype("Int64")
    out["converted"], out["customer_id"] = table.converted, table.customer_id
    return out
