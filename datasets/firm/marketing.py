"""Randomised campaigns and what they cause."""

import numpy as np
import pandas as pd

from .chance import pick, stream
from .life import CHANNELS
from .parameters import Parameters
from .seasons import DAYS, day_of

# id: (name, date sent, kind)
CAMPAIGNS = {
    "K01": ("11.11 coupon 2023", "2023-10-24", "coupon"),
    "K02": ("Spring planting 2024", "2024-03-04", "planting"),
    "K03": ("Mid-Autumn presents 2024", "2024-08-19", "gifts"),
    "K04": ("11.11 coupon 2024", "2024-10-24", "coupon"),
    "K05": ("Spring planting 2025", "2025-03-04", "planting"),
    "K06": ("Win back 2025", "2025-06-03", "win back"),
    "K07": ("Mid-Autumn presents 2025", "2025-09-08", "gifts"),
    "K08": ("11.11 coupon 2025", "2025-10-23", "coupon"),
}


def run(orders: pd.DataFrame, people: pd.DataFrame, p: Parameters) -> tuple:
    """Run all campaigns in turn: the orders with the extra ones, the sends, who unsubscribed."""
    orders = orders.assign(campaign_id=None, caused_by=None)
    silent = np.zeros(len(people), bool)
    sends = []
    for campaign, (name, sent, kind) in CAMPAIGNS.items():
        rng = stream(p.seed, f"campaign {campaign}")
        day = day_of(sent)
        send = _targets(orders, people, silent, day, kind, p, rng)
        send = send.assign(campaign_id=campaign, campaign=name, sent_on=pd.Timestamp(sent))
        extra = _caused(send, people, day, kind, p, rng).assign(caused_by=campaign)
        orders = pd.concat([orders, extra], ignore_index=True)
        if kind in ("coupon", "win back"):
            _redeem(orders, send, day, campaign, p, rng)
        _react(send, p, rng)
        silent[send.customer[send.unsubscribed]] = True
        sends.append(send)
    return orders, pd.concat(sends, ignore_index=True), silent


def _targets(orders, people, silent, day, kind, p: Parameters, rng) -> pd.DataFrame:
    """Choose whom to write to, and put each at random into an arm."""
    past = orders[orders.t < day]
    last = past.groupby("customer").t.max().reindex(people.index)
    since = day - last
    if kind == "win back":
        eligible = (since >= p.campaigns.lapsed) & ~silent
        arms = dict(control=1, reminder=1, coupon=1)
    else:
        eligible = (since <= p.campaigns.recent) & ~silent
        arms = {"control": 1 - p.campaigns.treated_share, "treated": p.campaigns.treated_share}
    who = people.index[eligible].to_numpy()
    return pd.DataFrame({"customer": who, "arm": pick(rng, arms, len(who))})


def _caused(send, people, day, kind, p: Parameters, rng) -> pd.DataFrame:
    """Add the orders that would not exist without the campaign."""
    mine = people.loc[send.customer].reset_index(drop=True)
    alive = ~(mine.left <= day)  # nobody who has left hears the ordinary campaigns
    if kind == "win back":
        chance = np.zeros(len(send))
        for arm, effect in (
            ("reminder", p.campaigns.win_back_reminder),
            ("coupon", p.campaigns.win_back_coupon),
        ):
            by_reason = mine.left_reason.map(effect).fillna(0).astype(float)
            chance = np.where((send.arm == arm) & ~alive, by_reason, chance)
    else:
        effect = mine.segment.map(getattr(p.campaigns, kind)).astype(float)
        chance = effect * alive * (send.arm == "treated")
    t = day + 1 + (p.campaigns.window - 2) * rng.beta(1, p.campaigns.reply_shape, len(send))
    here = ~alive | ~(mine.left < t)  # nor orders after leaving in between
    hit = ((rng.random(len(send)) < chance) & here).to_numpy()
    send["caused"] = hit
    who = send.customer[hit].to_numpy()
    channel = np.array(CHANNELS, object)[1 + (rng.random(len(who)) < p.campaigns.extra_by_wechat)]
    extra = pd.DataFrame(
        {"customer": who, "t": np.minimum(t[hit], DAYS - 1e-6), "channel": channel}
    )
    extra["visit"], extra["satisfaction"] = -1, people.satisfaction.to_numpy()[who]
    return extra.assign(answered=False, alert=False, followed_up=False)


def _redeem(orders, send, day, campaign, p: Parameters, rng) -> None:
    """Let treated customers use the coupon, also those who would have bought anyway."""
    coupon = set(send.customer[send.arm.isin(["treated", "coupon"])])
    inside = (orders.t >= day + 1) & (orders.t < day + p.campaigns.window)
    able = inside & orders.customer.isin(coupon) & orders.campaign_id.isna()
    first = orders[able].sort_values("t", kind="stable").drop_duplicates("customer")
    first = first.index.sort_values()
    used = first[rng.random(len(first)) < p.campaigns.redeem_share]
    orders.loc[used, "campaign_id"] = campaign


def _react(send: pd.DataFrame, p: Parameters, rng) -> None:
    """Record what the mailing tool sees: opened, clicked, unsubscribed."""
    n, got = len(send), (send.arm != "control").to_numpy()
    c = p.campaigns
    send["channel"] = np.where(rng.random(n) < c.sent_by_wechat, "wechat", "sms")
    opens = send.channel.map(c.opened).to_numpy(float) + c.opened_if_caused * send.caused
    opened = rng.random(n) < opens
    clicked = opened & (rng.random(n) < c.clicked + c.clicked_if_caused * send.caused)
    leaves = rng.random(n) < c.unsubscribe_rate
    send["opened"] = pd.Series(opened).where(got).astype("boolean")
    send["clicked"] = pd.Series(clicked).where(got).astype("boolean")
    send["unsubscribed"] = leaves & got


def campaigns_table(send: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Write the send log: one row per customer and campaign, controls included."""
    table = send.assign(customer_id=people.customer_id.to_numpy()[send.customer])
    table["channel"] = table.channel.where(table.arm != "control")
    columns = "campaign_id campaign sent_on customer_id arm channel opened clicked unsubscribed"
    return table[columns.split()]


def effects(send: pd.DataFrame, people: pd.DataFrame) -> list:
    """List the true effect of each campaign: extra orders per customer treated, by segment."""
    table = send.assign(segment=people.segment.to_numpy()[send.customer])
    table = table[table.arm != "control"]
    share = table.groupby(["campaign_id", "arm", "segment"]).caused.agg(["mean", "size"])
    return [
        dict(campaign_id=c, arm=a, segment=s, extra_orders=round(float(m), 4), treated=int(k))
        for (c, a, s), (m, k) in zip(share.index, share.to_numpy(), strict=True)
    ]
