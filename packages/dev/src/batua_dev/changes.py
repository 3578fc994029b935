"""Which of our source files have changed."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIXES = (".py", ".html")
SKIPPED = {"tests", "node_modules", "__pycache__"}


class Changes:
    """Compares what is on disk with what was there the last time."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = [str(folder) for folder in folders if folder.is_dir()]
        self._seen = self._look()

    def since_last_time(self) -> list[str]:
        """The files that were written, added or removed."""
        before, self._seen = self._seen, self._look()
        return sorted(path for path, _ in before.items() ^ self._seen.items())

    def _look(self) -> dict[str, int]:
        return {path: when for folder in self._folders for path, when in _sources(folder)}


def _sources(folder: str) -> Iterator[tuple[str, int]]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED and name[0] != "."]
        for name in files:
            if name.endswith(SUFFIXES):
                path = os.path.join(parent, name)
                try:
                    yield path, os.stat(path).st_mtime_ns
                except FileNotFoundError:  # an editor replaces it, this moment
                    continue
