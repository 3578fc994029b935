"""What may be typed to send money."""

from batua_ui.forms import AmountField, Form, KeyField, NoteField, PhoneField


class SendForm(Form):
    """To whom, how much, what for."""

    phone = PhoneField("To which mobile number?", render_kw={"autocomplete": "off"})
    amount = AmountField("How much?")
    note = NoteField("Note (optional)")
    key = KeyField()
