"""Serve an app's pages: ``python -m batua_ui.serve user``, as granian's ``GRANIAN_*`` say.

The app is loaded before the processes that serve are forked: once for all of them, and what
keeps it from starting ends the whole instead of each of them again and again.
"""

import gc
import signal
import sys
from importlib import import_module
from types import FrameType

from granian.cli import cli

from batua_config.settings import SettingsError


def main(app: str) -> None:
    """Serve ``app`` until told to stop; requests in flight are finished first."""
    # The first process of a container ignores what it has no handler for; granian brings its own.
    signal.signal(signal.SIGTERM, _leave)
    try:
        import_module(f"batua_{app}.wsgi")
    except SettingsError as error:
        sys.exit(str(error))
    gc.freeze()  # all this stays: shared with who is forked, and not looked through at the end
    cli(
        ["--interface", "wsgi", "--no-ws", f"batua_{app}.wsgi:app"],
        auto_envvar_prefix="GRANIAN",
    )


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
