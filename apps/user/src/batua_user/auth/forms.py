"""What may be typed to get in."""

from wtforms import HiddenField

from batua_ui.forms import CodeField, Form, NameField, PasswordField, PhoneField


class RegisterForm(Form):
    """Who opens a wallet."""

    name = NameField("Your name, as on your PAN")
    phone = PhoneField("Mobile number")
    password = PasswordField("Choose a password", new=True)


class VerifyForm(Form):
    """The code from the SMS."""

    code = CodeField("Code from the SMS")


class ResendForm(Form):
    """Asks for another code."""


class LoginForm(Form):
    """Who signs in, and where they were going."""

    phone = PhoneField("Mobile number", render_kw={"autocomplete": "username"})
    password = PasswordField("Password")
    next = HiddenField()
