"""What may be typed to get in to the desk."""

import re

from wtforms import HiddenField

from batua_ui.forms import Form, PasswordField
from batua_ui.typed import OUTER_SPACE, TypedField, attributes_of

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}", re.ASCII)


class UsernameField(TypedField):
    """The name by which staff sign in."""

    icon = "user"
    attributes = attributes_of(
        required=True, autocomplete="username", autocapitalize="none", maxlength=32
    )

    def read(self, typed: str) -> str:
        """Take small letters, digits, and what joins them."""
        name = typed.strip(OUTER_SPACE).lower()
        if not USERNAME.fullmatch(name):
            raise ValueError("Type the username you were given, such as kiran.desai.")
        return name


class LoginForm(Form):
    """Who signs in, and where they were going."""

    username = UsernameField("Username")
    password = PasswordField("Password")
    next = HiddenField()


class LeaveForm(Form):
    """Signs out."""
