"""Fields for what only its owner knows: codes, PINs, passwords."""

import re
from typing import Any

from wtforms.widgets import PasswordInput

from batua_db.credentials import SHORTEST_NEW_PASSWORD

from .typed import OUTER_SPACE, TypedField, attributes_of

LONGEST_PASSWORD = 128


class DigitsField(TypedField):
    """A number of so many digits that is a name, not a quantity; the data is text."""

    noun = "This"
    attributes = attributes_of(required=True, inputmode="numeric", autocomplete="off")

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
    attributes = attributes_of(
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
    attributes = attributes_of(
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
