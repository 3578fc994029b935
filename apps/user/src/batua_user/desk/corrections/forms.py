"""What may be typed about a correction."""

from wtforms import HiddenField

from batua_ui.desk.forms import DecisionForm, ReasonField
from batua_ui.forms import AmountField, Form, KeyField


class ProposeForm(Form):
    """How much of a transfer is to go back, and why."""

    amount = AmountField("How much goes back?")
    reason = ReasonField("Reason")
    key = KeyField()


class DecideForm(DecisionForm):
    """Yes or no. ``key`` repeats the name of the correction, which the address has."""

    key = HiddenField()
