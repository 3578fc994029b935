"""What the API tells of events."""

from marshmallow import fields, validate

from .fields import Schema, cursor, following, moment, nothing, page_size, text

TYPES = [
    *("payment.succeeded", "payment.declined", "payment.expired"),
    *("refund.succeeded", "payout.succeeded", "payout.failed"),
]
ORDERS = ["oldest", "newest"]


class Event(Schema):
    """Something that happened: what its webhook says, and its name."""

    id = text("Its name, which is also the webhook-id.")
    type = text("What happened.", metadata={"examples": TYPES})
    timestamp = moment("When it happened.")
    data = fields.Dict(
        required=True,
        metadata={"description": "What it happened to: a payment, session, refund or payout."},
    )


class Events(Schema):
    """Events, in an order that stays."""

    items = fields.List(fields.Nested(Event), required=True)
    next = following()


class EventQuery(Schema):
    """Which events, and where to begin."""

    after = cursor()
    limit = page_size(50)
    order = text(
        "Which come first: oldest, to catch up, or newest, to look.",
        load_default="oldest",
        metadata={"enum": ORDERS},
        validate=[validate.OneOf(ORDERS, error="Give oldest or newest.")],
    )
    type = text(
        "Only events of this type.",
        pattern=r"[a-z_]{1,32}\.[a-z_]{1,32}",
        error="Give a type as events have it, like payment.succeeded.",
        metadata={"examples": TYPES},
        load_default=nothing,
    )
