"""What staff type at any desk: to get in, and why they do what they do."""

from wtforms import HiddenField

from batua_db.credentials import USERNAME
from batua_ui.forms import ChoiceField, Form, PasswordField
from batua_ui.text import clean, holds_card_number
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of


class UsernameField(TypedField):
    """The name by which staff sign in."""

    icon = "user"
    attributes = attributes_of(
        required=True, autocomplete="username", autocapitalize="none", maxlength=32
    )

    def read(self, typed: str) -> str:
        """Take small letters, digits, and what joins them."""
        name = typed.strip(OUTER_SPACE).lower()
        if not USERNAME.fullmatch(name):
            raise ValueError("Type the username you were given, such as kiran.desai.")
        return name


class LoginForm(Form):
    """Who signs in, and where they were going."""

    username = UsernameField("Username")
    password = PasswordField("Password")
    next = HiddenField()


class LeaveForm(Form):
    """Signs out."""


class ReasonField(TypedField):
    """Why it is done: a sentence that goes on record."""

    shortest, longest = 5, 200
    attributes = attributes_of(required=True, autocomplete="off", maxlength=200)

    def read(self, typed: str) -> str:
        """Clean it; it must say something."""
        reason = clean(typed)
        if len(reason) < self.shortest:
            raise ValueError("Say why, in a few words: it goes on record.")
        if len(reason) > self.longest:
            raise ValueError(f"Shorten the reason to {self.longest} characters.")
        if holds_card_number(reason):
            raise ValueError("This looks like a card number. Leave it out.")
        return reason


class ReasonForm(Form):
    """An act with its reason."""

    reason = ReasonField("Reason")


class DecisionForm(Form):
    """Yes or no, and why."""

    decision = ChoiceField("Decision", [("approve", "Approve"), ("refuse", "Refuse")])
    reason = ReasonField("Reason")

    @property
    def approves(self) -> bool:
        """Whether it is a yes."""
        return self.decision.data == "approve"
