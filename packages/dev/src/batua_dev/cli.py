"""The developer's commands, as the justfile calls them."""

import argparse
import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from . import given
from .failure import Failure
from .folder import Folder, Lock
from .schema import latest, migrated
from .services import at_hand
from .simulate.command import add_options
from .simulate.command import run as run_simulation
from .stopping import Stop, Stopped

# Three processes on two cores, since many tests wait for one thing or another; one that has
# nothing left takes over what others have not begun. Tests of one file stay together, since
# what they use is then warm: dealt out one by one they cost an eighth more.
SHARED = ("-n", "3", "--dist", "worksteal")
# With these a person is watching, or wants no tests run: workers would only be in the way.
ALONE = {
    *("-x", "--exitfirst", "--pdb", "--trace", "-s", "--capture", "--numprocesses", "--dist"),
    *("--collect-only", "--co", "--fixtures", "--markers", "--version", "-h", "--help"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    typed = list(sys.argv[1:] if arguments is None else arguments)
    if typed[:1] == ["test"]:  # what follows is pytest's
        return test(typed[1:])
    options = _parser().parse_args(typed)
    try:
        return options.run(options)
    except Failure as failure:
        print(f"\n{failure}\n", file=sys.stderr)
        return 1
    except Stopped:
        return 0 if typed[:1] == ["dev"] else 130


def dev(_options: argparse.Namespace) -> int:
    """Run the whole system."""
    from .development import run

    mine = given.read()
    given.development_only(mine, "dev")
    return run(folder(mine), mine)


def reset(_options: argparse.Namespace) -> int:
    """Throw the development data away."""
    here = folder(given.read())
    lock = Lock(here.home / "running.lock")
    if not lock.take():
        raise Failure(f"`just dev` is running in {here.asked}. Stop it first.")
    wiped = here.wipe()
    lock.release()
    print("Wiped " + " and ".join(map(str, wiped)) if wiped else "There was nothing to wipe.")
    return 0


def migrate(_options: argparse.Namespace) -> int:
    """Bring both databases to the latest migration."""
    with environment("migrate"):
        from . import commands

        commands.upgrade()
        print(f"The databases are at migration {latest()}.")
    return 0


def migration(options: argparse.Namespace) -> int:
    """Write a migration from the models."""
    with environment("migration"):
        from . import commands

        commands.write_migration(options.message)
    return 0


def seed(_options: argparse.Namespace) -> int:
    """Put the demo data in; safe to run twice."""
    given.development_only(given.read(), "seed")
    with environment("seed"):
        from . import commands

        if not migrated(os.environ):
            commands.upgrade()
        commands.plant()
    return 0


def audit(options: argparse.Namespace) -> int:
    """Prove the books."""
    embedded = given.needs_postgres(given.read())
    with environment("audit"):
        from . import commands

        if embedded and not migrated(os.environ):
            commands.upgrade()
        return commands.prove(as_json=options.json)


def simulate(options: argparse.Namespace) -> int:
    """Let a small city of people live in the system, then prove the books."""
    mine = given.read()
    given.development_only(mine, "simulate")
    return run_simulation(options, folder(mine), mine)


def test(arguments: Sequence[str]) -> int:
    """Become pytest, with three workers unless somebody is watching."""
    alone = any(word.startswith("-n") or word.split("=")[0] in ALONE for word in arguments)
    command = [sys.executable, "-m", "pytest", *([] if alone else SHARED), *arguments]
    os.execve(command[0], command, given.for_python(os.environ))  # noqa: S606


@contextmanager
def environment(command: str) -> Generator[None]:
    """Settings for a short command: those of a running ``dev``, or of services of its own."""
    mine = given.read()
    stop = Stop()
    with ExitStack() as stack, stop.interrupts():
        if given.needs_services(mine, command):
            found = stack.enter_context(at_hand(folder(mine), mine, command))
            os.environ.update(found)
        yield


def folder(mine: Mapping[str, str]) -> Folder:
    """The data folder."""
    return Folder.open(Path(mine.get("BATUA_DATA", ".data")))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="batua_dev", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        command = commands.add_parser(run.__name__, help=(run.__doc__ or "").strip())
        command.set_defaults(run=run)
        return command

    for run in (dev, reset, migrate, seed):
        add(run)
    add(migration).add_argument("message", help="what it does, in a few words")
    add(audit).add_argument("--json", action="store_true", help="for programs")
    add_options(add(simulate))
    return parser
