"""What may be typed to add from a bank that is remembered."""

from batua_ui.forms import AmountField, Form, KeyField, PinField


class AddFromForm(Form):
    """How much, with the PIN that is for just this."""

    amount = AmountField("How much?")
    pin = PinField("Your 6-digit PIN")
    key = KeyField()


class Button(Form):
    """A form of one button."""
