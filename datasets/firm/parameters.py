"""The numbers that move the firm, in one place; written to truth.json beside the tables.

Rates, effects and shares are here, and nowhere else: tests hold that each of them moves a table and
that no other module has numbers of its own. What is a table by nature (prices, cities, seasons, the
wording of requests, what brands are like) stands at the head of the module it belongs to; truth.json
holds these tables under "settings".

Rates are per year and shares in 0-1 unless the comment says otherwise. Amounts are yuan (CNY).
"""

from dataclasses import asdict, dataclass, field

SEGMENTS = ("wellness", "gift", "grower", "bargain", "trade")
REASONS = ("forgot", "dissatisfied", "choice", "price", "other")
STEPS = ("need", "search", "arrival", "waiting", "handling", "after")
AGE_GROUPS = ("under 35", "35-49", "50-64", "65 and over")
AGE_EDGES = (35, 50, 65)  # years, the first of each group but the youngest


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
    age_range: tuple = (18, 86)  # years; who would be younger is mirrored, older is cut
    age_middle: float = 46.0  # years at which age neither adds to satisfaction nor takes from it
    age_step: float = 12.0  # years that change satisfaction by satisfaction_by_age
    launch_gap: float = 0.7  # share of new customers missing on the first day
    launch_days: float = 90.0  # days in which that gap falls to 37 % of itself
    fading_days: float = 1600.0  # days in which new customers fall to 37 %: the market saturates
    first_by_season: float = 0.7  # power of the season's demand in the number of new customers
    referred_share: float = 0.18  # of new customers after the first quarter
    referred_after: float = 90.0  # days after the start before anybody is referred
    household_share: float = 0.08  # of customers who live with another customer
    income_median: float = 130_000  # yuan a year
    income_sd_log: float = 0.55
    no_income_share: float = 0.03  # the heirs: no income of their own, large wallets
    income_to_spend: float = 0.15  # log mean basket for one sd of log income: hardly
    share_of_wallet: float = 0.50  # mean share of the category's spend that Shihu gets
    wallet_by_satisfaction: float = 0.35  # log odds of share of wallet for one sd of satisfaction
    no_income_basket: float = 3.0  # times the mean basket of those with an income
    wallet_by_income: float = -0.30  # log odds for one sd of log income: the affluent buy elsewhere
    wallet_noise: float = 0.9  # log odds, sd of the rest
    price_sensitivity_bargain: float = 0.9  # sd that bargain hunters are above the others
    price_sensitivity_level: float = -0.19  # sd, of the others; so that the mean of all is 0
    price_sensitivity_sd: float = 0.92  # within bargain hunters and within the others
    # what the firm does not know of its customers: shares
    sex_missing: float = 0.05
    birth_date_missing: float = 0.12
    opted_out: float = 0.06  # want no messages, beside those who unsubscribed
    income_refused: dict = field(  # by income band
        default_factory=lambda: {
            "none": 0.25, "under 60k": 0.28, "60k-120k": 0.30, "120k-250k": 0.36,
            "250k and over": 0.50,
        }
    )  # fmt: skip


@dataclass(frozen=True)
class Membership:
    """Who joins, in which tier, and the points; none of it causes anything."""

    join_level: float = 0.1  # log odds of joining for a customer of usual rate and hazard 1
    join_by_settled: float = 0.5  # log odds for each log unit of purchase rate over leaving hazard
    usual_rate: float = 5.0  # orders a year
    settled_most: float = 4.0  # log units beyond which it adds or takes no more
    join_days: float = 12.0  # days from the first order to joining, mean
    gold: float = 5000.0  # yuan paid in the last 365 days
    silver: float = 2000.0  # yuan
    bonus: int = 100  # points on joining
    redeem_step: int = 500  # points are redeemed in steps of this size
    redeem_share: float = 0.3  # chance to redeem at an order when there are enough points
    client_orders: int = 6  # orders that make a client, with at least ...
    client_wallet: float = 0.5  # ... this share of wallet


@dataclass(frozen=True)
class Channels:
    """Where customers buy: weights of the channels before each customer's own habit."""

    shop: float = 2.6  # in the three cities that have one; elsewhere 0
    web: float = 1.0
    wechat: float = 0.7
    wechat_young: float = 0.8  # more, for the young
    young_under: int = 45  # years
    habit_shape: float = 0.9  # shape of the gamma that makes habits: below 1 people keep to one
    habit_least: float = 0.02  # weight that no channel falls below


@dataclass(frozen=True)
class Delivery:
    """Parcels, in yuan."""

    cost_by_zone: tuple = (7.0, 12.0, 20.0)  # a parcel, zones 1 to 3
    cold_chain: float = 9.0  # more for fresh stems
    second_parcel: float = 1000.0  # goods above this go as two parcels
    free_from: float = 99.0  # goods from this value are sent free
    fee: float = 10.0  # below it


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
    price_rise: float = 0.06  # of every list price
    price_rise_on: str = "2024-07-01"
    cost_rise: float = 0.03  # of every unit cost in 2023, a year
    more_lines: float = 0.25  # mean number of lines beyond the first, for a worthless order ...
    more_lines_by_value: float = 0.45  # ... and for each unit of log(1 + value / more_lines_value)
    more_lines_value: float = 150.0  # yuan
    most_more_lines: int = 5
    line_shape: float = 2.0  # shape of the gamma weights that split an order into lines
    dearer_width: float = 0.35  # squared log price above the line's budget: appeal falls to 37 %
    cheaper_width: float = 1.6  # ... and below it (cheap goods are bought in numbers)
    most_pieces: int = 40  # of a product in a line
    booked_late: float = 0.02  # share of shop orders that reach the books late
    booked_late_days: tuple = (3, 31)  # days late, the last one excluded
    return_in_shop: float = 0.5  # times the usual rate of returns
    return_online: float = 1.2
    return_by_line: dict = field(
        default_factory=lambda: dict(
            potted=1.3, fresh=1.6, seedlings=1.1, tea=0.6, gift=0.9, care=0.5
        )
    )
    return_days: tuple = (2, 15)  # days from order to refund, the last one excluded
    restocked: float = 0.8  # share of returned goods that do not perish and are sold again
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
    usual_wait: float = 1.1  # points that an ordinary wait costs (other shops, or for a parcel)
    at_first: float = 0.7  # share of the disposition that makes satisfaction before any order
    learning: float = 0.35  # weight of the newest journey in a customer's satisfaction
    recall_level: float = 7.05  # mean of remembered journeys, points
    points_per_sd: float = 1.27  # remembered points that make one sd of satisfaction
    asked_from: str = "2024-01-01"  # the journey questions begin
    asked_share: float = 0.85  # of orders from then on that are followed by them
    step_skipped: float = 0.03  # share of answers left out
    return_within: float = 180.0  # days in which the next order counts as a return
    answered_share: float = 0.70  # of those asked
    alert_at: int = 5  # overall rating at or under which a case is opened
    follow_up_share: float = 0.5  # of alerts followed up, at random
    follow_up_effect: float = -1.20  # log hazard of leaving until the next order (hazard x 0.30)
    referral_effect: float = 0.8  # log rate of winning a customer by referral, per sd
    referral_close: float = 0.45  # share of referred leads who buy
    complaint_effect: float = -0.6  # log rate of complaining, per sd


@dataclass(frozen=True)
class Waiting:
    """The service counter of the West Lake shop."""

    opened: str = "2024-07-01"  # the ticket machine is installed
    day_shape: float = 25.0  # shape of the gamma that makes some days busier than others
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
    service_shape: float = 2.5  # of the gamma of service times
    service_least: float = 0.5  # minutes
    patience_mean: float = 85.0  # minutes a visitor would wait before leaving (gamma)
    patience_shape: float = 2.0
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
    felt_usual: float = 1.13  # mean ratio: at it the rating loses what the slopes say
    felt_noise_log: float = 0.20  # sd of the log of felt time
    most_lost: float = 7.0  # points that a wait can cost at most, at the mean ratio
    rated_share: float = 0.42  # of served visitors who rate the visit
    rating_level: float = 8.3  # points, without a wait, at average disposition
    rating_by_disposition: float = 0.6  # points for one sd
    rating_noise: float = 1.1  # points, sd
    known_share: float = 0.15  # of visitors who do not buy give a customer's number


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
    recent: int = 365  # days: with an order in them customers are written to ...
    lapsed: int = 180  # days: ... without one in them the win-back is for them
    reply_shape: float = 2.5  # beta (1, this) of caused orders over the window: most come early
    extra_by_wechat: float = 0.55  # share of caused orders; the others come by web
    sent_by_wechat: float = 0.6  # share of messages; the others go by sms
    opened: dict = field(default_factory=lambda: dict(wechat=0.42, sms=0.24))
    opened_if_caused: float = 0.35  # more, of messages that cause an order
    clicked: float = 0.22  # of opened messages
    clicked_if_caused: float = 0.5  # more
    unsubscribe_rate: float = 0.009  # of messages


@dataclass(frozen=True)
class Subscribing:
    """Monthly contracts: shifted beta-geometric leaving, and what a second product does."""

    early: float = 2.0  # power of a uniform draw that picks the order after which they subscribe
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
    complaint_mean: float = 3.2  # of the items on complaints
    item_sd: float = 1.7
    # single items: mean, points for one sd of the construct behind, sd of the rest
    overall: tuple = (3.65, 0.75, 0.45)  # satisfaction
    recommend: tuple = (7.6, 1.7, 0.8)  # loyalty
    rival_overall: tuple = (3.5, 0.15, 0.8)  # satisfaction
    # percent: mean, for one sd of loyalty, for one sd of price sensitivity, sd of the rest
    price_tolerance: tuple = (7.0, 3.0, -3.5, 3.0)
    elsewhere_noise_log: float = 0.3  # sd of the log of spending elsewhere as recalled
    elsewhere_missing: float = 0.22  # share that does not say
    need_yes_sd: float = 0.35  # points that some agree more with everything
    need_noise: float = 0.75  # points, sd of one statement
    invited_share: float = 0.65  # of customers with an order in the last year
    # chance to answer, by age group: the old answer more, and are happier
    response: dict = field(
        default_factory=lambda: dict(zip(AGE_GROUPS, (0.20, 0.34, 0.52, 0.60), strict=True))
    )
    by_web_young: float = 0.75  # share asked by web, under 50
    by_web_old: float = 0.45  # from 50 on
    on_site: float = 0.12  # share asked on site; the others by phone
    straight_liners: float = 0.05
    speeders: float = 0.04
    duplicates: float = 0.025
    again_after: tuple = (60, 3600)  # seconds from the first form to its duplicate, last excluded
    late: float = 0.03
    field_days: int = 21  # days until the field closes
    delay_days: float = 5.0  # mean days to an answer
    late_days: float = 15.0  # days after the close in which the late ones come
    missing_item: float = 0.02
    seconds_least: float = 60.0  # to fill in the form, careful
    seconds_log_mean: float = 5.9  # log seconds beyond the least
    seconds_log_sd: float = 0.35
    seconds_speeder: tuple = (25.0, 75.0)
    seconds_straight: tuple = (55.0, 175.0)
    expected_slope: float = 0.5  # points of expected service for one sd of expectations
    perceived_slope: float = 0.8  # points of perceived service for one sd of quality
    gap_noise: float = 0.6  # points, sd of one answer
    # perceived minus expected service, points on a 1-7 scale
    gaps: dict = field(
        default_factory=lambda: dict(
            tangibles=0.2, reliability=-0.8, responsiveness=-1.1, assurance=-0.2, empathy=-0.4
        )
    )


@dataclass(frozen=True)
class Kano:
    """The Kano survey."""

    asked: int = 520  # respondents of the last wave
    main_share: float = 0.66  # of people for whom a feature has its main category
    noise: float = 0.06  # share of pairs ticked without reading


@dataclass(frozen=True)
class Brands:
    """The brand survey."""

    asked: int = 420  # respondents of the last wave
    kindness_sd: float = 0.5  # points that some people rate everything higher
    noise: float = 0.9  # points, sd of one rating


@dataclass(frozen=True)
class ExitCalls:
    """Calls to customers thought lost."""

    after: int = 365  # days without an order: the shop's own rule
    reached: float = 0.58
    honest: float = 0.92  # share that tells the true reason; the others any of the five


@dataclass(frozen=True)
class Referring:
    """Referrals, those that came to nothing included."""

    lost_from_day: float = 60.0  # days after the start before any comes to nothing
    lost_growth: float = 0.7  # power of a uniform draw that dates them: below 1, more and more
    days_before: float = 13.0  # days at most from the referral to the first purchase, less one
    channels: dict = field(default_factory=lambda: {"wechat": 0.6, "in person": 0.3, "phone": 0.1})


@dataclass(frozen=True)
class Contacts:
    """Contact records of four channels and what goes wrong in them (shares of records)."""

    changed_phone: float = 0.16  # of customers who change their number, on a random day
    recycled_phone: float = 0.01  # of customers whose number belonged to another before
    family_phone: float = 0.5  # of household members' records with the partner's number
    phone_typo: float = 0.03
    phone_swap: float = 0.5  # of slips that swap two digits; the others change one
    phone_missing: float = 0.02
    phone_styles: dict = field(
        default_factory=lambda: {
            "plain": 0.62, "spaces": 0.12, "hyphens": 0.10, "+86": 0.08, "+86 spaces": 0.05,
            "full width": 0.03,
        }
    )  # fmt: skip
    surname_head: float = 4.0  # the k-th surname has weight 1 / (k - 1 + this)
    given_head: float = 12.0  # likewise the given names of a sex and decade
    name_variant: float = 0.14  # not the full name in characters, but:
    name_variants: dict = field(
        default_factory=lambda: {
            "latin": 0.35, "title only": 0.30, "space": 0.10, "sound-alike": 0.25
        }
    )  # fmt: skip
    email_missing: dict = field(
        default_factory=lambda: {"shop": 0.65, "web": 0.10, "wechat": 0.65, "help line": 0.65}
    )
    email_typo: float = 0.03
    email_capitals: float = 0.05
    email_domains: dict = field(
        default_factory=lambda: {"mail.example": 5, "post.example": 3, "firm.example": 1}
    )
    city_missing: float = 0.15
    birth_year_missing: float = 0.4
    birth_year_wrong: float = 0.02
    birth_year_slip: int = 9  # years at most
    consent: float = 0.83
    duplicate: float = 0.05  # entered twice in the same channel
    duplicate_within: int = 200  # days


@dataclass(frozen=True)
class HelpLine:
    """Requests to the help line."""

    per_order: float = 0.125  # requests for each order
    without_cause: float = 0.5  # weight of an order beside that of its dissatisfaction (mean 1)
    delay_days: float = 9.0  # mean days from order to request
    open_hours: tuple = (8, 22)
    unidentified: float = 0.12  # share of requests whose customer is not known
    # times a topic's usual weight
    care_of_plants: float = 2.2  # care, of potted plants, seedlings and goods for them
    care_of_others: float = 0.15
    usage_of_food: float = 1.5  # usage, of stems, tea and presents
    usage_of_others: float = 0.15
    damage_of_fresh: float = 1.6
    counter_in_shop: float = 4.0
    counter_online: float = 0.1
    promotion_months: tuple = (6, 11)
    price_then: float = 2.2  # price, in these months
    issue_cycle: int = 5  # what stands k-th under its topic has weight 1 / (1 + (k - 1) % this)
    label_noise: float = 0.08  # share of requests filed under a wrong topic
    usual_confusion: float = 0.7  # of these, under the topic it is usually taken for
    filed_as_new: float = 0.2  # weight of the new topic among the others
    new_topic_from: str = "2025-12-01"  # until then agents file it under quality
    mixed: float = 0.14  # share with a second topic
    typo: float = 0.12  # share of typed texts that get a wrong character, where one is possible
    vague: float = 0.05  # share too short to tell
    unnamed: float = 0.15  # share that calls the product 'this'
    angry_complaint: float = 0.45  # chance of an angry tone at average satisfaction
    angry_else: float = 0.06
    angry_by_satisfaction: float = -0.12  # for one sd
    # weight of each channel: at the start, its change in three years, more for the young
    channels: dict = field(
        default_factory=lambda: dict(
            phone=(2.2, -1.4, -0.7), wechat=(0.3, 1.6, 0.6), web=(0.5, 0.1, 0.0)
        )
    )
    young_under: int = 45  # years
    # minutes to handle a request, by topic
    minutes: dict = field(
        default_factory=lambda: dict(
            care=6, usage=4, delivery=5, damage=8, quality=9, refund=8, counter=7, authenticity=11
        )
    )
    minutes_else: float = 4.0  # of other topics
    minutes_angry: float = 1.5  # times
    minutes_shape: float = 3.0  # of the gamma
    minutes_least: float = 0.5  # on top
    solved_complaint: float = 0.68  # share solved at first contact
    solved_else: float = 0.9
    emerging_from: str = "2025-09-01"  # imitations sold in live streams begin to be reported
    emerging_level: float = 2.4  # weight of the new topic in the end
    emerging_half: float = 50.0  # days after which it has half of it
    emerging_pace: float = 14.0  # days of the logistic curve
    failure: tuple = ("2025-06-02", "2025-07-27")  # a packing failure: fresh stems arrive dry
    failure_factor: float = 3.0  # times the usual chance of a complaint on fresh stems


@dataclass(frozen=True)
class Inspections:
    """The machine on the packing line."""

    defective: dict = field(
        default_factory=lambda: dict(potted=0.030, fresh=0.042, seedlings=0.036)
    )
    inspected: tuple = (120, 261)  # parcels a week and line, the last one excluded
    second_defect: float = 0.25  # share of defective parcels with one defect more


@dataclass(frozen=True)
class Leads:
    """Search campaign of 2024: who turns from a prospect into a first purchase.

    Plans A and B run side by side, at random; C follows, built on what they taught.
    """

    begins: str = "2024-02-19"
    plan_c_from: str = "2024-06-01"
    ends: str = "2024-08-31"
    # share of searchers who want something else
    off_target: dict = field(default_factory=lambda: dict(A=0.70, B=0.70, C=0.35))
    # of leads on target, at the usual speed of reply
    convert: dict = field(default_factory=lambda: dict(A=0.05, B=0.02, C=0.12))
    popup_share: float = 0.5  # of visitors under A and B see a chat window pop up
    popup_effect: float = -0.45  # log odds of converting
    reply_effect: float = -0.25  # log odds for each doubling of the reply time beyond reply_free
    reply_free: float = 5.0  # minutes
    reply_usual: float = 2.5  # doublings at which a plan converts as under 'convert'
    reply_log_mean: float = 3.2  # log minutes
    reply_log_sd: float = 1.3
    reply_longest: float = 2880.0  # minutes
    wrong_channel_effect: float = -0.9  # log odds when the reply comes by another channel
    asked_by: dict = field(default_factory=lambda: dict(chat=0.5, phone=0.2, form=0.3))
    same_channel: float = 0.82  # share answered by the channel of the question; the others by:
    other_channel: dict = field(default_factory=lambda: dict(chat=1, phone=2, form=1))
    quoted_log_mean: float = 5.6  # log yuan
    quoted_log_sd: float = 0.9
    # what searchers on target look for: weights
    themes: dict = field(
        default_factory=lambda: {
            "dendrobium plant": 3, "dendrobium tea": 3, "present": 2, "Shihu Garden": 1
        }
    )  # fmt: skip
    first_after: float = 8.0  # days from the start to the first customer won
    days_before_first: float = 7.0  # days at most from the lead to the first purchase


@dataclass(frozen=True)
class Retail:
    """Retailers and their supply, in boxes a month."""

    retailers: int = 240
    kinds: dict = field(
        default_factory=lambda: {
            "tea shop": 3, "pharmacy": 3, "garden centre": 2, "supermarket": 1,
            "online reseller": 1,
        }
    )  # fmt: skip
    partners_between: tuple = ("2012-01-01", "2022-09-05")
    size_median: float = 95.0
    size_sd_log: float = 1.05
    supermarket_size: float = 2.2  # times
    promise_share: float = 0.25  # of retailers whose demand really grows
    promise_growth: float = 0.02  # a month
    judged_right: float = 0.8  # share of retailers whose promise staff judge rightly
    demand_noise_log: float = 0.15  # sd of the log of a month's demand
    list_price: float = 96.0  # yuan a box to the consumer
    first_stock: float = 0.8  # months of demand in stock at the start
    stock_days_free: float = 45.0  # days of stock a retailer holds without cutting its price
    price_fall: float = 0.004  # share of price lost for each further day of stock
    price_fall_most: float = 0.35
    elasticity: float = -1.3  # of demand in price
    rule_from: str = "2025-01-01"  # the tiered supply rule; before it, orders were pushed
    push: float = 1.30  # ordered over expected demand, before the rule
    stock_kept: float = 0.93  # share of stock that does not spoil in a month, before the rule
    order_noise_log: float = 0.12  # sd of the log of what a retailer thinks it needs
    order_margin: float = 1.05  # ordered over needed, under the rule
    surplus_from: float = 0.5  # months of demand in stock beyond which there is a surplus
    surplus_used: float = 0.5  # share of the surplus that is ordered less
    tier_floor: dict = field(  # mean monthly sales of the last three months; below, small
        default_factory=lambda: {
            "large": 1000, "mid-large": 500, "mid": 200, "mid-small": 100
        }
    )  # fmt: skip
    # next month's cap, as a multiple of the lowest (large) or highest (others) monthly order of the
    # last three months; the large are also held under the ceiling of their city (settings)
    cap_factor: dict = field(
        default_factory=lambda: {
            "large": 1.0, "mid-large": 1.0, "mid": 1.3, "mid-small": 2.0, "small": 1.0
        }
    )  # fmt: skip
    cap_factor_promising: float = 2.0  # of small retailers judged promising
    cap_least: float = 10.0  # boxes
    # the cap is loosened before Spring Festival, and before Mid-Autumn and National Day: by month
    holiday_float: dict = field(default_factory=lambda: {"1": 1.3, "9": 1.2})
    gaming_share: float = 0.2  # of retailers, order ahead of need because the cap follows orders
    gaming: float = 1.6  # times what they need, under the rule
    report_days: tuple = (1, 8)  # days after the month's end, the last one excluded
    report_late: float = 0.04  # share of reports
    report_late_days: tuple = (15, 45)
    report_lost: float = 0.012  # share of reports that never come


@dataclass(frozen=True)
class RetailerSurvey:
    """The retailer survey of November 2025."""

    asked_from: str = "2025-11-03"
    field_days: int = 21
    response: float = 0.78
    prices_from: str = "2025-01-01"  # price discipline is judged by the prices since then
    usual_price: float = 0.97  # share of the list price that satisfies as usual
    by_price: float = 12.0  # sd of satisfaction with economics for a price higher by all of itself
    by_goodwill: float = 0.7  # sd of each part for one sd of goodwill
    noise: float = 0.7  # sd of each part
    item_mean: float = 7.1  # points
    item_slope: float = 1.1  # points for one sd
    item_noise: float = 0.8  # points, sd
    missing_item: float = 0.02
    # mean, points for one sd of the weighted parts, sd of the rest
    overall: tuple = (7.2, 1.5, 0.5)
    will_continue: tuple = (4.0, 0.8, 0.5)


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
    people: People = People()
    membership: Membership = Membership()
    channels: Channels = Channels()
    buying: Buying = Buying()
    delivery: Delivery = Delivery()
    leaving: Leaving = Leaving()
    satisfaction: Satisfaction = Satisfaction()
    waiting: Waiting = Waiting()
    campaigns: Campaigns = Campaigns()
    subscribing: Subscribing = Subscribing()
    survey: Survey = Survey()
    kano: Kano = Kano()
    brands: Brands = Brands()
    exit_calls: ExitCalls = ExitCalls()
    referring: Referring = Referring()
    contacts: Contacts = Contacts()
    help_line: HelpLine = HelpLine()
    inspections: Inspections = Inspections()
    leads: Leads = Leads()
    retail: Retail = Retail()
    retailer_survey: RetailerSurvey = RetailerSurvey()
    unit_costs: UnitCosts = UnitCosts()

    def as_dict(self) -> dict:
        """Give all parameters as plain dictionaries, for truth.json."""
        return asdict(self)
