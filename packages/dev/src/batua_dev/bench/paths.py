"""The main paths of the wallet, in turn with the ledger alone."""

import argparse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from uuid import UUID

from batua_dev.simulate.people import Person, Town
from batua_dev.simulate.rhythm import Habit
from batua_dev.simulate.tally import Tally

from .filling import PAYMENTS, PIN, SENDS, Filled, fill
from .history import quiet
from .measuring import Contender, in_turn
from .pgbench import SHOP, Pgbench
from .report import publish, table
from .servers import Servers, running
from .wire import Visitor, send_all

PAID, SHOWN = rb"HTTP/1\.1 303.*/activity/", rb"HTTP/1\.1 200"
Work = Callable[[], int]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=3, help="of pgbench, in each turn")
    parser.add_argument("--posts", type=int, default=120, help="in each turn")
    parser.add_argument("--gets", type=int, default=240, help="in each turn")
    parser.add_argument("--adds", type=int, default=24, help="of money, in each turn")
    parser.add_argument("--sizes", type=int, nargs=2, default=[10_000, 1_000_000])
    parser.add_argument("--write", type=Path, help="the page to write the figures into")
    options = parser.parse_args()
    quiet()
    with running() as servers:
        filled = fill(servers, options.sizes)
        contenders = Paths(servers, filled, options).contenders()
        in_turn(contenders, 1, *servers.sides)  # each thread has met each statement
        results = in_turn(contenders, options.rounds, *servers.sides)
    print(table(results))
    if options.write:
        publish(results, options.write)


class Paths:
    """What takes turns."""

    def __init__(self, servers: Servers, filled: Filled, options: argparse.Namespace) -> None:
        self._servers, self._filled, self._options = servers, filled, options
        self._pgbench = Pgbench(servers.postgres, options.clients, options.seconds)
        self._adders = movers_in(servers, options.clients)

    def contenders(self) -> list[Contender]:
        """The ledger alone, then the paths."""
        small, large = self._options.sizes
        return [
            self._alone("move", "`ledger.move`"),
            self._alone("move_shop", "`ledger.move`, to one shop"),
            self._alone("separate", "separate statements"),
            self._alone("separate_shop", "separate statements, to one shop"),
            Contender("send", "send, the form with the PIN", self._send),
            Contender("pay", "pay one shop, the form with the PIN", self._pay),
            Contender("home", "home", self._home),
            Contender("activity", f"activity, {small:,} entries", lambda: self._activity(small)),
            Contender(
                "long_activity", f"activity, {large:,} entries", lambda: self._activity(large)
            ),
            Contender("add", "add money, from the form to the credit", self._add),
        ]

    def _alone(self, name: str, title: str) -> Contender:
        return Contender(name, title, lambda: self._pgbench.work(name))

    def _send(self) -> Work:
        return self._posts(SENDS, lambda order: f"/send/{order}")

    def _pay(self) -> Work:
        return self._posts(PAYMENTS, lambda payment: f"/pay/{SHOP}/{payment}")

    def _home(self) -> Work:
        people = list(self._filled.people.values())
        return self._gets("/", people)

    def _activity(self, size: int) -> Work:
        return self._gets("/activity", [self._filled.pasts[size]])

    def _add(self) -> Work:
        each = max(1, self._options.adds // len(self._adders))

        def add(person: Person) -> int:
            for _ in range(each):
                person.add_money()
            return each

        def work() -> int:
            with ThreadPoolExecutor(len(self._adders)) as pool:
                return sum(pool.map(add, self._adders))

        return work

    def _posts(self, query: str, path: Callable[[UUID], str]) -> Work:
        orders = self._filled.orders(self._servers.owner, query, self._options.posts)
        calls = [who.post(path(order), key=str(order), pin=PIN) for order, who in orders]
        return self._all(calls, PAID)

    def _gets(self, path: str, who: list[Visitor]) -> Work:
        calls = [who[n % len(who)].get(path) for n in range(self._options.gets)]
        return self._all(calls, SHOWN)

    def _all(self, calls: list[bytes], wanted: bytes) -> Work:
        return lambda: send_all(self._servers.port, calls, self._options.clients, wanted)


def movers_in(servers: Servers, count: int) -> list[Person]:
    """People of the simulated city, who have money at a bank and never stop to think."""
    tally = Tally()
    town = Town.at(servers.system.url("user"), servers.system.url("bank"), tally, pace=30)
    town.closing.set()
    people = [Person(town, Random(n)) for n in range(count)]  # noqa: S311
    for person in people:
        person.habit = Habit(1)
        person.move_in()
    return people
