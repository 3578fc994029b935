"""What several features ask for and show alike."""

from wtforms import HiddenField

from batua_ui.forms import Form, PinField
from batua_ui.pages import show

__all__ = ["PinForm", "show"]


class PinForm(Form):
    """The PIN; what it pays for was fixed before, and is named by the address.

    ``key`` repeats that name, as in every form that moves money; nothing depends on it.
    """

    key = HiddenField()
    pin = PinField("Your 6-digit PIN")
