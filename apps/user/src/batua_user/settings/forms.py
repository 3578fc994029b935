"""What may be typed in settings."""

from batua_ui.forms import CodeField, Form, PasswordField, PinField


class PinForm(Form):
    """A new PIN, guarded by the password."""

    password = PasswordField("Your password")
    pin = PinField("New 6-digit PIN", render_kw={"autocomplete": "new-password"})
    pin_again = PinField("The same again", render_kw={"autocomplete": "new-password"})


class SpentPinForm(PinForm):
    """After too many wrong PINs the phone must prove itself, too."""

    code = CodeField("Code from the SMS")


class Button(Form):
    """A form of one button."""
