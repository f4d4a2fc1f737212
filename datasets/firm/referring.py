"""Who brings whom, and the search campaign of 2024 that turns prospects into customers."""

import numpy as np
import pandas as pd

from .chance import logistic, pick, pick_column, stream
from .parameters import Parameters
from .seasons import DATES, DAYS, date_of, day_of

LEADS_FROM, LEADS_UNTIL = day_of("2024-02-19"), day_of("2024-08-31")
PLAN_C_FROM = day_of("2024-06-01")  # until then A and B are compared


def referrals(people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Find a referrer for each referred customer, and add the referrals that came to nothing."""
    rng = stream(p.seed, "referrals")
    s = p.satisfaction
    bought = people.index[people.referred].to_numpy()
    lost = rng.poisson(len(bought) * (1 - s.referral_close) / s.referral_close)
    days = people["first"].to_numpy()
    t = np.concatenate([days[bought], 60 + (DAYS - 60) * rng.random(lost) ** 0.7])
    asked = np.maximum(t - 1 - 13 * rng.random(len(t)), 0)
    left = people.left.fillna(np.inf).to_numpy()
    here = (days[None, :] < asked[:, None]) & (left[None, :] > asked[:, None])
    weight = here * np.exp(s.referral_effect * people.satisfaction.to_numpy())
    referrer = pick_column(rng, weight)
    ids = people.customer_id.to_numpy()
    table = pd.DataFrame({"referrer_id": ids[referrer], "date": date_of(asked)})
    table["channel"] = pick(rng, {"wechat": 0.6, "in person": 0.3, "phone": 0.1}, len(t))
    table["referred_id"] = pd.Series(
        np.concatenate([ids[bought], np.full(lost, None)]), dtype=object
    )
    table["bought"] = np.arange(len(t)) < len(bought)
    table["reward"] = np.where(table.bought, p.unit_costs.acquisition["referral"], 0.0)
    table = table.sort_values(["date", "referrer_id", "referred_id"], ignore_index=True)
    table.insert(0, "referral_id", [f"F{i + 1:05d}" for i in range(len(table))])
    return table


def leads(people: pd.DataFrame, p: Parameters) -> pd.DataFrame:
    """Draw leads until they have brought every customer whom the search campaign won."""
    rng, o = stream(p.seed, "leads"), p.leads
    inside = people["first"].between(LEADS_FROM + 8, LEADS_UNTIL) & (people.source == "search")
    won = people[inside]
    pool = _pool(150 * len(won) + 2000, o, rng)
    n_before = int((won["first"] < PLAN_C_FROM).sum())
    before = _until(pool[pool.plan != "C"], n_before)
    after = _until(pool[pool.plan == "C"], len(won) - n_before)
    before["t"] = _times(before, won["first"].to_numpy()[:n_before], LEADS_FROM, PLAN_C_FROM, rng)
    after["t"] = _times(after, won["first"].to_numpy()[n_before:], PLAN_C_FROM, LEADS_UNTIL, rng)
    table = pd.concat([before, after], ignore_index=True)
    table["customer_id"] = None
    table.loc[table.converted, "customer_id"] = won.customer_id.to_numpy()
    return _leads_table(table, rng)


def _pool(n: int, o, rng) -> pd.DataFrame:
    """Draw leads with all that decides whether they convert."""
    plan = np.where(rng.random(n) < 0.4, "C", np.where(rng.random(n) < 0.5, "A", "B"))
    lead = pd.DataFrame({"plan": plan})
    lead["on_target"] = rng.random(n) > np.where(plan == "C", o.off_target_c, o.off_target)
    lead["popup"] = (rng.random(n) < 0.5) & (plan != "C")
    lead["reply_minutes"] = np.rint(np.exp(3.2 + 1.3 * rng.standard_normal(n))).clip(1, 2880)
    lead["asked_by"] = pick(rng, {"chat": 0.5, "phone": 0.2, "form": 0.3}, n)
    same = rng.random(n) < 0.82
    lead["replied_by"] = np.where(
        same, lead.asked_by, pick(rng, {"chat": 1, "phone": 2, "form": 1}, n)
    )
    lead["quoted"] = np.rint(np.exp(5.6 + 0.9 * rng.standard_normal(n)))
    odds = lead.plan.map(lambda x: np.log(o.convert[x] / (1 - o.convert[x]))).astype(float)
    slow = o.reply_effect * np.log2(np.maximum(lead.reply_minutes, 5) / 5)
    odds = odds + slow - o.reply_effect * 2.5 + o.popup_effect * (lead.popup - 0.5 * (plan != "C"))
    wrong = lead.asked_by != lead.replied_by
    odds = odds + o.wrong_channel_effect * wrong
    lead["converted"] = lead.on_target & (rng.random(n) < logistic(odds))
    return lead


def _until(pool: pd.DataFrame, conversions: int) -> pd.DataFrame:
    """Keep the leads up to and including the last conversion wanted."""
    done = pool.converted.cumsum()
    if conversions and done.iloc[-1] < conversions:
        raise ValueError("the pool of leads is too small; raise its size in leads()")
    before = (done < conversions) | ((done == conversions) & pool.converted)
    return pool[before if conversions else np.zeros(len(pool), bool)].reset_index(drop=True)


def _times(lead: pd.DataFrame, firsts: np.ndarray, start: int, end: int, rng) -> np.ndarray:
    """Date converted leads some days before the first purchase, the others between them."""
    t = np.full(len(lead), np.nan)
    t[lead.converted.to_numpy()] = np.maximum(firsts - 7 * rng.random(len(firsts)), start)
    rest = np.isnan(t)
    t[rest] = start + (end - start) * rng.random(rest.sum())
    return t


def _leads_table(table: pd.DataFrame, rng) -> pd.DataFrame:
    table = table.sort_values("t", kind="stable", ignore_index=True)
    off = ["wholesale herbs", "jobs", "orchid photos", "other plant", "medical advice"]
    theme = np.where(
        table.on_target,
        pick(
            rng,
            {"dendrobium plant": 3, "dendrobium tea": 3, "present": 2, "Shihu Garden": 1},
            len(table),
        ),
        pick(rng, dict.fromkeys(off, 1), len(table)),
    )
    hour = rng.choice(24, len(table), p=_HOURS / _HOURS.sum())
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


_HOURS = np.array(
    [2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 8, 7, 6, 7, 8, 8, 8, 8, 10, 12, 12, 9, 5], float
)  # searches by hour of the day
