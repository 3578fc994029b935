"""Hiring and letting go: done by whoever runs the system, not at the desk."""

import pytest

from batua_db.errors import Conflict, NotFound, Refused
from batua_db.staffing import hire, let_go
from batua_dev.client import FreshClient
from batua_user.desk.tables import DESK

from .desk import enter

pytestmark = pytest.mark.usefixtures("session")

PASSWORD = "a lamp on every desk"


def test_who_is_hired_gets_in_and_who_is_let_go_is_out_at_once(user_client: FreshClient) -> None:
    hire(DESK, "asha.rao", role="auditor", name="Asha Rao", password=PASSWORD)
    assert enter(user_client, "asha.rao", PASSWORD).status_code == 303
    assert "Asha Rao" in user_client.get("/desk").text

    let_go(DESK, "asha.rao")

    assert user_client.get("/desk").status_code == 303
    assert enter(user_client, "asha.rao", PASSWORD).status_code == 422
    assert enter(user_client, "asha.rao", "!").status_code == 422


def test_what_cannot_be_is_said() -> None:
    hire(DESK, "asha.rao", role="auditor", name="Asha Rao", password=PASSWORD)

    with pytest.raises(Conflict):
        hire(DESK, "asha.rao", role="operator", name="Another", password=PASSWORD)
    with pytest.raises(Refused, match="small letters"):
        hire(DESK, "Asha Rao", role="operator", name="Asha", password=PASSWORD)
    with pytest.raises(Refused, match="10 characters"):
        hire(DESK, "ravi", role="operator", name="Ravi", password="short")
    with pytest.raises(NotFound):
        let_go(DESK, "nobody")
