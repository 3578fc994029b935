"""What is typed about accounts."""

from batua_ui.desk.forms import ReasonField
from batua_ui.forms import AmountField, ChoiceField, Form, KeyField


class CashForm(Form):
    """Cash over the counter."""

    way = ChoiceField("Which way?", [("in", "Paid in"), ("out", "Paid out")])
    amount = AmountField("Amount")
    note = ReasonField("What for")
    key = KeyField()


class StatusForm(Form):
    """What becomes of an account, and why."""

    becomes = ChoiceField("From now on", [])
    reason = ReasonField("Reason")
