"""What may be typed to send money."""

from batua_ui.forms import AmountField, Form, KeyField, NoteField, PhoneField, PinField


class SendForm(Form):
    """To whom, how much, what for."""

    phone = PhoneField("To which mobile number?", render_kw={"autocomplete": "off"})
    amount = AmountField("How much?")
    note = NoteField("Note (optional)")
    key = KeyField()


class PinForm(Form):
    """The PIN, and nothing else: what it pays for was fixed before."""

    closed = True
    pin = PinField("Your 6-digit PIN")
