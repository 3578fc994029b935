"""Fields: what may be typed, and the sentence when it may not.

A field needs no validators for its own shape: it is required unless said otherwise, its
data is a value (Money, an E.164 number, a UUID), and its message says what to do next.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from wtforms import Field, RadioField
from wtforms.fields.choices import (
    SelectChoice,  # pyright: ignore[reportAttributeAccessIssue] the stubs are older
)
from wtforms.widgets import HiddenInput, TelInput

from batua_db.money import InvalidAmount, Money

from . import phones
from .text import clean, holds_card_number
from .typed import OUTER_SPACE, TypedField, attributes_of

CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class AmountField(TypedField):
    """Rupees as people type them; the data is ``Money``."""

    look = "big"
    attributes = attributes_of(required=True, inputmode="decimal", autocomplete="off", maxlength=20)

    def __init__(self, label: str | None = None, most: Money | None = None, **options: Any) -> None:
        super().__init__(label, **options)
        self.most = most

    @property
    def before(self) -> str:
        """The rupee sign."""
        return "₹"

    def read(self, typed: str) -> Money:
        """Read an amount above zero."""
        try:
            return Money.parse(typed, most=self.most)
        except InvalidAmount as error:
            raise ValueError(str(error)) from None

    def write(self, value: Money) -> str:
        """Show an amount without its ₹, which stands before the field."""
        return str(value).removeprefix("₹").removesuffix(".00")


class PhoneField(TypedField):
    """A phone number, Indian without ``+``; the data is E.164, like ``+919876500001``."""

    widget = TelInput()
    attributes = attributes_of(required=True, inputmode="tel", autocomplete="tel", maxlength=30)

    @property
    def before(self) -> str | None:
        """``+91`` stands before the field unless what is in it brings its own country."""
        return None if self._value().lstrip().startswith("+") else "+91"

    def read(self, typed: str) -> str:
        """Read a number that exists, written in plain digits."""
        return phones.read(typed.strip(OUTER_SPACE))

    def write(self, value: str) -> str:
        """Show an Indian number without its +91, which stands before the field."""
        return phones.show(value).removeprefix("+91 ")


class NameField(TypedField):
    """A person's name, in any script."""

    longest = 64
    attributes = attributes_of(required=True, autocomplete="name", maxlength=100)

    def read(self, typed: str) -> str:
        """Clean it; it needs a letter, and an end."""
        name = clean(typed)
        if not any(char.isalpha() for char in name):
            raise ValueError("Type your name, as on your PAN.")
        if len(name) > self.longest:
            raise ValueError(f"Shorten the name to {self.longest} characters.")
        return name


class NoteField(TypedField):
    """A line of one's own; may be empty."""

    longest = 80
    attributes = attributes_of(autocomplete="off", maxlength=80)

    def read(self, typed: str) -> str:
        """Clean it; card numbers have no business here."""
        note = clean(typed)
        if len(note) > self.longest:
            raise ValueError(f"Shorten the note to {self.longest} characters.")
        if holds_card_number(note):
            raise ValueError("This looks like a card number. Leave it out of the note.")
        return note


class KeyField(Field):
    """Names one attempt: made when the form is shown, so that a second click changes nothing.

    The data is a UUID.
    """

    widget = HiddenInput()

    def __init__(self, label: str | None = None, **options: Any) -> None:
        super().__init__(label, **{"default": uuid4, **options})

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take back the UUID that the form was shown with."""
        self.data = None
        typed = valuelist[0] if valuelist else ""
        if not CANONICAL_UUID.fullmatch(typed):
            self.data = uuid4()
            raise ValueError("This page was not whole. Check it, and send it again.")
        self.data = UUID(typed)

    def _value(self) -> str:
        return str(self.data)


class ChoiceField(RadioField):
    """One of a few; the macros ``choices`` and ``choice`` draw it."""

    def __init__(
        self, label: str | None = None, choices: Iterable[tuple[Any, str]] = (), **options: Any
    ) -> None:
        message = "Choose one of these."
        options |= {"invalid_choice_message": message, "invalid_value_message": message}
        super().__init__(label, choices=[], **options)
        self.offer(choices)

    def offer(self, choices: Iterable[tuple[Any, str]]) -> None:
        """Take only these: pairs of a value and its label."""
        self.choices = [SelectChoice(str(value), label) for value, label in choices]
