"""What may be typed to add money."""

from typing import Any

from wtforms import BooleanField, RadioField, ValidationError

from batua_ui.forms import AmountField, Form, KeyField


class BankField(RadioField):
    """One of the banks that the view offers."""

    def pre_validate(self, form: Any) -> None:
        """Ask again in words of ours."""
        if self.data not in {choice[0] for choice in self.choices or ()}:
            raise ValidationError("Choose the bank that the money comes from.")


class AddForm(Form):
    """How much, from which bank."""

    amount = AmountField("How much?")
    bank = BankField("From which bank?", validate_choice=False)
    remember = BooleanField("Remember this bank, so that I need not go there the next time")
    key = KeyField()
