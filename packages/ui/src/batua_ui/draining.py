"""Whether the app is about to end: one byte, shared by all the processes that serve it."""

import mmap

_byte = mmap.mmap(-1, 1)  # of whoever is forked as well


def begin() -> None:
    """From now on, be sent nothing new."""
    _byte[0] = 1


def begun() -> bool:
    """Whether that was said."""
    return bool(_byte[0])
