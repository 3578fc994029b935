"""The field that others are made of: text turned into a value, with a sentence when it can't be."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from wtforms import Field
from wtforms.widgets import TextInput

OUTER_SPACE = " \t\r\n\u00a0"


def attributes_of(**attributes: Any) -> Mapping[str, Any]:
    """The attributes of an input, for a field class to keep."""
    return MappingProxyType(attributes)


class TypedField(Field):
    """A field that turns text into a value, and shows again exactly what was typed.

    ``before``, ``icon`` and ``look`` say how the macro ``field`` draws it.
    """

    widget: Any = TextInput()
    icon: str | None = None
    look = ""
    attributes = attributes_of(required=True)

    @property
    def before(self) -> str | None:
        """What stands before the input."""
        return None

    def __init__(self, label: str | None = None, **options: Any) -> None:
        options["render_kw"] = {**self.attributes, **(options.get("render_kw") or {})}
        super().__init__(label, **options)

    def read(self, typed: str) -> Any:
        """Turn what was typed into a value, or raise ``ValueError`` with a sentence."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Show a value that nobody typed."""
        return str(value)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read the one value of this field; one that is missing counts as empty."""
        self.data = None
        self.data = self.read(valuelist[0] if valuelist else "")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)
