"""The server is killed between what a write does and its answer: the same key tells the truth."""

import json
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from batua_bank.api import examples
from batua_config import service_token
from batua_config.settings import Settings
from batua_db.database import db, transaction
from batua_db.models.bank import PaymentSession, Witness
from batua_db.models.outgoing import Payout, Refund
from batua_dev.processes import Family
from batua_dev.system import environment_of, free_port, until
from batua_dev.testing import Committed

from . import documented

pytestmark = pytest.mark.commits

# Serves the bank, one process after another. Each is killed at the first write that comes:
# by turns before it is committed, and after that but before it is answered.
SERVER = """
import os, signal, socket, sys
from werkzeug.serving import make_server
from batua_bank import create_app
from batua_bank.api import service

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def serve(turn):
    if turn % 2 == 0:
        service._keep = die
    else:
        keep, act = service._keep, service.answer_once
        kept = []
        service._keep = lambda *it: (keep(*it), kept.append(it))
        service.answer_once = lambda *it: (act(*it), die() if kept else None)[0]
    make_server("127.0.0.1", port, app, fd=listener.fileno()).serve_forever()

port, app = int(sys.argv[1]), create_app()
listener = socket.create_server(("127.0.0.1", port))
for turn in range(100):
    child = os.fork()
    if not child:
        serve(turn)
    os.waitpid(child, 0)
"""


class Mortal:
    """A bank whose server is killed again and again."""

    def __init__(self, port: int, settings: Settings, origin: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.settings = settings
        self.origin = origin  # where the wallet's customers come from

    def post(self, path: str, body: dict[str, Any], key: str) -> requests.Response:
        """Send a write; raises ``requests.ConnectionError`` if there was no answer."""
        path, content = f"/api/v1{path}", json.dumps(body).encode()
        token = service_token.sign(
            self.settings.secrets, "wallet", method="POST", path_and_query=path, body=content,
            key=key,
        )  # fmt: skip
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        return requests.post(self.url + path, data=content, headers=headers, timeout=20)


@pytest.fixture
def mortal(
    committed_banks: Committed, redis: Any, settings: Settings, tmp_path: Path
) -> Generator[Mortal]:
    documented.fund()
    documented.happen(refunded=False)
    urls = {"DATABASE_URL": committed_banks.url, "REDIS_URL": settings.redis_url}
    port, family, told = free_port(), Family(), environment_of(settings, urls)
    with (tmp_path / "server.log").open("wb") as log:
        command = [sys.executable, "-c", SERVER, str(port)]
        family.spawn("bank", command, output=log, env=told)
    made = Mortal(port, settings, f"http://localhost:{told['USER_PORT']}")
    until(lambda: _serves(made.url), "the bank did not start", seconds=60)
    yield made
    family.close()


def _serves(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


def count(model: Any) -> int:
    with transaction():
        return db.session.scalars(select(func.count()).select_from(model)).one()


def test_whenever_it_is_killed_each_write_is_made_once(mortal: Mortal) -> None:
    back = f"{mortal.origin}/add-money/1"
    session = {**examples.TERMS, "reference": "another", "return_url": back}
    writes: list[tuple[str, dict[str, Any], Any]] = [
        ("/payment-sessions", session, PaymentSession),
        (f"/payments/{examples.PAYMENT['id']}/refunds", examples.REFUND_TERMS, Refund),
        ("/payouts", {**examples.PAYOUT_TERMS, "reference": "another"}, Payout),
        ("/seals", examples.SEALS, Witness),
    ]
    for path, body, model in writes:
        there = count(model)
        for made in (0, 1):
            with pytest.raises(requests.ConnectionError):
                mortal.post(path, body, key=path)
            assert count(model) == there + made, path
        again = mortal.post(path, body, key=path)
        once_more = mortal.post(path, body, key=path)
        other = mortal.post(path, {**body, "more": 1}, key=path)

        assert (again.status_code, other.status_code) == (201, 409)
        assert again.headers["Idempotent-Replay"] == "true"
        assert once_more.json() == again.json()
        assert count(model) == there + 1
