"""What is typed to take a customer in."""

from batua_ui.desk.forms import ReasonField
from batua_ui.forms import ChoiceField, Form, KeyField, NameField
from batua_ui.text import clean
from batua_ui.typed import TypedField, attributes_of


class LabelField(TypedField):
    """What an account is called."""

    longest = 24
    attributes = attributes_of(required=True, autocomplete="off", maxlength=24)

    def read(self, typed: str) -> str:
        """Clean it; it must say something, briefly."""
        label = clean(typed)
        if not label:
            raise ValueError("Give the account a name, such as Savings.")
        if len(label) > self.longest:
            raise ValueError(f"Shorten the name to {self.longest} characters.")
        return label


class OpenForm(Form):
    """A new customer."""

    bank = ChoiceField("Bank")
    name = NameField("Name", render_kw={"autocomplete": "off"})
    reason = ReasonField("What you saw")
    key = KeyField()


class AccountForm(Form):
    """Another account of a customer's."""

    label = LabelField("What it is called", default="Savings")
    reason = ReasonField("Reason")
    key = KeyField()
