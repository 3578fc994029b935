"""What may be typed to pay a bill."""

from typing import Any

from wtforms import ValidationError
from wtforms.widgets import TextInput

from batua_ui.forms import AmountField, Form, KeyField, NoteField
from batua_ui.typed import TypedField

from .catalogue import Kind


class ReferenceField(TypedField):
    """A customer's number at a biller, as the form's ``kind`` of biller has it."""

    widget = TextInput()

    def read(self, typed: str) -> str:
        """Take it as typed: whether it is a number is the biller's to say."""
        return typed

    def pre_validate(self, form: Any) -> None:
        """Bring it into the biller's shape."""
        try:
            self.data = form.kind.read(self.data)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class BillForm(Form):
    """Whose bill, how much where the biller does not say, what for."""

    reference = ReferenceField()
    amount = AmountField("How much?")
    note = NoteField("Note (optional)")
    key = KeyField()

    def __init__(self, kind: Kind, **shown: Any) -> None:
        super().__init__(**shown)
        self.kind = kind
        self.reference.label.text = kind.label
        if kind.fetched:
            del self.amount
