"""The record of what staff did: read, and nothing else."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import ProgrammingError

from batua_db import staff
from batua_db.database import db, transaction
from batua_db.models.desk import Act, Staff
from batua_db.models.wallet import User
from batua_dev.client import FreshClient
from batua_user.desk import acts

from .desk import AtDesk

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def desk(at_desk: AtDesk, auditor: Staff) -> FreshClient:
    return at_desk(auditor)


def reasons(page: str) -> list[str]:
    return re.findall(r"reason \d+", page)


def note(staff: Staff, number: int, subject: User | None = None) -> None:
    with transaction():
        acts.record(staff, "freeze", subject.id if subject else None, f"reason {number}")


def test_newest_first_with_who_what_and_why(
    desk: FreshClient, operator: Staff, supervisor: Staff, asha: User
) -> None:
    assert "Nothing on record" in desk.get("/desk/log").text
    note(operator, 1, asha)
    note(supervisor, 2)

    page = desk.get("/desk/log").text

    assert reasons(page) == ["reason 2", "reason 1"]
    for shown in ("Kiran Desai", "Latha Menon", "Froze the wallet", f"q={asha.id}", "· Asha Rao"):
        assert shown in page


def test_of_one_or_on_one_thing(
    desk: FreshClient, operator: Staff, supervisor: Staff, asha: User, ravi: User
) -> None:
    note(operator, 1, asha)
    note(supervisor, 2, asha)
    note(operator, 3, ravi)

    def asked(**query: object) -> list[str]:
        return reasons(desk.get("/desk/log", query_string=query).text)

    assert asked(staff=operator.id) == ["reason 3", "reason 1"]
    assert asked(subject=asha.id) == ["reason 2", "reason 1"]
    assert asked(staff=operator.id, subject=asha.id) == ["reason 1"]
    assert asked(subject=uuid4()) == []


@pytest.mark.parametrize("query", ["subject=x", "staff=x", "staff=' OR 1=1", "after=1"])
def test_what_cannot_be_read_is_said(desk: FreshClient, operator: Staff, query: str) -> None:
    note(operator, 1)

    assert desk.get(f"/desk/log?{query}").status_code == 422


def test_pages_go_on_without_a_gap(
    desk: FreshClient, operator: Staff, supervisor: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff, "A_PAGE", 3)
    for number in range(8):
        note(operator if number % 2 else supervisor, number)

    def walk(path: str) -> list[str]:
        seen: list[str] = []
        while path:
            page = desk.get(path).text
            seen += reasons(page)
            found = re.search(r'href="(/desk/log[^"]*after=[^"]+)"', page)
            path = found[1].replace("&amp;", "&") if found else ""
        return seen

    assert walk("/desk/log") == [f"reason {number}" for number in range(7, -1, -1)]
    odd = [f"reason {number}" for number in (7, 5, 3, 1)]
    assert walk(f"/desk/log?staff={operator.id}") == odd


@pytest.mark.parametrize(
    "change", [update(Act).values(reason="nothing"), delete(Act)], ids=["update", "delete"]
)
def test_the_application_has_no_right_to_change_it(operator: Staff, change: object) -> None:
    note(operator, 1)

    with pytest.raises(ProgrammingError, match="permission denied"), transaction():
        db.session.execute(change)  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_a_reason_that_turns_into_markup_is_shown_as_text(
    desk: FreshClient, operator: Staff
) -> None:
    with transaction():
        acts.record(operator, "freeze", None, "<script>alert(1)</script>")

    assert "<script>alert" not in desk.get("/desk/log").text
