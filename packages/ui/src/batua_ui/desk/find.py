"""What is looked for at a desk. It is in the address, so it needs no form token."""

from flask import request
from wtforms.widgets import SearchInput

from batua_ui.forms import Form
from batua_ui.text import clean
from batua_ui.typed import TypedField, attributes_of


class WordsField(TypedField):
    """A number, a part of a name, a reference; may be empty."""

    longest = 80
    widget = SearchInput()
    icon = "search"
    attributes = attributes_of(autocomplete="off", maxlength=80)

    def read(self, typed: str) -> str:
        """Clean it."""
        words = clean(typed)
        if len(words) > self.longest:
            raise ValueError(f"Look for {self.longest} characters at most.")
        if len(words) == 1:
            raise ValueError("Type at least two letters, or four digits of a number.")
        return words


class FindForm(Form):
    """Whom or what to look for."""

    q = WordsField("Find")

    def __init__(self) -> None:
        super().__init__(formdata=request.args, meta={"csrf": False})  # it changes nothing
        if "q" in request.args:
            self.validate()
