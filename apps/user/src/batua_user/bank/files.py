"""What the bank says about the settlement files that it has."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from batua_config.webhooks import Unreadable

from .values import as_object, text_of


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A closed day of our account at a bank, and the checksum that its file ends with."""

    day: date
    checksum: bytes


def read_file_info(data: Any) -> FileInfo:
    """Read that a day is closed."""
    fields = as_object(data)
    try:
        day = date.fromisoformat(text_of(fields, "day"))
        return FileInfo(day, bytes.fromhex(text_of(fields, "checksum")))
    except ValueError:
        raise Unreadable("file") from None
