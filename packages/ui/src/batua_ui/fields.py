"""Fields: what may be typed, and the sentence when it may not.

A field needs no validators for its own shape: it is required unless said otherwise, its
data is a value (Money, an E.164 number, a UUID), and its message says what to do next.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from wtforms import Field, RadioField
from wtforms.fields.choices import (
    SelectChoice,  # pyright: ignore[reportAttributeAccessIssue] the stubs are older
)
from wtforms.widgets import HiddenInput, PasswordInput, TelInput, TextInput

from batua_db.money import InvalidAmount, Money

from . import phones
from .text import clean, holds_card_number

CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
LONGEST_PASSWORD = 128
SHORTEST_NEW_PASSWORD = 10
OUTER_SPACE = " \t\r\n\u00a0"


def _input(**attributes: Any) -> Mapping[str, Any]:
    """The attributes of an input, for a field class to keep."""
    return MappingProxyType(attributes)


class TypedField(Field):
    """A field that turns text into a value, and shows again exactly what was typed.

    ``before``, ``icon`` and ``look`` say how the macro ``field`` draws it.
    """

    widget: Any = TextInput()
    icon: str | None = None
    look = ""
    attributes = _input(required=True)

    @property
    def before(self) -> str | None:
        """What stands before the input."""
        return None

    def __init__(self, label: str | None = None, **options: Any) -> None:
        options["render_kw"] = {**self.attributes, **(options.get("render_kw") or {})}
        super().__init__(label, **options)

    def read(self, typed: str) -> Any:
        """Turn what was typed into a value, or raise ``ValueError`` with a sentence."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Show a value that nobody typed."""
        return str(value)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the one value of this field; one that is missing counts as empty."""
        self.data = None
        self.data = self.read(valuelist[0] if valuelist else "")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)


class AmountField(TypedField):
    """Rupees as people type them; the data is ``Money``."""

    look = "big"
    attributes = _input(required=True, inputmode="decimal", autocomplete="off", maxlength=20)

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
    attributes = _input(required=True, inputmode="tel", autocomplete="tel", maxlength=30)

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


class DigitsField(TypedField):
    """A number of so many digits that is a name, not a quantity; the data is text."""

    noun = "This"
    attributes = _input(required=True, inputmode="numeric", autocomplete="off")

    def __init__(self, label: str | None = None, digits: int = 6, **options: Any) -> None:
        super().__init__(label, **options)
        self.digits = digits

    def read(self, typed: str) -> str:
        """Take exactly so many plain digits."""
        text = typed.strip(OUTER_SPACE)
        if re.fullmatch(rf"[0-9]{{{self.digits}}}", text, re.ASCII):
            return text
        raise ValueError(f"{self.noun} has {self.digits} digits, and nothing else.")


class CodeField(DigitsField):
    """A code from an SMS."""

    noun = "The code"
    look = "code"
    attributes = _input(
        required=True,
        inputmode="numeric",
        autocomplete="one-time-code",
        maxlength=6,
        placeholder="······",
    )


class PinField(DigitsField):
    """A PIN or MPIN; never shown again."""

    noun = "A PIN"
    widget = PasswordInput(hide_value=True)
    icon = "lock"
    look = "code"
    attributes = _input(
        required=True, inputmode="numeric", autocomplete="off", maxlength=6, placeholder="······"
    )


class PasswordField(TypedField):
    """A password, never shown again. ``new`` ones must be long enough."""

    widget = PasswordInput(hide_value=True)

    def __init__(self, label: str | None = None, new: bool = False, **options: Any) -> None:
        use = "new-password" if new else "current-password"
        options["render_kw"] = {"autocomplete": use, **(options.get("render_kw") or {})}
        super().__init__(label, **options)
        self.new = new

    def read(self, typed: str) -> str:
        """Take it as it is: spaces and every script count."""
        if not typed:
            raise ValueError("Type your password.")
        if self.new and len(typed) < SHORTEST_NEW_PASSWORD:
            raise ValueError(
                f"Use at least {SHORTEST_NEW_PASSWORD} characters. A short sentence is best."
            )
        if len(typed) > LONGEST_PASSWORD:
            raise ValueError(f"Use at most {LONGEST_PASSWORD} characters.")
        return typed


class NameField(TypedField):
    """A person's name, in any script."""

    longest = 64
    attributes = _input(required=True, autocomplete="name", maxlength=100)

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
    attributes = _input(autocomplete="off", maxlength=80)

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
