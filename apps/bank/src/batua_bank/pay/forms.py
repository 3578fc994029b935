"""What a customer may type on the payment page."""

from typing import Any, Self

from flask import request
from wtforms import BooleanField, StringField

from batua_db.models.bank import PaymentSession
from batua_db.models.clients import Client
from batua_db.money import Money
from batua_ui.forms import AmountField, ChoiceField, Form, KeyField, PinField

from .queries import Source

ALTERED = "Nothing was done: this page was changed on its way. Open it again, and use its buttons."


class DecisionForm(Form):
    """The terms are the session's: nothing but these fields is taken, from form or address."""

    closed = True

    action = StringField()
    key = KeyField()

    def validate(self, extra_validators: object = None) -> bool:
        """Refuse a button that the page doesn't have, and terms in the address."""
        valid = super().validate(extra_validators)
        if self.action.data not in {"approve", "decline"} or request.args:
            self.form_errors.append(ALTERED)
        return valid and not self.form_errors


class DeclineForm(DecisionForm):
    """Turning a payment down needs neither account nor MPIN, though the page sends both."""

    account = StringField()
    mpin = StringField()
    consent = StringField()
    cap = StringField()


class ApproveForm(DecisionForm):
    """From which account, and the MPIN."""

    account = ChoiceField("Pay from")
    mpin = PinField("Your 6-digit MPIN")

    @property
    def decided(self) -> dict[str, Any]:
        """What is decided besides the account, as the service takes it."""
        return {"mpin": self.mpin.data, "key": self.key.data}

    @classmethod
    def after(cls, declining: DeclineForm) -> Self:
        """The page as it was shown, with what was wrong about declining."""
        form = cls(formdata=None, key=declining.key.data)
        form.form_errors = list(declining.form_errors)
        return form

    def offer(self, sources: list[Source]) -> None:
        """Offer the customer's accounts."""
        self.account.choices = [(str(source.id), source.name) for source in sources]

    def suggest(self, sources: list[Source], amount: Money) -> None:
        """Choose the fullest account, if that is enough and nothing was chosen."""
        able = (str(source.id) for source in sources if source.can_pay(amount))
        if self.account.data is None:
            self.account.data = next(able, None)


class CapField(AmountField):
    """The most that may be taken in a month; beside a tick, so that it is not the headline."""

    look = ""


class ConsentForm(ApproveForm):
    """With a session that asks for a standing consent: whether it is given, and how far."""

    consent = BooleanField()
    cap = CapField("At most, in a month")

    @property
    def decided(self) -> dict[str, Any]:
        """With the cap, if the consent is given."""
        return super().decided | {"cap": self.cap.data if self.consent.data else None}

    def ask(self, session: PaymentSession, payee: Client) -> None:
        """Name who asks, and suggest what they ask for; nothing is ticked by itself."""
        self.consent.label.text = (
            f"Let {payee.name} take money from this account without asking me again"
        )
        if self.cap.raw_data is None:
            self.cap.data = session.consent_cap

    def validate(self, extra_validators: object = None) -> bool:
        """What stands beside a tick that is not set does not count."""
        if not self.consent.data:
            self.cap.process_errors = []
        return super().validate(extra_validators)
