"""Clean up after a parent that died without a word. Run as a script, never imported.

Standard input is a pipe whose other end the parent holds. It sends one line for each
process group it starts (``stop <group> <signal>``) and folder to be thrown away
(``remove <path>``), and ``done`` when it has cleaned up by itself. The end of the pipe
without ``done`` means that the parent was killed: stop every group, gently and then not.

This process is in a session of its own, so that a signal to the parent's process group
does not reach it.
"""

import os
import shutil
import signal
import sys
import time

GRACE = 6.0


def main() -> None:
    """Take orders until the pipe ends, then carry them out."""
    groups: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        order, _, rest = line.rstrip("\n").partition(" ")
        if order == "stop":
            group, how = map(int, rest.split())
            groups[group] = how
        elif order == "remove":
            folders.append(rest)
        elif order == "done":
            return
    stop(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def stop(groups: dict[int, int]) -> None:
    """Ask each group to end, wait, and kill what is left."""
    for group, how in groups.items():
        send(group, how)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(send(group, 0) for group in groups):
        time.sleep(0.05)
    for group in groups:
        send(group, signal.SIGKILL)


def send(group: int, how: int) -> bool:
    """Signal a whole group; say whether anything of it was there."""
    try:
        os.killpg(group, how)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
