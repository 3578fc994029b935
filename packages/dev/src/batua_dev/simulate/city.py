"""The city, run by locust: ``python -m batua_dev.simulate.city``, as ``command`` starts it.

locust comes first: it swaps Python's sockets and locks for its own, which everything that is
imported later then uses.
"""

# pyright: reportMissingImports=false
# isort: off
from locust import User, task
from locust.env import Environment
from locust.exception import StopUser
# isort: on

import argparse
import signal
import sys
from collections.abc import Callable
from random import Random
from threading import Event, Thread
from typing import Any

from .browsing import GaveUp
from .people import Person, Town
from .summary import report, watch
from .tally import Tally

ARRIVING = 0.3  # of the time, people move in
GO_HOME = 90.0  # seconds to finish what was begun


class Resident(User):
    """A person, as locust has them."""

    town: Town

    def on_start(self) -> None:
        """Move in."""
        self.person = Person(self.town, Random())  # noqa: S311
        self.lives_here = attempt(self.town.tally, self.person.move_in)

    def wait_time(self) -> float:
        """Seconds between two errands."""
        return self.person.pause()

    @task
    def live(self) -> None:
        """One errand, unless they could not move in and left."""
        if not self.lives_here:
            raise StopUser
        attempt(self.town.tally, self.person.live)


def attempt(tally: Tally, deed: Callable[[], None]) -> bool:
    """Do it, and say whether it came about; what we did not think of is a failure, too."""
    try:
        deed()
    except GaveUp:
        return False
    except Exception as error:
        tally.failed("a person", f"{type(error).__name__}: {error}")
        return False
    return True


def main() -> int:
    """Let people live for a while; 1 if anything failed."""
    options = arguments()
    tally, over = Tally(), Event()
    town = Town.at(options.url, options.bank_url, tally, options.pace)
    Resident.town = town
    environment = Environment(user_classes=[Resident], stop_timeout=GO_HOME)
    runner = environment.create_local_runner()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: town.closing.set())
    screen = Thread(target=watch, args=(tally, over))
    screen.start()
    runner.start(options.people, spawn_rate=options.people / (options.minutes * 60 * ARRIVING))
    town.closing.wait(options.minutes * 60)
    town.closing.set()
    runner.stop()
    over.set()
    screen.join()
    print("\n".join(report(tally)))
    return 1 if tally.failures or not tally.people else 0


def arguments(typed: list[str] | None = None) -> Any:
    """What ``command`` was told, and found out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--pace", type=float, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--bank-url", required=True)
    return parser.parse_args(typed)


if __name__ == "__main__":
    sys.exit(main())
