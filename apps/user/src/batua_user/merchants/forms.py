"""What may be typed about a business."""

from typing import Any
from uuid import UUID

from wtforms import BooleanField, SelectField, ValidationError
from wtforms.fields.choices import (
    SelectChoice,  # pyright: ignore[reportAttributeAccessIssue] the stubs are older
)

from batua_ui.forms import AmountField, ChoiceField, Form, KeyField, NoteField, PinField
from batua_ui.text import clean, holds_card_number
from batua_ui.typed import TypedField, attributes_of

from .categories import CATEGORIES


class BusinessNameField(TypedField):
    """What stands above the shop."""

    longest = 64
    attributes = attributes_of(required=True, autocomplete="organization", maxlength=100)

    def read(self, typed: str) -> str:
        """Clean it; it needs a letter, and an end."""
        name = clean(typed)
        if not any(char.isalpha() for char in name):
            raise ValueError("Type the name of your business, as on its sign.")
        if len(name) > self.longest:
            raise ValueError(f"Shorten the name to {self.longest} characters.")
        if holds_card_number(name):
            raise ValueError("This looks like a card number. Type the name of your business.")
        return name


class CategoryField(SelectField):
    """One of our kinds of business; the line that only asks to choose is none."""

    def __init__(self, label: str | None = None, **options: Any) -> None:
        offered = {"": "Choose one", **CATEGORIES}
        choices = [SelectChoice(value, title) for value, title in offered.items()]
        super().__init__(label, choices=choices, **options)

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no kind of business."""
        if self.data not in CATEGORIES:
            raise ValidationError("Choose what your business does.")


class BusinessForm(Form):
    """What a business is."""

    business_name = BusinessNameField("Name of your business")
    category = CategoryField("What it does")


class SettleForm(Form):
    """Where the takings go, and when."""

    settle_to = ChoiceField("To which account?", coerce=UUID)
    settle_nightly = BooleanField("Every night, by itself")


class RefundForm(Form):
    """How much is given back, why, and the PIN."""

    amount = AmountField("How much do you give back?")
    reason = NoteField("Why? (optional)")
    key = KeyField()
    pin = PinField("Your 6-digit PIN")
