"""What may be typed to pay a business."""

from typing import Any

from batua_ui.forms import AmountField, Form, KeyField, NoteField

from .links import Asked


class PayForm(Form):
    """How much, unless a link says it, and what for."""

    amount = AmountField("How much?")
    note = NoteField("Note (optional)")
    key = KeyField()

    def __init__(self, asked: Asked | None, **shown: Any) -> None:
        super().__init__(**shown)
        self.asked = asked
        if asked:
            del self.amount

    @property
    def values(self) -> dict[str, Any]:
        """Every field's data; the amount is the link's where it says one."""
        typed = super().values
        return {**typed, "amount": self.asked.amount} if self.asked else typed
