"""What stops a command, in words for the person who typed it."""


class Failure(Exception):
    """Something the developer can act on. The message is all they see: no traceback."""
