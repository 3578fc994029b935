"""The file of a day: what it says, that it never changes, and who may read it."""

import base64
import hashlib
from collections.abc import Callable, Generator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import NullPool, create_engine, select, text

from batua_bank.clients import registry
from batua_bank.settlement import service
from batua_config import service_token
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.fields import seal
from batua_db.models.clients import Client, ClientSecret
from batua_db.models.outgoing import SettlementFile
from batua_db.money import Money
from batua_dev.testing import Committed
from batua_dev.testrun import sqlalchemy_url
from batua_ui.days import A_DAY, bounds, day_of

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed_banks")]

Pay = Callable[[int], str]
ByHand = Callable[..., None]


@pytest.fixture
def owner(committed_banks: Committed) -> Generator[ByHand]:
    """Writes in the book by hand, past what guards it."""
    engine = create_engine(sqlalchemy_url(committed_banks.admin_url), poolclass=NullPool)

    def write(statement: str, **values: object) -> None:
        db.session.commit()
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement), values)

    yield write
    engine.dispose()


@pytest.fixture
def days_ago(owner: ByHand) -> Callable[[int], None]:
    """``days_ago(2)``: all that was booked so far was two days earlier."""

    def move(days: int) -> None:
        by = timedelta(days=days)
        owner("UPDATE ledger.account SET created_at = created_at - :by", by=by)
        owner("UPDATE ledger.entry SET created_at = created_at - :by", by=by)

    return move


@pytest.fixture
def pay(account_of: Callable[..., UUID], platform: Callable[..., UUID]) -> Pay:
    """``pay(paise)``: a customer pays the platform, or is paid if it is below zero."""

    def move(paise: int) -> str:
        debit, credit = account_of(), platform()
        if paise < 0:
            debit, credit = credit, debit
        reference = str(uuid4())
        with transaction():
            terms = {"kind": "payment", "key": reference, "details": {"reference": reference}}
            ledger.move(Money(abs(paise)), debit=debit, credit=credit, **terms)
        return reference

    return move


def today() -> date:
    with transaction():
        return day_of(db.session.scalars(select(text("clock_timestamp()"))).one())


def rows() -> list[SettlementFile]:
    db.session.commit()
    own = (SettlementFile.client_id == "wallet", SettlementFile.bank_code == "SBB")
    query = select(SettlementFile).where(*own).order_by(SettlementFile.day)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def test_a_day_is_a_file_that_adds_up(api: Any, pay: Pay, days_ago: Callable[[int], None]) -> None:
    first, second = pay(500_00), pay(-20_50)
    ledger.fold()
    days_ago(2)

    service.close_days()

    day, empty = today() - 2 * A_DAY, today() - A_DAY
    listed = api.get("/settlement/files?bank=SBB").get_json()
    assert [(each["day"], each["count"], each["closing"]) for each in listed["items"]] == [
        (day.isoformat(), 2, 479_50),
        (empty.isoformat(), 0, 479_50),
    ]
    answer = api.get(f"/settlement/files/SBB/{day}")
    head, *lines, end = [row.split(",") for row in answer.text.splitlines()]
    assert head == ["head", "1", "SBB", "wallet", day.isoformat(), "INR", "0"]
    assert [(line[1], line[5], line[6], line[7]) for line in lines] == [
        ("1", first, "50000", "50000"),
        ("2", second, "-2050", "47950"),
    ]
    assert end[:5] == ["end", "2", "50000", "-2050", "47950"]
    before = answer.data[: -len(end[5]) - 1]
    assert end[5] == hashlib.sha256(before).hexdigest() == listed["items"][0]["checksum"]
    digest = base64.b64encode(hashlib.sha256(answer.data).digest()).decode()
    assert answer.headers["Content-Digest"] == f"sha-256=:{digest}:"
    assert (answer.mimetype, answer.content_length) == ("text/csv", len(answer.data))
    assert listed["items"][0]["size"] == len(answer.data)
    nothing = api.get(f"/settlement/files/SBB/{empty}").text.splitlines()
    assert nothing[0].endswith(",INR,47950")
    assert nothing[1].startswith("end,0,0,0,47950,")


def test_who_has_it_already_is_told_so(api: Any, pay: Pay, days_ago: Callable[[int], None]) -> None:
    days_ago(1)
    service.close_days()
    path = f"/settlement/files/SBB/{today() - A_DAY}"
    with api.get(path) as first:
        etag = first.headers["ETag"]

    with api.call("GET", path, **{"If-None-Match": etag}) as again:
        assert (again.status_code, again.data) == (304, b"")


def test_a_day_is_closed_some_minutes_after_it_is_over_and_once(
    pay: Pay, monkeypatch: pytest.MonkeyPatch, days_ago: Callable[[int], None]
) -> None:
    pay(5_00)
    assert service.close_days() == 0
    days_ago(1)
    monkeypatch.setattr(service, "CLOSES_AFTER", timedelta(days=2))
    assert service.close_days() == 0
    monkeypatch.undo()

    assert service.close_days() == 2  # one for each bank
    assert service.close_days() == 0

    assert [row.day for row in rows()] == [today() - A_DAY]


def test_what_waits_on_the_account_at_midnight_is_in_the_day_it_is_booked_in(
    api: Any, pay: Pay, days_ago: Callable[[int], None]
) -> None:
    pay(5_00)  # waits: the account is hot
    days_ago(1)

    service.close_days()

    assert [row.count for row in rows()] == [0]
    assert api.get("/settlement?bank=SBB").get_json()["number"] == 1


def test_a_day_belongs_to_its_client_and_its_bank(
    api: Any, pay: Pay, days_ago: Callable[[int], None]
) -> None:
    pay(5_00)
    ledger.fold()
    with transaction():
        db.session.add(Client(id="kirana", name="Kirana", legal_name="Kirana LLP", origins=[]))
        db.session.flush()
        secret = f"whsec_{base64.b64encode(b'k' * 32).decode()}"
        db.session.add(ClientSecret(client_id="kirana", sealed=seal(secret), hint="kkkk"))
        registry.open_platforms()
    days_ago(1)
    service.close_days()
    path = f"/settlement/files/SBB/{today() - A_DAY}"
    token = service_token.sign(
        [secret], "kirana", method="GET", path_and_query=f"/api/v1{path}", body=b"", key=""
    )

    assert len(api.get(path).text.splitlines()) == 3
    theirs = api.call("GET", path, token=token).text.splitlines()
    assert theirs[0].startswith("head,1,SBB,kirana,")
    assert len(theirs) == 2
    assert api.client.get(f"/api/v1{path}").status_code == 401
    for missing in ("SBB/2020-01-01", "SBB/yesterday", "NOPE/2026-01-01", f"SBB/{today()}"):
        assert api.get(f"/settlement/files/{missing}").status_code == 404, missing
    assert api.get("/settlement/files?bank=NOPE").get_json()["error"]["code"] == "unknown_bank"
    assert api.get("/settlement/files?bank=SBB&after=x").status_code == 422
    after = today() - A_DAY
    assert api.get(f"/settlement/files?bank=SBB&after={after}").get_json()["items"] == []


def test_a_row_changed_by_hand_is_an_alarm_and_no_file(
    api: Any, pay: Pay, days_ago: Callable[[int], None], owner: ByHand,
    platform: Callable[..., UUID], capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    pay(500_00)
    ledger.fold()
    days_ago(1)
    service.close_days()
    closed = rows()
    owner("UPDATE ledger.entry SET amount = amount - 1 WHERE account_id = :id", id=platform())

    answer = api.get(f"/settlement/files/SBB/{closed[0].day}")

    assert answer.status_code == 409
    assert answer.get_json()["error"]["code"] == "settlement_file_altered"
    assert [row.digest for row in rows()] == [row.digest for row in closed]
    capfd.readouterr()
    owner("UPDATE bank.settlement_file SET day = day - 1")  # so that the next is to be closed
    assert service.close_days()
    assert "a closed day is no longer what it was" in capfd.readouterr().out


def test_more_lines_than_a_page(
    api: Any, pay: Pay, days_ago: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PAGE", 3)
    for _ in range(7):
        pay(1_00)
    ledger.fold()
    days_ago(1)
    service.close_days()

    answer = api.get(f"/settlement/files/SBB/{today() - A_DAY}").text.splitlines()

    assert [row.split(",")[1] for row in answer[1:-1]] == [str(n) for n in range(1, 8)]


def test_a_clock_set_back_at_midnight_loses_no_line(
    pay: Pay, days_ago: Callable[[int], None], owner: ByHand, platform: Callable[..., UUID]
) -> None:
    for _ in range(3):
        pay(1_00)
    ledger.fold()
    days_ago(2)
    midnight, _ = bounds(today() - A_DAY)
    for number, seconds in ((1, -2), (2, 1), (3, -1)):
        owner(
            "UPDATE ledger.entry SET created_at = :at WHERE account_id = :id AND version = :number",
            at=midnight + timedelta(seconds=seconds), id=platform(), number=number,
        )  # fmt: skip

    service.close_days()

    assert [(row.count, row.last_number) for row in rows()] == [(1, 1), (2, 3)]
