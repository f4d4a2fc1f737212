"""The numbers that move the firm, in one place; written to truth.json beside the tables.

Rates, effects and shares are here. What is a table by nature (prices, cities, seasons, the wording of
requests, what brands are like) stands in the module it belongs to; truth.json holds those a notebook
may want to find again under "settings".

Rates are per year and shares in 0-1 unless the comment says otherwise. Amounts are yuan (CNY).
"""

from dataclasses import asdict, dataclass, field

SEGMENTS = ("wellness", "gift", "grower", "bargain", "trade")
REASONS = ("forgot", "dissatisfied", "choice", "price", "other")
STEPS = ("need", "search", "arrival", "waiting", "handling", "after")
AGE_GROUPS = ("under 35", "35-49", "50-64", "65 and over")


def by_segment(wellness, gift, grower, bargain, trade) -> dict:
    """Name one value for each needs segment."""
    return dict(zip(SEGMENTS, (wellness, gift, grower, bargain, trade), strict=True))


@dataclass(frozen=True)
class People:
    """Who the customers are."""

    # share of customers whose main need is: own health, presents, growing plants, a low price,
    # supplying a small business (a tea house, a restaurant)
    segment_share: dict = field(default_factory=lambda: by_segment(0.30, 0.22, 0.22, 0.21, 0.05))
    female_share: dict = field(default_factory=lambda: by_segment(0.66, 0.55, 0.52, 0.70, 0.45))
    age_mean: dict = field(default_factory=lambda: by_segment(51, 42, 47, 39, 44))  # years
    age_sd: float = 12.0  # years, within a segment
    satisfaction_by_age: float = 0.50  # true satisfaction (in sd) gained with every 12 years of age
    referred_share: float = 0.18  # of new customers after the first quarter
    household_share: float = 0.08  # of customers who live with another customer
    income_median: float = 130_000  # yuan a year
    income_sd_log: float = 0.55
    no_income_share: float = 0.03  # the heirs: no income of their own, large wallets
    income_to_spend: float = 0.15  # log mean basket for one sd of log income: hardly
    share_of_wallet: float = 0.50  # mean share of the category's spend that Shihu gets
    wallet_by_satisfaction: float = 0.35  # log odds of share of wallet for one sd of satisfaction
    wallet_by_income: float = -0.30  # log odds for one sd of log income: the affluent buy elsewhere


@dataclass(frozen=True)
class Buying:
    """When customers buy, and for how much (gamma rates, gamma-gamma baskets)."""

    rate_shape: float = 1.5  # shape of the gamma of purchase rates within a segment
    rate_mean: dict = field(default_factory=lambda: by_segment(5.4, 3.2, 3.7, 3.9, 8.5))
    basket_shape: float = 3.0  # shape p of one basket around the customer's mean basket
    basket_spread: float = 3.0  # shape q of the (inverse gamma) mean baskets within a segment
    basket_mean: dict = field(default_factory=lambda: by_segment(230, 380, 150, 115, 680))
    online_promotion: float = 0.12  # discount for everyone, 1-11 November and 15-18 June
    member_discount: float = 0.03  # for members at any time
    price_rise: float = 0.06  # of every list price, on 1 July 2024
    return_rate: float = 0.045  # share of order lines returned by a customer of ordinary demands
    return_by_satisfaction: float = -0.4  # log rate of returning a line, for one sd
    demanding_sd_log: float = 1.1  # spread of "demanding": multiplies returns and help-line calls


@dataclass(frozen=True)
class Leaving:
    """When customers leave for good, and why: five competing exponential clocks."""

    hazard_shape: float = 1.1  # shape of the gamma of leaving hazards
    hazard_mean: dict = field(default_factory=lambda: by_segment(0.48, 0.66, 0.59, 0.88, 0.31))
    # share of the total hazard at average satisfaction, price sensitivity and forgetfulness
    reason_share: dict = field(
        default_factory=lambda: dict(
            forgot=0.56, dissatisfied=0.070, choice=0.13, price=0.190, other=0.050
        )
    )
    # how much one sd of satisfaction lowers the log hazard of each reason
    satisfaction_effect: dict = field(
        default_factory=lambda: dict(
            forgot=0.50, dissatisfied=1.00, choice=0.60, price=0.50, other=0.0
        )
    )
    # log hazard of every reason but 'other', for each point the newest journey is remembered
    # worse than a neutral one
    memory_effect: float = 0.36
    price_effect: float = 0.8  # log hazard of leaving over price, for one sd of price sensitivity
    forget_effect: float = 0.6  # log hazard of forgetting, for one sd of forgetfulness
    referred_effect: float = -0.25  # log hazard: customers who came by referral stay longer


@dataclass(frozen=True)
class Satisfaction:
    """How experiences become satisfaction, and satisfaction becomes behaviour."""

    peak_weight: float = 0.45  # of the most extreme touchpoint in the memory of a journey
    end_weight: float = 0.35  # of the last touchpoint
    mean_weight: float = 0.10  # of the mean of all touchpoints
    neutral: float = 7.0  # rating (1-10) that moves nothing; weights act on departures from it
    step_level: tuple = (0.2, 0.1, 0.3, -0.5, 0.5, -0.1)  # mean of each step above neutral, points
    person_effect: float = 0.95  # points of rating for one sd of a customer's disposition
    step_noise: float = 1.5  # points, sd of one touchpoint
    recall_noise: float = 0.6  # points, sd of the overall answer around the remembered journey
    learning: float = 0.35  # weight of the newest journey in a customer's satisfaction
    recall_level: float = 7.05  # mean of remembered journeys, points
    points_per_sd: float = 1.27  # remembered points that make one sd of satisfaction
    asked_share: float = 0.85  # of orders from 2024 on that are followed by the journey questions
    answered_share: float = 0.70  # of those asked
    alert_at: int = 5  # overall rating at or under which a case is opened
    follow_up_share: float = 0.5  # of alerts followed up, at random
    follow_up_effect: float = -1.20  # log hazard of leaving until the next order (hazard x 0.30)
    referral_effect: float = 0.8  # log rate of winning a customer by referral, per sd
    referral_close: float = 0.45  # share of referred leads who buy
    complaint_effect: float = -0.6  # log rate of complaining, per sd


@dataclass(frozen=True)
class Waiting:
    """The service counter of the West Lake shop, from 1 July 2024 (ticket machine installed)."""

    arrivals_weekday: float = 39.0  # visitors a day
    arrivals_weekend: float = 68.0
    # share of the day's visitors in each hour from 9 to 17
    hour_share: tuple = (0.08, 0.13, 0.15, 0.10, 0.07, 0.11, 0.14, 0.13, 0.09)
    servers_weekday: tuple = (1, 1, 1, 1, 1, 1, 1, 1, 1)  # open desks in each hour from 9 to 17
    servers_weekend: tuple = (1, 2, 2, 2, 1, 2, 2, 2, 1)
    service_mean: dict = field(  # minutes by what the visitor wants
        default_factory=lambda: dict(purchase=11.5, advice=17.0, repotting=22.0, pickup=5.5)
    )
    want_share: dict = field(
        default_factory=lambda: dict(purchase=0.52, advice=0.16, repotting=0.08, pickup=0.24)
    )
    patience_mean: float = 85.0  # minutes a visitor would wait before leaving (gamma, shape 2)
    knee: float = 20.0  # minutes
    slope_before: float = 0.02  # points of rating lost for each minute up to the knee
    slope_after: float = 0.15  # points lost for each minute beyond it
    # what visitors do while they wait, without and with the reading corner (placed on random days)
    activity_plain: dict = field(
        default_factory=lambda: dict(nothing=0.58, phone=0.24, reading=0.06, advised=0.12)
    )
    activity_corner: dict = field(
        default_factory=lambda: dict(nothing=0.38, phone=0.16, reading=0.34, advised=0.12)
    )
    corner_share: float = 0.4  # of days
    # minutes felt for each minute waited; the rating lost to waiting shrinks by the same ratio
    felt_ratio: dict = field(
        default_factory=lambda: dict(nothing=1.30, phone=1.10, reading=0.90, advised=0.85)
    )
    felt_noise_log: float = 0.20  # sd of the log of felt time
    rated_share: float = 0.42  # of served visitors who rate the visit


@dataclass(frozen=True)
class Campaigns:
    """Randomised campaigns: the chance that a living customer places one extra order."""

    treated_share: float = 0.5
    coupon_rate: float = 0.15  # discount
    coupon: dict = field(default_factory=lambda: by_segment(0, 0, 0.14, 0.28, 0))
    planting: dict = field(default_factory=lambda: by_segment(0, 0, 0.25, 0, 0))
    gifts: dict = field(default_factory=lambda: by_segment(0, 0.25, 0, 0, 0))
    # chance that a customer who has left comes back for one order, by true reason and message
    win_back_reminder: dict = field(default_factory=lambda: dict(forgot=0.14))
    win_back_coupon: dict = field(default_factory=lambda: dict(forgot=0.14, price=0.30))
    redeem_share: float = 0.75  # of treated customers' orders in the window that use the coupon
    window: int = 30  # days after sending
    unsubscribe_rate: float = 0.009  # of messages


@dataclass(frozen=True)
class Subscribing:
    """Monthly contracts: shifted beta-geometric leaving, and what a second product does."""

    subscriber_share: float = 0.60  # of customers who ever subscribe
    churn_a: float = 0.90  # beta parameters of the monthly chance to cancel everything,
    churn_b: float = 12.0  # with one product
    commitment_by_hazard: float = 0.5  # correlation of commitment with a low leaving hazard
    products_by_commitment: float = 0.65  # log odds of one product more for one sd of commitment
    more_products: float = -0.80  # log odds of one product more at average commitment
    product_effect: float = 0.58  # each product beyond the first multiplies the monthly churn
    trial_from: str = "2023-04-01"  # a free second product for single-product subscribers
    trial_until: str = "2025-06-30"
    trial_share: float = 0.5  # of them are offered it, at random
    trial_accept: float = 0.90  # of those offered take it
    price: dict = field(default_factory=lambda: dict(care=19.0, tea=59.0, fresh=99.0))  # a month
    cost: dict = field(default_factory=lambda: dict(care=8.0, tea=27.0, fresh=58.0))  # a month


@dataclass(frozen=True)
class Survey:
    """The consumer survey: a satisfaction path model behind 1-10 items, and careless answers."""

    # standardised path coefficients (cause, effect)
    paths: dict = field(
        default_factory=lambda: {
            "image>expectations": 0.55,
            "expectations>quality": 0.50,
            "expectations>value": 0.10,
            "quality>value": 0.60,
            "image>satisfaction": 0.20,
            "expectations>satisfaction": 0.05,
            "quality>satisfaction": 0.45,
            "value>satisfaction": 0.25,
            "satisfaction>complaints": -0.50,
            "image>loyalty": 0.20,
            "satisfaction>loyalty": 0.50,
            "complaints>loyalty": -0.15,
        }
    )
    items: dict = field(
        default_factory=lambda: dict(
            image=3, expectations=3, quality=4, value=2, satisfaction=3, complaints=2, loyalty=3
        )
    )
    loading: float = 0.85  # of each item on its construct
    item_mean: float = 7.2
    item_sd: float = 1.7
    invited_share: float = 0.65  # of customers with an order in the last year
    # chance to answer, by age group: the old answer more, and are happier
    response: dict = field(
        default_factory=lambda: dict(zip(AGE_GROUPS, (0.20, 0.34, 0.52, 0.60), strict=True))
    )
    straight_liners: float = 0.05
    speeders: float = 0.04
    duplicates: float = 0.025
    late: float = 0.03
    missing_item: float = 0.02
    # perceived minus expected service, points on a 1-7 scale
    gaps: dict = field(
        default_factory=lambda: dict(
            tangibles=0.2, reliability=-0.8, responsiveness=-1.1, assurance=-0.2, empathy=-0.4
        )
    )


@dataclass(frozen=True)
class Contacts:
    """Contact records of four channels and what goes wrong in them."""

    phone_typo: float = 0.03  # share of records
    name_variant: float = 0.14
    email_missing: float = 0.45
    stale_phone: float = 0.06
    family_phone: float = 0.5  # share of household members' records with the partner's number
    recycled_phone: float = 0.01  # share of customers whose number belonged to another before
    duplicate: float = 0.05  # entered twice in the same channel


@dataclass(frozen=True)
class HelpLine:
    """Requests to the help line."""

    per_order: float = 0.125  # requests for each order
    label_noise: float = 0.08  # share of requests filed under a wrong topic
    mixed: float = 0.14  # share with a second topic
    typo: float = 0.12  # share of texts with a wrong character
    vague: float = 0.05  # share too short to tell
    emerging_from: str = "2025-09-01"  # imitations sold in live streams begin to be reported
    failure: tuple = ("2025-06-02", "2025-07-27")  # a packing failure: fresh stems arrive dry
    failure_factor: float = 3.0  # times the usual chance of a complaint on fresh stems


@dataclass(frozen=True)
class Leads:
    """Search campaign of 2024: who turns from a prospect into a first purchase."""

    off_target: float = 0.70  # share of searchers who want something else, under plans A and B
    off_target_c: float = 0.35  # under plan C, written with what A and B taught
    convert: dict = field(
        default_factory=lambda: dict(A=0.05, B=0.08, C=0.12)
    )  # of on-target leads
    popup_effect: float = -0.45  # log odds of converting when a chat window pops up
    reply_effect: float = -0.25  # log odds for each doubling of the reply time beyond 5 minutes
    wrong_channel_effect: float = -0.9  # log odds when the reply comes by another channel


@dataclass(frozen=True)
class Retail:
    """Retailers and their supply, in boxes a month."""

    retailers: int = 240
    size_median: float = 95.0
    size_sd_log: float = 1.05
    promise_share: float = 0.25  # of retailers whose demand really grows
    promise_growth: float = 0.02  # a month
    list_price: float = 96.0  # yuan a box to the consumer
    box_cost: float = 52.0  # yuan a box to Shihu
    wholesale: float = 74.0  # yuan a box to the retailer
    stock_days_free: float = 45.0  # days of stock a retailer holds without cutting its price
    price_fall: float = 0.004  # share of price lost for each further day of stock
    elasticity: float = -1.3  # of demand in price
    rule_from: str = "2025-01-01"  # the tiered supply rule; before it, orders were pushed
    push: float = 1.30  # ordered over expected demand, before the rule
    tier_floor: dict = field(
        default_factory=lambda: {
            "large": 1000, "mid-large": 500, "mid": 200, "mid-small": 100, "small": 0
        }
    )  # fmt: skip


@dataclass(frozen=True)
class UnitCosts:
    """What it costs to serve, in yuan; also shipped as the table unit_costs."""

    help_line_minute: float = 1.8
    counter_minute: float = 1.1
    return_handling: float = 16.0  # a returned line
    payment_share: float = 0.006  # of the amount paid
    message: float = 0.35  # one campaign message with its share of the design
    point: float = 0.01  # one loyalty point when redeemed
    account_year: float = 15.0  # keeping one customer account for a year
    # winning one customer, by source
    acquisition: dict = field(
        default_factory=lambda: dict(
            search=95.0, livestream=70.0, fair=80.0, wechat=40.0, shop=25.0, referral=30.0
        )
    )


@dataclass(frozen=True)
class Parameters:
    """The firm."""

    seed: int = 2026
    customers: int = 5000
    start: str = "2023-01-01"  # first day; before it Shihu sold through retailers only
    end: str = "2025-12-31"  # last day
    people: People = People()
    buying: Buying = Buying()
    leaving: Leaving = Leaving()
    satisfaction: Satisfaction = Satisfaction()
    waiting: Waiting = Waiting()
    campaigns: Campaigns = Campaigns()
    subscribing: Subscribing = Subscribing()
    survey: Survey = Survey()
    contacts: Contacts = Contacts()
    help_line: HelpLine = HelpLine()
    leads: Leads = Leads()
    retail: Retail = Retail()
    unit_costs: UnitCosts = UnitCosts()

    def as_dict(self) -> dict:
        """Give all parameters as plain dictionaries, for truth.json."""
        return asdict(self)
