"""The data folder: where a developer's databases, passwords and secrets live.

It is ``.data/``, or ``$BATUA_DATA``. For root, whose services run as an unprivileged user,
a folder that user cannot reach is stood in for by one under ``/var/lib``; what must be
found by its name (the attach file) stays where it was asked for.
"""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from batua_config import new_secrets

from .failure import Failure
from .files import write_private
from .unprivileged import SHARED, reachable, service_user, shared_folder

# All that is ever made in a data folder, and so all that `reset` removes.
OURS = (
    *("postgres", "postgres.new", "postgres.json", "postgres.pw", "postgres.log"),
    *("valkey", "valkey.log", "secrets.json", "attach.json", "running.lock", "stopping.lock"),
)


@dataclass(frozen=True)
class Folder:
    """``asked`` is the folder that was named; ``home`` is where the data are."""

    asked: Path
    home: Path

    @classmethod
    def open(cls, path: Path) -> "Folder":
        """Make the folder if need be, and find out where its data can live."""
        asked, user = path.absolute(), service_user()
        try:
            asked.mkdir(parents=True, exist_ok=True, mode=0o755 if user else 0o700)
            asked = asked.resolve()
            if reachable(asked, user):
                return cls(asked, asked)
            home = stand_in(asked)
            shared_folder()
            home.mkdir(exist_ok=True)
        except OSError as error:
            raise Failure(
                f"Cannot keep data in {path}: {error.strerror}. BATUA_DATA names another folder."
            ) from None
        return cls(asked, home)

    @property
    def attach_file(self) -> Path:
        """What a running ``dev`` leaves for ``audit``, ``seed`` and ``migrate``."""
        return self.asked / "attach.json"

    def secrets(self) -> dict[str, str]:
        """The secrets of development: made once, since stored data depend on them."""
        file = self.home / "secrets.json"
        kept: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        if missing := {
            name: new for name, new in new_secrets.of_an_app().items() if name not in kept
        }:
            kept |= missing
            write_private(file, json.dumps(kept, indent=2))
        return kept

    def wipe(self) -> list[Path]:
        """Remove everything of ours, and nothing else; return the folders that had some."""
        wiped: list[Path] = []
        for place in {self.asked, self.home, stand_in(self.asked)}:
            found = [place / name for name in OURS if (place / name).exists()]
            for path in found:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            wiped += [place] if found else []
            with suppress(OSError):  # something of somebody else's is left in it
                place.rmdir()
        return wiped


class Lock:
    """Held by one process at a time, and let go by its death, however it dies.

    ``descriptor`` may be handed down: the lock is then held until every holder is gone.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+")
        self.descriptor = self._file.fileno()

    def take(self, *, seconds: float = 0) -> bool:
        """Take the lock, waiting for it for that long; say whether we have it."""
        deadline = time.monotonic() + seconds
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        return True

    def say(self, who: Mapping[str, object]) -> None:
        """Tell others who holds it."""
        self._file.truncate(0)
        self._file.write(json.dumps(who))
        self._file.flush()

    def holder(self) -> dict[str, object]:
        """What its holder said."""
        self._file.seek(0)
        with suppress(ValueError):
            return json.loads(self._file.read())
        return {}

    def release(self) -> None:
        """Let go."""
        self._file.close()

    def _try(self) -> bool:
        with suppress(BlockingIOError):
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False


def stand_in(asked: Path) -> Path:
    """The folder used instead of one that the unprivileged user cannot reach."""
    return SHARED / hashlib.sha256(os.fsencode(asked)).hexdigest()[:16]
