"""The data dictionary: every table and column of the running case, its type, unit and meaning.

A new column needs a line here: writing stops when a table and its dictionary differ.
"""

from .life import SHOPS
from .parameters import AGE_GROUPS, REASONS, SEGMENTS, STEPS
from .retail import ITEMS
from .survey import CONSTRUCTS, EXPECTED

LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}
SOURCE = {"title": "Simulated by datasets/generate.py: a fictional firm, no real person or shop"}


def _text(description: str) -> tuple:
    return ("string", "", description)


def _number(unit: str, description: str) -> tuple:
    return ("number", unit, description)


def _count(unit: str, description: str) -> tuple:
    return ("integer", unit, description)


def _date(description: str) -> tuple:
    return ("date", "day", description)


def _time(description: str) -> tuple:
    return ("datetime", "second", description)


def _flag(description: str) -> tuple:
    return ("boolean", "", description)


def _one_of(options, description: str) -> tuple:
    return _text(f"{description}: {', '.join(options)}")


CUSTOMER = _text("Customer, as in customers")
ORDER = _text("Order, as in orders")
RATING = "points 1-10"

_BUYING = {
    "customers": (
        "Customers: one row per person who bought at least once, as registered",
        {
            "customer_id": _text("Customer, C00001 onwards in order of the first purchase"),
            "sex": _text("F or M; empty where not given"),
            "birth_date": _date("Date of birth; empty where not given (about one in eight)"),
            "age_group": _one_of(AGE_GROUPS, "Age group ticked at registration"),
            "city": _text("City of residence"),
            "province": _text("Province or municipality"),
            "delivery_zone": _count("zone", "Delivery zone, 1 (near) to 3 (far)"),
            "source": _text(
                "What brought the customer: shop, search, wechat, fair, livestream, referral"
            ),
            "registered_on": _date("Day of the first purchase"),
            "income_band": _text(
                "Yearly income as told: none, under 60k, 60k-120k, 120k-250k, 250k and over (CNY); "
                "empty where refused, most often by the affluent"
            ),
            "member_since": _date("Day of joining the membership; empty for non-members"),
            "tier": _text(
                "Members only: gold (5,000 CNY or more paid in the last 365 days), silver (2,000 or "
                "more), green"
            ),
            "manager": _text("Member of staff, S1 to S7, who looks after the customer"),
            "may_contact": _flag("Whether the customer may be sent messages at the end of 2025"),
        },
    ),
    "products": (
        "Products: one row per article sold to consumers",
        {
            "product_id": _text("Product, P01 to P36"),
            "line": _text("Product line: potted, fresh, seedlings, tea, gift, care"),
            "name": _text("Name in Chinese"),
            "name_en": _text("Name in English"),
            "list_price": _number(
                "CNY", "List price until 30 June 2024; 6 % more from 1 July 2024"
            ),
            "unit_cost": _number("CNY", "Cost of goods in 2023; 3 points more of it each year"),
            "launched_on": _date("First day of sale"),
        },
    ),
    "orders": (
        "Orders: one row per purchase; a clean log (returns are in a table of their own)",
        {
            "order_id": _text("Order, O000001 onwards in order of time"),
            "customer_id": CUSTOMER,
            "date": _date("Day of the purchase"),
            "hour": _count("hour", "Hour of the day, 9 to 22"),
            "channel": _text("shop, web or wechat"),
            "shop": _one_of(SHOPS.values(), "Which shop, where the channel is shop"),
            "amount": _number(
                "CNY", "Paid for the goods, after discount: the sum of the order's lines"
            ),
            "discount": _number("CNY", "Discount given, already taken off the amount"),
            "delivery_fee": _number("CNY", "Charged for delivery, on top of the amount"),
            "delivery_cost": _number("CNY", "What the delivery cost the firm"),
            "campaign_id": _text("Campaign whose coupon was used; empty without one"),
            "recorded_on": _date("Day the order reached the books: some tills report late"),
        },
    ),
    "order_lines": (
        "Order lines: one row per product in an order, with its cost",
        {
            "order_id": ORDER,
            "line": _count("", "Line number within the order, from 1"),
            "product_id": _text("Product, as in products"),
            "quantity": _count("pieces", "Quantity"),
            "unit_price": _number("CNY", "Price of one piece before discount"),
            "discount": _number("CNY", "Discount on the line"),
            "amount": _number("CNY", "Quantity times unit price, less the discount"),
            "unit_cost": _number("CNY", "Cost of one piece at the time"),
            "cost": _number("CNY", "Cost of the line's goods"),
        },
    ),
    "returns": (
        "Returns: one row per order line sent back and refunded",
        {
            "return_id": _text("Return, R00001 onwards in order of time"),
            "order_id": ORDER,
            "line": _count("", "Line of the order, as in order_lines"),
            "customer_id": CUSTOMER,
            "date": _date("Day of the refund"),
            "quantity": _count("pieces", "Quantity sent back"),
            "refund": _number("CNY", "Paid back to the customer"),
            "reason": _text("damaged, quality, not as shown, changed mind, wrong item"),
            "restocked": _flag(
                "Whether the goods could be sold again; otherwise their cost is lost"
            ),
        },
    ),
    "subscriptions": (
        "Subscriptions: one row per customer and product subscribed to, renewed month by month",
        {
            "subscription_id": _text("Subscription, S00001 onwards in order of start"),
            "customer_id": CUSTOMER,
            "product": _text("care (plant care plan), tea (monthly tea), fresh (monthly stems)"),
            "started_on": _date("First day, always the first of a month"),
            "ended_on": _date(
                "Last day, the end of a month; empty when running at the end of 2025. A customer who "
                "cancels ends all products together"
            ),
            "monthly_price": _number("CNY per month", "Price"),
            "monthly_cost": _number("CNY per month", "Cost of goods and service"),
            "trial_offered": _flag(
                "Experiment of April 2023 to June 2025: whether this subscriber with one product was "
                "offered, at random, a free second one; empty outside the experiment"
            ),
            "from_trial": _flag("Whether this product came from the trial"),
        },
    ),
    "points": (
        "Points ledger: one row per entry in a member's account",
        {
            "entry_id": _text("Entry, L000001 onwards in order of time"),
            "customer_id": CUSTOMER,
            "date": _date("Day of the entry"),
            "kind": _text("bonus (on joining), earn, redeem, expire"),
            "points": _count("points", "Added (positive) or taken (negative)"),
            "order_id": _text("Order at which points were earned or redeemed; else empty"),
            "balance": _count("points", "Balance after the entry"),
        },
    ),
    "unit_costs": (
        "Unit costs: what each kind of service costs, for the profit of each customer",
        {
            "item": _text("Name of the cost"),
            "what": _text("What it pays for"),
            "value": _number("see unit", "Cost of one unit"),
            "unit": _text("Unit of the value"),
        },
    ),
}

_MARKETING = {
    "campaigns": (
        "Campaigns: one row per customer and campaign, with the arm drawn at random",
        {
            "campaign_id": _text("Campaign, K01 to K08"),
            "campaign": _text("Name of the campaign"),
            "sent_on": _date("Day of sending; the response window is the next 30 days"),
            "customer_id": CUSTOMER,
            "arm": _text(
                "control (no message), treated; in the win-back K06 control, reminder, coupon"
            ),
            "channel": _text("wechat or sms; empty for controls"),
            "opened": _flag("Whether the message was opened; empty for controls"),
            "clicked": _flag("Whether its link was clicked; empty for controls"),
            "unsubscribed": _flag("Whether the customer asked for no further messages"),
        },
    ),
    "referrals": (
        "Referrals: one row per acquaintance whom a customer named",
        {
            "referral_id": _text("Referral, F00001 onwards in order of time"),
            "referrer_id": _text("Customer who made the referral"),
            "date": _date("Day of the referral"),
            "channel": _text("wechat, in person or phone"),
            "referred_id": _text(
                "Customer whom the acquaintance became; empty if they never bought"
            ),
            "bought": _flag("Whether the acquaintance bought"),
            "reward": _number("CNY", "Reward paid to the referrer"),
        },
    ),
    "leads": (
        "Leads: one row per visitor whom the search campaign of 2024 brought to its page",
        {
            "lead_id": _text("Lead, D00001 onwards in order of time"),
            "date": _date("Day of the visit"),
            "hour": _count("hour", "Hour of the visit, 0 to 23"),
            "searched_for": _text("Theme of the search"),
            "plan": _text(
                "Plan shown: A or B at random until May 2024; then C, built on what they taught"
            ),
            "popup": _flag("Whether a chat window popped up (at random, plans A and B)"),
            "on_target": _flag("Whether the visitor looked for what the firm sells"),
            "asked_by": _text(
                "Channel of the visitor's question: chat, phone, form; empty off target"
            ),
            "replied_by": _text("Channel of the reply"),
            "reply_minutes": _count("minutes", "Time to the reply"),
            "quoted": _count("CNY", "Value of what was asked for"),
            "converted": _flag("Whether the lead bought"),
            "customer_id": _text("Customer whom the lead became; empty if not converted"),
        },
    ),
    "contacts": (
        "Contact records of four channels, unlinked: the same people written down again and again",
        {
            "record_id": _text("Record, N00001 onwards in order of creation"),
            "channel": _text("Where it was written: shop, web, wechat, help line"),
            "created_on": _date("Day of creation"),
            "name": _text("Name as written"),
            "phone": _text("Phone number as written; all numbers begin with the unused block 160"),
            "email": _text("E-mail address as written"),
            "city": _text("City as written"),
            "birth_year": _count("year", "Year of birth as written"),
            "consent": _flag("Whether the person agreed to be contacted in this channel"),
        },
    ),
}

_SERVICE = {
    "touchpoints": (
        "Touchpoint ratings: one row per rated order journey, from 2024 on",
        {
            "journey_id": _text("Journey, J00001 onwards in order of time"),
            "order_id": ORDER,
            "customer_id": CUSTOMER,
            "date": _date("Day of the order"),
            "channel": _text("shop, web or wechat"),
            **{
                step: _count(RATING, f"Rating of step {i + 1} of 6, {meaning}; empty where skipped")
                for i, (step, meaning) in enumerate(
                    zip(
                        STEPS,
                        (
                            "finding out what one needs",
                            "searching and choosing",
                            "arriving in the shop or on the page",
                            "waiting at the counter or for the parcel",
                            "being served, or unpacking",
                            "help and care afterwards",
                        ),
                        strict=True,
                    )
                )
            },
            "overall": _count(RATING, "The journey as remembered, asked a week later"),
            "alert": _flag("Whether the overall rating (5 or less) opened a case"),
            "followed_up": _flag("Cases only: whether it was followed up, drawn at random"),
            "returned": _flag(
                "Whether the customer ordered again within 180 days; empty if too recent"
            ),
        },
    ),
    "exit_calls": (
        "Exit calls: one row per customer called after a year without an order",
        {
            "call_id": _text("Call, E00001 onwards in order of time"),
            "customer_id": CUSTOMER,
            "date": _date("Day of the call: 365 days after the last order"),
            "reached": _flag("Whether the customer answered"),
            "reason": _one_of((*REASONS, "still a customer"), "Reason given; empty if not reached"),
        },
    ),
    "visits": (
        "Service visits: one row per ticket drawn at the West Lake counter, from July 2024 on",
        {
            "visit_id": _text("Visit, V000001 onwards in order of arrival"),
            "customer_id": _text("Customer, where known; most visitors leave no number"),
            "arrival": _time("When the ticket was drawn"),
            "start": _time("When service began; empty for those who gave up"),
            "end": _time("When service ended; empty for those who gave up"),
            "abandoned_at": _time("When the visitor gave up; empty for those served"),
            "abandoned": _flag("Whether the visitor left before being served"),
            "purpose": _text("purchase, advice, repotting or pickup"),
            "desks_open": _count("desks", "Desks planned to be open in the hour of arrival"),
            "reading_corner": _flag(
                "Whether the reading corner stood there that day (drawn at random)"
            ),
            "activity": _text("Main activity while waiting: nothing, phone, reading, advised"),
            "felt_wait": _count("minutes", "How long the wait felt, asked of those who rate"),
            "rating": _count(RATING, "Satisfaction with the visit; empty where not rated"),
            "order_id": _text("Order placed during the visit by a known customer; else empty"),
        },
    ),
    "requests": (
        "Help-line requests: one row per request, Chinese text with an English gloss",
        {
            "request_id": _text("Request, Q00001 onwards in order of time"),
            "received_at": _time("When it came in"),
            "customer_id": _text("Customer, where identified"),
            "channel": _text(
                "phone (text: the agent's note of the call), wechat or web (text: as typed)"
            ),
            "text": _text("The request in Chinese"),
            "gloss": _text("What it says, in English; typing errors are not rendered"),
            "filed_under": _text("Topic chosen by the agent, not always the right one"),
            "handling_minutes": _number("minutes", "Agent's time"),
            "solved": _flag("Whether it was solved at first contact"),
        },
    ),
    "pain_points": (
        "Register of pain points: one row per known complaint",
        {
            "issue": _text("Pain point, I01 to I35"),
            "line": _text("Product line; empty where it concerns service"),
            "topic": _text("Help-line topic under which it comes up"),
            "description": _text("What is wrong"),
            "severity": _count("points 1-5", "Judged severity, 5 worst"),
            "remedy": _text("Remedy known; empty where none is"),
            "owner": _text("Who answers for it"),
            "remedy_cost": _count("CNY per year", "Estimated cost of the remedy"),
        },
    ),
    "inspections": (
        "Inspections: one row per week and product line of goods checked by machine",
        {
            "batch_id": _text("Batch, B0001 onwards in order of time"),
            "week": _date("Monday of the week"),
            "line": _text("potted, fresh or seedlings"),
            "inspected": _count("parcels", "Parcels inspected"),
            "defective": _count("parcels", "Parcels with at least one defect"),
            "defects": _count("defects", "Defects found"),
        },
    ),
}

_CONSTRUCT_TEXT = dict(
    image="image of the firm",
    expectations="what was expected before",
    quality="quality experienced",
    value="value for the money",
    satisfaction="satisfaction",
    complaints="urge to complain (10 = very often)",
    loyalty="wish to stay and recommend",
)
_ITEMS = dict(image=3, expectations=3, quality=4, value=2, satisfaction=3, complaints=2, loyalty=3)
_NEEDS = dict(
    health="I buy for my health",
    present="I buy presents",
    growing="I enjoy growing plants",
    price="I compare prices",
    novelty="I like to try new things",
    convenience="I want it quick and easy",
)

_ASKING = {
    "survey": (
        "Consumer survey: one row per form sent in, in November 2023, 2024 and 2025, uncleaned",
        {
            "response_id": _text("Response, A00001 onwards in order of arrival"),
            "wave": ("integer", "year", "Wave: 2023, 2024 or 2025"),
            "customer_id": CUSTOMER,
            "mode": _text("web, phone or on site"),
            "submitted_at": _time("When it was sent in; the field closes after 21 days"),
            "seconds": _count("seconds", "Time taken"),
            **{
                f"{c}_{i + 1}": _count(
                    RATING, f"Item {i + 1} of {_ITEMS[c]} on {_CONSTRUCT_TEXT[c]}"
                )
                for c in CONSTRUCTS
                for i in range(_ITEMS[c])
            },
            "overall": _count("points 1-5", "Overall satisfaction with Shihu Garden"),
            "recommend": _count("points 0-10", "How likely to recommend"),
            "rival_overall": _count("points 1-5", "Satisfaction with the other shop used most"),
            **{
                f"{kind}_{d}": _count("points 1-7", f"{d.capitalize()} of the service, as {kind}")
                for d in EXPECTED
                for kind in ("expected", "perceived")
            },
            **{
                f"need_{n}": _count("points 1-5", f"Agreement: {text}")
                for n, text in _NEEDS.items()
            },
            "price_tolerance": _count("percent", "Largest price rise that would be accepted, 0-30"),
            "spend_elsewhere": _count(
                "CNY per year", "Spent on the category in other shops in the last year, as recalled"
            ),
        },
    ),
    "survey_invitations": (
        "Survey invitations: one row per customer invited to a wave",
        {
            "wave": ("integer", "year", "Wave: 2023, 2024 or 2025"),
            "customer_id": _text(
                "Customer, drawn at random from those with an order in the 365 days before"
            ),
            "mode": _text("How the customer was asked: web, phone or on site"),
            "invited_on": _date("Day of the invitation"),
            "completed": _flag("Whether an answer came"),
        },
    ),
    "kano": (
        "Kano survey: one row per respondent and feature",
        {
            "customer_id": CUSTOMER,
            "feature": _text("Feature of the offer"),
            "functional": _count(
                "code 1-5", "If it is there: 1 like, 2 expect, 3 neutral, 4 live with, 5 dislike"
            ),
            "dysfunctional": _count("code 1-5", "If it is missing, same codes"),
        },
    ),
    "brands": (
        "Brand ratings: one row per respondent and brand known, late in 2025",
        {
            "customer_id": CUSTOMER,
            "brand": _text("Shihu Garden or one of three fictional rivals"),
            "natural": _count("points 1-7", "Natural"),
            "effective": _count("points 1-7", "Good for health"),
            "good_value": _count("points 1-7", "Good value for money"),
            "service": _count("points 1-7", "Good service"),
            "suits_presents": _count("points 1-7", "Right for a present"),
            "modern": _count("points 1-7", "Modern"),
        },
    ),
}

_RETAIL = {
    "retailers": (
        "Retailers: one row per shop that resells",
        {
            "retailer_id": _text("Retailer, T001 onwards"),
            "kind": _text("tea shop, pharmacy, garden centre, supermarket, online reseller"),
            "city": _text("City"),
            "manager": _text("Member of staff, S1 to S7, who looks after the retailer"),
            "partner_since": _date("Day of the first contract"),
            "judged_promising": _flag("Whether staff expect it to grow (right four times in five)"),
        },
    ),
    "supply": (
        "Retail supply: one row per retailer and month",
        {
            "retailer_id": _text("Retailer, as in retailers"),
            "month": _date("First day of the month"),
            "tier": _text(
                "By mean sales of the three months before: large (1,000 boxes or more), mid-large "
                "(500), mid (200), mid-small (100), small; empty for the first three months"
            ),
            "ceiling": _count(
                "boxes",
                "Cap that no large retailer of the city may exceed, set with the rule of 2025",
            ),
            "cap": _count(
                "boxes",
                "Largest supply under the tiered rule, in force from 2025, by single months' orders "
                "of the three months before: large the lowest, at most the ceiling; mid-large the "
                "highest; mid 1.3 times, mid-small twice the highest; small twice the highest where "
                "judged promising, else the highest; then at least 10, and 1.3 times in January, 1.2 "
                "times in September (holidays), rounded up",
            ),
            "ordered": _count(
                "boxes", "Ordered by the retailer; more than the cap is not supplied"
            ),
            "supplied": _count("boxes", "Supplied"),
            "sold": _count("boxes", "Sold to consumers; empty where never reported"),
            "stock_end": _count(
                "boxes", "Stock at the end of the month; empty where never reported"
            ),
            "price": _number("CNY per box", "Mean price to consumers (list price 96)"),
            "reported_on": _date("Day the retailer's report came in"),
        },
    ),
    "retailer_survey": (
        "Retailer survey: one row per retailer who answered, in November 2025",
        {
            "retailer_id": _text("Retailer, as in retailers"),
            "date": _date("Day of the answer"),
            **{
                f"{part}_{item}": _count(
                    RATING, f"Satisfaction with {item.replace('_', ' ')} ({part})"
                )
                for part, items in ITEMS.items()
                for item in items
            },
            "overall": _count(RATING, "Overall satisfaction"),
            "will_continue": _count("points 1-5", "Wish to continue the partnership"),
        },
    ),
}

_TRUTH = {
    "truth_customers": (
        "Truth: each customer's hidden state",
        {
            "customer_id": CUSTOMER,
            "household_id": _text("Household; some customers share one"),
            "segment": _one_of(SEGMENTS, "Needs segment"),
            "purchase_rate": _number(
                "orders per year", "Purchase rate while a customer, mean season"
            ),
            "leaving_hazard": _number(
                "per year", "Hazard of leaving at average satisfaction and traits"
            ),
            "left_on": _date(
                "Day the customer left for good; empty for those still there. An order after it was "
                "caused by the win-back campaign"
            ),
            "left_reason": _one_of(REASONS, "Why the customer left"),
            "alive": _flag("Whether still a customer at the end of 2025"),
            "disposition": _number("sd", "Disposition to be satisfied"),
            "satisfaction": _number("sd", "Satisfaction after the last order"),
            "price_sensitivity": _number("sd", "Price sensitivity"),
            "forgetfulness": _number("sd", "Forgetfulness"),
            "demanding": _number("factor", "Multiplies returns and help-line requests"),
            "income": _count("CNY per year", "Income"),
            "mean_basket": _number("CNY", "Mean order the customer aims at"),
            "share_of_wallet": _number("share", "Share of the category's spend that Shihu gets"),
            "wallet": _count("CNY per year", "Spend on the category in all shops"),
            "referred_by": _text("Customer who made the referral; empty without one"),
            "commitment": _number("sd", "Commitment; subscribers only"),
            "monthly_churn": _number(
                "per month", "Chance to cancel with one product held; subscribers only"
            ),
            "stage": _text("Loyalty stage at the end: first purchase, repeat, client, advocate"),
        },
    ),
    "truth_orders": (
        "Truth: what lies behind each order",
        {
            "order_id": ORDER,
            "recall": _number(
                RATING, "The journey as remembered; empty for orders a campaign caused"
            ),
            "satisfaction": _number("sd", "The customer's satisfaction after it"),
            "caused_by": _text("Campaign without which the order would not exist"),
        },
    ),
    "truth_survey": (
        "Truth: what kind of answer each form is, and the constructs behind it",
        {
            "response_id": _text("Response, as in survey"),
            "wave": ("integer", "year", "Wave"),
            "customer_id": CUSTOMER,
            "kind": _text("careful, straight-liner, speeder or duplicate"),
            **{f"true_{c}": _number("sd", f"True {_CONSTRUCT_TEXT[c]}") for c in CONSTRUCTS},
        },
    ),
    "truth_kano": (
        "Truth: the main Kano category of each feature in each segment",
        {
            "feature": _text("Feature, as in kano"),
            "segment": _text("Needs segment"),
            "category": _text(
                "A attractive, O one-dimensional, M must-be, I indifferent, R reverse: true of 66 % of "
                "the segment, the rest evenly the others"
            ),
        },
    ),
    "truth_requests": (
        "Truth: what each help-line request is about",
        {
            "request_id": _text("Request, as in requests"),
            "topic": _text("True topic"),
            "second_topic": _text("Second topic; empty for most"),
            "issue": _text("Pain point, as in pain_points; empty for questions and vague texts"),
            "product_line": _text("Product line it is about"),
            "tone": _text("calm, angry or warm"),
            "typo": _flag("Whether a character is mistyped"),
            "vague": _flag("Whether the text is too short to tell its topic"),
        },
    ),
    "truth_contacts": (
        "Truth: whose contact record it is and what is wrong with it",
        {
            "record_id": _text("Record, as in contacts"),
            "customer_id": CUSTOMER,
            "household_id": _text("Household"),
            "phone_problem": _text(
                "none, typo, stale (given up since), family (the partner's), recycled (was another "
                "person's before), missing"
            ),
            "name_problem": _text("none, latin, title only, space, sound-alike"),
            "entered_twice": _flag("Whether this is a second record in the same channel"),
        },
    ),
    "truth_retailers": (
        "Truth: each retailer's hidden state",
        {
            "retailer_id": _text("Retailer, as in retailers"),
            "base_demand": _number("boxes per month", "Demand at the list price in January 2023"),
            "promise": _flag("Whether demand really grows, 2 % a month"),
            "goodwill": _number("sd", "Goodwill towards the firm"),
            "games": _flag(
                "Whether it orders 1.6 times its need from 2025 on, because the cap follows its orders"
            ),
        },
    ),
}

TABLES = _BUYING | _MARKETING | _SERVICE | _ASKING | _RETAIL | _TRUTH
