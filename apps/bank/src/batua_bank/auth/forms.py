"""What is typed to sign in."""

from batua_ui.forms import DigitsField, Form, PasswordField


class SignInForm(Form):
    """A customer's number and password."""

    customer_id = DigitsField("Customer ID", digits=8, render_kw={"autocomplete": "username"})
    password = PasswordField("Net banking password")
