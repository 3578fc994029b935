"""What may be typed to change a password or an MPIN."""

from batua_ui.forms import Form, PasswordField, PinField


class MpinForm(Form):
    """The password, the MPIN there is, and the new one twice."""

    password = PasswordField("Your net banking password")
    mpin = PinField("Your MPIN now")
    new = PinField("New 6-digit MPIN", render_kw={"autocomplete": "new-password"})
    again = PinField("The same again", render_kw={"autocomplete": "new-password"})


class NewPasswordForm(Form):
    """The password there is, and the new one twice."""

    password = PasswordField("Your password now")
    new = PasswordField("New password", new=True)
    again = PasswordField("The same again", new=True)
