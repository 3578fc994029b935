"""What may be typed to withdraw."""

from uuid import UUID

from batua_ui.forms import AmountField, ChoiceField, Form, KeyField


class WithdrawForm(Form):
    """How much, and where to."""

    amount = AmountField("How much?")
    bank_account = ChoiceField("To which account?", coerce=UUID)
    key = KeyField()
