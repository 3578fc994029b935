"""The banks' settlement files, from the real bank next door over HTTP, by days gone by."""

import json
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, func, select, text

from batua_bank import demo
from batua_bank.settlement.service import close_days
from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.models.bank import BankAccount
from batua_db.models.desk import Staff
from batua_db.models.ledger import Account
from batua_db.models.statements import SettlementFile, SettlementItem
from batua_db.models.wallet import Bank, User
from batua_db.money import Money
from batua_dev.testing import Committed
from batua_dev.testrun import sqlalchemy_url
from batua_ui.days import day_of
from batua_user.bank.client import BankClient
from batua_user.payouts import service as payouts
from batua_user.reconciliation.service import compare
from batua_user.settlement_files import queries, service
from batua_user.settlement_files.service import import_days

from .desk import AtDesk
from .helpers import MakeTopup
from .next_door import NextDoor
from .statement import book, halted
from .stub import Stub, answer
from .the_bank import platform_at

pytestmark = [pytest.mark.commits, pytest.mark.usefixtures("committed")]
ByHand = Callable[..., None]


@pytest.fixture
def owner(committed: Committed) -> Generator[ByHand]:
    """Writes in the books by hand, past what guards them."""
    engine = create_engine(sqlalchemy_url(committed.admin_url), poolclass=NullPool)

    def write(statement: str, **values: object) -> None:
        db.session.commit()
        with engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text(statement), values)

    yield write
    engine.dispose()


class Days:
    """Both books over some days: what moves at the bank, what we book, and how time goes by."""

    def __init__(self, owner: ByHand, door: NextDoor, bank: Bank, asha: User) -> None:
        self.owner, self.door, self.bank, self.asha = owner, door, bank, asha

    def moves(self, amount: int, reference: str = "") -> str:
        """Let the bank move something; its reference."""
        reference = reference or str(uuid4())
        with transaction():
            savings = select(BankAccount.id).where(BankAccount.number == demo.CUSTOMERS[0].account)
            debit, credit = db.session.scalars(savings).one(), platform_at("SBB")
            if amount < 0:
                debit, credit = credit, debit
            details = {"reference": reference}
            terms = {"kind": "payment", "key": str(uuid4()), "details": details}
            ledger.move(Money(abs(amount)), debit=debit, credit=credit, **terms)
        return reference

    def books(self, amount: int, reference: str) -> None:
        """Book something here."""
        book(self.bank, self.asha, amount, reference)

    def both(self, amount: int) -> str:
        """Move and book it."""
        reference = self.moves(amount)
        self.books(amount, reference)
        return reference

    def pass_by(self, days: int = 1) -> None:
        """Let a day end: all there is was booked a day earlier, and it is read by then."""
        compare("SBB")
        ledger.fold()
        by = timedelta(days=days)
        self.owner("UPDATE ledger.account SET created_at = created_at - :by", by=by)
        self.owner("UPDATE ledger.entry SET created_at = created_at - :by", by=by)
        self.owner("UPDATE ledger.transfer SET created_at = created_at - :by", by=by)
        self.owner("UPDATE wallet.bank_entry SET happened_at = happened_at - :by", by=by)
        self.owner("UPDATE bank.settlement_file SET day = day - :n", n=days)
        self.owner("UPDATE wallet.settlement_file SET day = day - :n", n=days)

    def close(self) -> None:
        """Let the bank close what is over."""
        with self.door.app.app_context():
            close_days()
            db.session.remove()

    def take(self) -> int:
        """Let the bank close the days that are over, and the wallet import them."""
        self.close()
        compare("SBB")
        return import_days("SBB")


@pytest.fixture
def days(owner: ByHand, door: NextDoor, sbb: Bank, asha: User) -> Days:
    return Days(owner, door, sbb, asha)


def files() -> list[tuple[str, int, int]]:
    """Each day: its status, its lines and the balance after it, oldest first."""
    db.session.commit()
    rows = db.session.scalars(select(SettlementFile).order_by(SettlementFile.day))
    rows = rows.all()
    return [(row.status, row.count, row.closing.paise) for row in rows]


def last() -> SettlementFile:
    db.session.commit()
    query = select(SettlementFile).order_by(SettlementFile.day.desc()).limit(1)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def items() -> list[tuple[str, str, int, int, bool]]:
    """What is open or otherwise in the last file."""
    return [
        (each.what, each.reference, each.moved.paise, each.booked.paise, each.wrong)
        for each in queries.items_of(last().id)
    ]


def test_days_that_agree_are_matched_and_form_a_chain(days: Days) -> None:
    days.both(500_00)
    days.both(-20_50)
    days.pass_by()
    days.both(7_00)
    days.pass_by()
    days.pass_by()

    assert days.take() == 3
    assert import_days("SBB") == 0

    assert files() == [("matched", 2, 479_50), ("matched", 1, 486_50), ("matched", 0, 486_50)]
    assert (items(), halted()) == ([], "")
    kept = b"".join(service.content(last().id))
    assert kept.startswith(b"head,1,SBB,wallet,")
    assert kept[-65:-1].decode() == last().checksum.hex()


def test_money_over_midnight_is_matched_by_its_name(days: Days) -> None:
    in_flight = days.moves(75_25)
    days.pass_by()
    days.books(75_25, in_flight)

    assert days.take() == 1
    assert files() == [("matched", 1, 75_25)]
    assert items() == [("over midnight", in_flight, 75_25, 0, False)]
    days.pass_by()
    assert days.take() == 1

    assert (items(), halted()) == ([], "")


def test_what_our_clock_booked_a_day_before_the_bank_is_no_difference(days: Days) -> None:
    days.books(75_25, "ahead")
    days.pass_by()
    days.moves(75_25, "ahead")

    assert days.take() == 1
    assert items() == [("over midnight", "ahead", 0, 75_25, False)]
    days.pass_by()
    days.take()

    assert (files()[-1][0], items(), halted()) == ("matched", [], "")


def test_a_difference_stops_payouts_once_until_a_person_says_otherwise(days: Days) -> None:
    days.both(500_00)
    days.books(75_25, "invented")
    days.owner("UPDATE wallet.difference SET alarmed_at = now()")
    days.pass_by()
    days.take()

    assert files() == [("differs", 1, 500_00)]
    assert items() == [("missing at the bank", "invented", 0, 75_25, True)]
    assert "missing at the bank, reference invented: ₹0.00 in the file, ₹75.25 booked" in halted()
    resume(days)
    days.pass_by()
    days.take()
    assert (files()[-1][0], halted()) == ("differs", "")  # the same one is known
    days.moves(75_25, "invented")
    days.pass_by()
    days.take()

    assert (files()[-1][0], items()) == ("matched", [])


def resume(days: Days) -> None:
    """A person lets payouts go on, and continuous reconciliation has said what it has to."""
    compare("SBB")
    days.owner("UPDATE wallet.difference SET alarmed_at = now()")
    with transaction():
        payouts.resume()


@pytest.mark.parametrize("ours", [True, False])
def test_money_that_came_is_awaited_or_nobodys(
    days: Days, make_topup: MakeTopup, ours: bool
) -> None:
    reference = days.moves(75_25, str(make_topup(days.asha)) if ours else "nobodys")
    days.pass_by()
    days.owner("UPDATE ledger.transfer SET created_at = created_at - interval '1 hour'")
    days.take()

    what = "awaited" if ours else "not booked"
    assert items() == [(what, reference, 75_25, 0, not ours)]
    assert bool(halted()) is not ours


def test_a_line_changed_at_the_bank_after_it_was_read_is_found(days: Days) -> None:
    first, second = days.both(500_00), days.both(20_50)
    days.pass_by()
    days.owner(
        "UPDATE ledger.transfer SET details = jsonb_build_object('reference', CAST(:to AS text))"
        " WHERE book = 'bank' AND details ->> 'reference' = :was",
        was=second, to="another",
    )  # fmt: skip
    days.take()

    found = {(what, reference) for what, reference, *_ in items()}
    assert ("read otherwise", second) in found
    assert files()[0][0] == "differs"
    assert "read otherwise" in halted()
    assert first not in {reference for _, reference in found}


def test_a_row_changed_after_its_day_was_closed_is_refused(days: Days, owner: ByHand) -> None:
    days.both(500_00)
    days.pass_by()
    days.close()
    owner("UPDATE ledger.entry SET amount = amount - 1 WHERE book = 'bank'")

    assert days.take() == 0

    assert (last().status, last().fault) == (
        "refused", "the bank does not give it out: settlement_file_altered",
    )  # fmt: skip
    assert "is refused: the bank does not give it out" in halted()


def test_a_missing_day_is_an_alarm_once_it_is_late_and_taken_when_it_comes(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.both(500_00)
    days.pass_by()
    compare("SBB")
    monkeypatch.setattr(service, "LATE_AFTER", timedelta(days=2))
    assert import_days("SBB") == 0
    assert files() == []
    monkeypatch.setattr(service, "LATE_AFTER", timedelta(0))

    assert import_days("SBB") == 0
    assert (last().status, last().fault) == ("missing", "the bank has none")
    assert "is missing: the bank has none" in halted()
    resume(days)
    assert days.take() == 0  # it is not asked again at once
    days.owner("UPDATE wallet.settlement_file SET checked_at = checked_at - interval '1 hour'")
    assert days.take() == 1

    assert (files(), halted()) == ([("matched", 1, 500_00)], "")


def test_while_the_bank_is_away_a_late_day_is_an_alarm(
    days: Days, bank_at: Callable[[str], BankClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    days.both(500_00)
    days.pass_by()
    bank_at("http://127.0.0.1:9")
    monkeypatch.setattr(service, "LATE_AFTER", timedelta(0))

    assert import_days("SBB") == 0

    assert last().fault == "the bank does not answer: refused"


def test_a_statement_that_was_not_read_so_far_is_waited_for(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.pass_by()
    days.both(5_00)
    days.owner("UPDATE ledger.entry SET created_at = created_at - interval '1 day'")
    monkeypatch.setattr(service, "LATE_AFTER", timedelta(days=2))
    ledger.fold()
    days.owner("UPDATE ledger.entry SET created_at = created_at - interval '1 day'")
    days.close()

    assert import_days("SBB") == 0
    compare("SBB")
    assert import_days("SBB") == 1


def test_two_workers_import_a_day_once(days: Days, committed: Committed) -> None:
    for _ in range(20):
        days.both(1_00)
    days.books(9_00, "invented")
    days.pass_by()
    days.close()
    compare("SBB")

    def work(_: int) -> int:
        with committed.app.app_context():
            try:
                return import_days("SBB")
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(6))) == 1

    assert files() == [("differs", 20, 20_00)]
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(SettlementItem)) == 1


def test_the_desk_sees_each_day_what_differs_and_the_file(
    days: Days, at_desk: AtDesk, operator: Staff, auditor: Staff
) -> None:
    days.both(500_00)
    days.books(75_25, "invented")
    days.pass_by()
    days.take()
    file = last()
    for desk in (at_desk(operator), at_desk(auditor)):
        page = desk.get("/desk/reconciliation").text
        assert "1 difference<" in page
        assert f"/desk/reconciliation/files/{file.id}" in page

        shown = desk.get(f"/desk/reconciliation/files/{file.id}").text
        got = desk.get(f"/desk/reconciliation/files/{file.id}.csv")

        assert "Booked here, missing in the file" in shown
        assert "invented" in shown
        assert "+₹75.25" in shown
        assert got.data == b"".join(service.content(file.id))
        assert f"settlement-SBB-{file.day}.csv" in got.headers["Content-Disposition"]
        assert got.mimetype == "text/csv"
    assert "They do not explain themselves" in at_desk(operator).get("/desk").text


class TestALyingBank:
    """A stub in the bank's place; it lists a day, and gives out whatever a test wants."""

    @pytest.fixture
    def lie(
        self, stub: Stub, bank_at: Callable[[str], BankClient], sbb: Bank, owner: ByHand
    ) -> Callable[[bytes, str], None]:
        bank_at(stub.url)
        owner("UPDATE ledger.account SET created_at = created_at - interval '1 day'")
        day = day_of(db.session.get_one(Account, sbb.float_account).created_at)

        def answers(content: bytes, digest: str) -> None:
            def say(handler: BaseHTTPRequestHandler) -> None:
                if "?" in handler.path:
                    item = {"day": day.isoformat(), "checksum": "0" * 64}
                    answer(handler, 200, json.dumps({"items": [item], "next": None}).encode())
                    return
                handler.send_response(200)
                handler.send_header("Content-Length", str(len(content)))
                handler.send_header("Content-Digest", digest)
                handler.end_headers()
                handler.wfile.write(content)

            stub.answer = say

        return answers

    @pytest.mark.parametrize(
        ("content", "digest", "why"),
        [
            (b"", "", "it is not what its digest says"),
            (b"head,1,", "sha-256=:x:", "it is not what its digest says"),
            (b"\xff\x00", "sha-256=:+dDgxTNHOnAnMJyWhUcGcBQGaXqZ0pmcA8pUMoHX0uQ=:", ""),
        ],
    )
    def test_what_it_gives_out_is_kept_and_refused(
        self, lie: Callable[[bytes, str], None], content: bytes, digest: str, why: str
    ) -> None:
        lie(content, digest)

        assert import_days("SBB") == 0

        assert last().status == "refused"
        assert why in last().fault
        assert b"".join(service.content(last().id)) == content
        assert "is refused" in halted()
