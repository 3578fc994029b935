"""The whole system as real processes, for tests that drive it from outside.

Two apps, two workers, two databases and one Valkey number: what ``just dev`` runs, on
ports of its own, and each part can be stopped, killed and started alone.
"""

import json
import os
import re
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from pydantic import SecretStr

import batua_bank.demo
import batua_user.demo
from batua_config.settings import Settings
from batua_db.audit import prove_at
from batua_db.audit_report import as_json
from batua_db.database import db
from batua_user.bank.service import refresh

from .forms import form_with, sent_along
from .processes import Family, Member
from .testrun import sqlalchemy_url

PARTS = {
    "bank": ["granian", "--interface", "wsgi", "batua_bank.wsgi:app"],
    "user": ["granian", "--interface", "wsgi", "batua_user.wsgi:app"],
    "user-worker": [sys.executable, "-m", "batua_user.worker"],
    "bank-worker": [sys.executable, "-m", "batua_bank.worker"],
}


def environment_of(settings: Settings, urls: Mapping[str, str]) -> dict[str, str]:
    """What the processes are told: secrets, where the servers are, and free ports."""
    secrets = {
        name: value.get_secret_value()
        for name, value in settings
        if isinstance(value, SecretStr) and not name.endswith("_URL")
    }
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "APP_ENV": "development",
        "USER_PORT": str(free_port()),
        "BANK_PORT": str(free_port()),
        **secrets,
        **urls,
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class System:
    """The parts, and what they say to each other through ``environment``."""

    def __init__(self, family: Family, environment: Mapping[str, str], logs: Path) -> None:
        self._family = family
        self._running: dict[str, Member] = {}
        self.environment = dict(environment)
        self.logs = logs

    def url(self, app: str) -> str:
        """Where people reach ``app``."""
        return f"http://localhost:{self.environment[f'{app.upper()}_PORT']}"

    @staticmethod
    def browser() -> "Browser":
        """A browser that has not been here yet."""
        return Browser()

    def pid(self, name: str) -> int:
        """The process of a part that runs."""
        return self._running[name].process.pid

    def start(self, *names: str) -> None:
        """Start parts, and wait until those that serve do."""
        for name in names:
            log = (self.logs / f"{name}.log").open("ab")
            self._running[name] = self._family.spawn(
                name, self._command(name), output=log, env=self.environment
            )
            log.close()
        # All that run, since an earlier start may have been given up halfway.
        for name in self._running:
            if not name.endswith("worker"):
                until(lambda name=name: self._serves(name), f"{name} did not start", seconds=60)

    def stop(self, *names: str) -> None:
        """Ask parts to end, as a deployment does."""
        self._family.stop([self._running.pop(name) for name in names])

    def revive(self) -> None:
        """Start the parts that are not running."""
        self.start(*(name for name in PARTS if name not in self._running))

    def kill(self, *names: str) -> None:
        """End parts without a word, as the kernel does."""
        self._family.stop([self._running.pop(name) for name in names], grace=0)

    def audit(self) -> dict[str, Any]:
        """Prove both books, as ``just audit --json`` does, but without waiting for a process."""
        urls = (self.environment[f"{app}_DATABASE_URL"] for app in ("USER", "BANK"))
        return json.loads(as_json(prove_at(*map(sqlalchemy_url, urls))))

    def _command(self, name: str) -> list[str]:
        command = PARTS[name]
        if command[0] == "granian":
            port = self.environment[f"{name.upper()}_PORT"]
            bin_dir = Path(sys.executable).parent
            flags = ["--host", "127.0.0.1", "--port", port, "--blocking-threads", "4", "--no-ws"]
            return [str(bin_dir / command[0]), *command[1:], *flags]
        return command

    def _serves(self, name: str) -> bool:
        if self._running[name].ended():
            raise AssertionError((self.logs / f"{name}.log").read_text()[-3000:])
        try:
            return requests.get(self.url(name) + "/healthz", timeout=1).ok
        except requests.ConnectionError:
            return False


def seed(environment: Mapping[str, str], settings: Settings) -> None:
    """Put the demo people and the demo banks in, from this process: it has everything loaded."""
    own = settings_of(environment, settings)
    for app, demo in ((batua_bank, batua_bank.demo), (batua_user, batua_user.demo)):
        with app.create_app(own).app_context():
            demo.seed()
            db.session.remove()
            db.engine.dispose()


def learn_banks(system: System, settings: Settings) -> None:
    """Let the wallet know the banks from its first second on, as its worker does once a minute."""
    system.start("bank")
    with batua_user.create_app(settings_of(system.environment, settings)).app_context():
        refresh()
        db.session.remove()
        db.engine.dispose()
    system.stop("bank")


def settings_of(environment: Mapping[str, str], settings: Settings) -> Settings:
    """The settings of the running parts, for an app in this process beside them."""
    urls = ("USER_DATABASE_URL", "BANK_DATABASE_URL")
    own: dict[str, Any] = {name: SecretStr(environment[name]) for name in urls}
    ports = {name: int(environment[name]) for name in ("USER_PORT", "BANK_PORT")}
    return settings.model_copy(update={**own, **ports})


class Browser:
    """A person's browser: it keeps cookies, follows redirects, and fills in forms."""

    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.headers["User-Agent"] = "Mozilla/5.0 (a test)"
        self.page = requests.Response()

    @property
    def text(self) -> str:
        """The page that is open."""
        return self.page.text

    @property
    def where(self) -> str:
        """The address of the page that is open."""
        return self.page.url

    def open(self, url: str) -> "Browser":
        """Open a page."""
        self.page = self.http.get(url, timeout=20)
        return self

    def submit(
        self, *, press: Mapping[str, str] | None = None, follow: bool = True, **typed: str
    ) -> "Browser":
        """Fill in the form of the open page that has the fields ``typed``, and send it.

        Who does not ``follow`` closes the browser before it is led on.
        """
        form = form_with({*typed, *(press or {})}, self.text)
        target = urljoin(self.where, form.action or self.where)
        data = {**form.values, **typed, **(press or {})}
        headers = sent_along(self.where)
        self.page = self.http.post(
            target, data=data, headers=headers, timeout=20, allow_redirects=follow
        )
        return self

    def find(self, pattern: str) -> str:
        """The first group of ``pattern`` in the open page."""
        found = re.search(pattern, self.text)
        if not found:
            raise AssertionError(f"{pattern} is not on {self.where}:\n{self.text[:4000]}")
        return found[1]


def until(holds: Callable[[], bool], otherwise: str, *, seconds: float = 20) -> None:
    """Wait until ``holds()``, or fail saying ``otherwise``."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.05)
