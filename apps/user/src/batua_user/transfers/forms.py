"""What may be typed to send money."""

from wtforms import HiddenField

from batua_ui.forms import AmountField, Form, KeyField, NoteField, PhoneField, PinField


class SendForm(Form):
    """To whom, how much, what for."""

    phone = PhoneField("To which mobile number?", render_kw={"autocomplete": "off"})
    amount = AmountField("How much?")
    note = NoteField("Note (optional)")
    key = KeyField()


class PinForm(Form):
    """The PIN; what it pays for was fixed before, and is named by the address.

    ``key`` repeats that name, as in every form that moves money; nothing depends on it.
    """

    key = HiddenField()
    pin = PinField("Your 6-digit PIN")
