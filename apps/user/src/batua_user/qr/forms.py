"""What may be typed to ask for a payment by QR."""

import re
from datetime import timedelta

from batua_ui.forms import AmountField, ChoiceField, Form
from batua_ui.text import clean, holds_card_number
from batua_ui.typed import TypedField, attributes_of

ORDER = re.compile(r"[A-Z0-9](?:[A-Z0-9 ./_-]{0,30}[A-Z0-9])?", re.ASCII)
LASTS = {
    "15m": ("15 minutes", timedelta(minutes=15)),
    "1h": ("An hour", timedelta(hours=1)),
    "1d": ("A day", timedelta(days=1)),
    "7d": ("A week", timedelta(days=7)),
}


class OrderField(TypedField):
    """The number that a business gives an order, in capitals."""

    attributes = attributes_of(
        required=True, autocomplete="off", autocapitalize="characters", maxlength=32
    )

    def read(self, typed: str) -> str:
        """Take letters, digits and what stands between them."""
        order = clean(typed).upper()
        if not ORDER.fullmatch(order):
            raise ValueError("Type an order number of up to 32 letters and digits, such as A-17.")
        if holds_card_number(order):
            raise ValueError("This looks like a card number. Type the number of the order.")
        return order


class AskForm(Form):
    """How much, for which order, and how long one may pay it."""

    amount = AmountField("How much?")
    order_no = OrderField("Order number")
    lasts = ChoiceField(
        "Can be paid for", choices=[(key, title) for key, (title, _) in LASTS.items()]
    )
