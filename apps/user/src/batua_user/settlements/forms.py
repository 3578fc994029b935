"""What may be typed to settle."""

from uuid import UUID

from batua_ui.forms import AmountField, ChoiceField, Form, KeyField


class SettlementForm(Form):
    """How much of the takings, and where to."""

    amount = AmountField("How much of your takings?")
    bank_account = ChoiceField("To which account?", coerce=UUID)
    key = KeyField()
