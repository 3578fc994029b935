"""What may be typed about money that goes back by hand."""

from wtforms import HiddenField

from batua_ui.forms import AmountField, Form, KeyField

from .forms import DecisionForm, ReasonField


class ProposeForm(Form):
    """How much of a transfer is to go back, and why."""

    amount = AmountField("How much goes back?")
    reason = ReasonField("Reason")
    key = KeyField()


class DecideForm(DecisionForm):
    """Yes or no. ``key`` repeats the name of the proposal, which the address has."""

    key = HiddenField()
