"""Serve an app's pages: ``python -m batua_ui.serve user``.

The app is loaded before the processes that serve are forked: once for all of them, and what
keeps it from starting ends the whole instead of each of them again and again.
"""

import argparse
import gc
import signal
import sys
import time
from importlib import import_module
from types import FrameType

from granian.constants import Interfaces
from granian.server.mp import MPServer

from batua_config.settings import Settings, SettingsError

from . import draining

LONGEST = 20  # seconds that a request in flight is waited for


class Leaving(MPServer):
    """A server that is told to end says so at ``/healthz``, and goes on serving for a while.

    When it ends, whoever balances between several of it has seen that, and sends it nothing
    that would be cut off. The way of all orchestrators: they ask for the end, by a signal.
    """

    drain_seconds: int = 0

    def shutdown(self, exit_code: int = 0) -> None:
        """End, once nothing new can come."""
        draining.begin()
        time.sleep(self.drain_seconds)
        super().shutdown(exit_code)


def main(app: str, host: str, port: int) -> None:
    """Serve ``app`` until told to stop; requests in flight are finished first."""
    # The first process of a container ignores what it has no handler for; granian brings its own.
    signal.signal(signal.SIGTERM, _leave)
    try:
        settings = Settings.load()
        import_module(f"batua_{app}.wsgi")
    except SettingsError as error:
        sys.exit(str(error))
    gc.freeze()  # all this stays: shared with who is forked, and not looked through at the end
    server = Leaving(
        f"batua_{app}.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=settings.WEB_PROCESSES,
        blocking_threads=settings.WEB_THREADS,
        workers_kill_timeout=LONGEST,
    )
    server.drain_seconds = settings.DRAIN_SECONDS
    server.serve()


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="serve", description="Serve an app's pages.")
    parser.add_argument("app", choices=["user", "bank"])
    parser.add_argument("--host", default="0.0.0.0")  # noqa: S104  (of a container)
    parser.add_argument("--port", type=int, default=8000)
    main(**vars(parser.parse_args()))
