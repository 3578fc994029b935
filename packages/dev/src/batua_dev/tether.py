"""Become another program that cannot outlive its parent. Run as a script, never imported.

    python -IS tether.py <parent pid> <signal> <uid:gid or -> <program> [argument …]

Linux delivers the signal when the parent dies, even by kill -9. Where that does not
exist, the watcher (see ``watcher.py``) is what ends the program.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, signal: str, user: str, *command: str) -> None:
    """Give up root if asked, bind our life to the parent's, and become ``command``."""
    if user != "-":
        uid, gid = map(int, user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":  # after setuid, which would clear it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal))
    if os.getppid() != int(parent):
        sys.exit("the parent died first")
    os.execv(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
