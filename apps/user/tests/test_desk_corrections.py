"""Corrections: one proposes, another makes it, and the money goes back once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from batua_db import ledger
from batua_db.database import db, transaction
from batua_db.errors import Conflict, IdempotencyMismatch, NotFound, Refused
from batua_db.models.desk import Correction, Staff
from batua_db.models.ledger import Transfer
from batua_db.models.people import Notice
from batua_db.models.wallet import Message, User
from batua_db.money import Money
from batua_dev.testing import Committed
from batua_user.desk.corrections import service
from batua_user.notices.service import choose

from .desk import AtDesk, MakeStaff, acts, sent
from .helpers import Balance, SignIn, key_of, token_of

WHY = "Sent twice by mistake"


def propose(staff: Staff, transfer: UUID, amount: str = "100", key: UUID | None = None) -> UUID:
    return service.propose(
        staff, transfer, amount=Money.parse(amount), reason=WHY, key=key or uuid4()
    )


def make(staff: Staff, correction: UUID, *, approve: bool = True) -> None:
    service.decide(staff, correction, approve=approve, reason="I have looked at it")


def state_of(correction: UUID) -> str:
    db.session.commit()
    return db.session.scalars(select(Correction.state).where(Correction.id == correction)).one()


def booked() -> int:
    db.session.commit()
    count = select(func.count()).where(Transfer.kind == "correction")
    return db.session.scalars(count).one()


@pytest.fixture
def transfer(rich: User, ravi: User) -> UUID:
    """₹100 from Asha to Ravi."""
    return sent(rich, ravi, "100")


@pytest.mark.usefixtures("session")
class TestTogether:
    def test_two_members_of_staff_bring_it_back(
        self, at_desk: AtDesk, operator: Staff, supervisor: Staff, rich: User, ravi: User,
        transfer: UUID, balance: Balance, signed_in: SignIn,
    ) -> None:  # fmt: skip
        desk = at_desk(operator)
        assert "Propose a correction" in desk.get(f"/desk/operations/{transfer}").text

        answer = desk.submit(f"/desk/corrections/of/{transfer}", amount="40", reason=WHY)
        where = answer.location
        waits = desk.get(where).text
        assert "You proposed it" in waits
        assert 'name="decision"' not in waits
        assert (balance(rich), balance(ravi)) == (Money(900_00), Money(100_00))
        made = at_desk(supervisor).submit(where, decision="approve", reason="I looked at it")

        assert (answer.status_code, made.status_code) == (303, 303)
        assert (balance(rich), balance(ravi)) == (Money(940_00), Money(60_00))
        correction = db.session.scalars(select(Correction)).one()
        moved = db.session.get_one(Transfer, correction.transfer_id)
        assert (moved.kind, moved.reverses, moved.key) == (
            "correction", transfer, f"correction:{correction.id}",
        )  # fmt: skip
        assert [(act.what, act.staff_id, act.reason) for act in acts(transfer)] == [
            ("propose_correction", operator.id, WHY),
            ("make_correction", supervisor.id, "I looked at it"),
        ]
        assert "₹40.00 corrected by the desk" in desk.get(f"/desk/operations/{transfer}").text
        assert "The money is back" in desk.get(where).text
        for person, words in ((rich, "Batua gave back"), (ravi, "Batua took back")):
            page = signed_in(person).get(f"/activity/{moved.id}").text
            assert words in page
            assert WHY in page

    def test_both_are_told_and_whoever_it_left_by_sms(
        self, operator: Staff, supervisor: Staff, rich: User, ravi: User, transfer: UUID
    ) -> None:
        make(supervisor, propose(operator, transfer))

        def told(person: User) -> list[str]:
            mine = select(Notice.title).where(Notice.user_id == person.id)
            return list(db.session.scalars(mine.order_by(Notice.created_at.desc()).limit(1)))

        db.session.commit()
        assert told(rich) == ["₹100.00 came back to you"]
        assert told(ravi) == ["Batua took ₹100.00 back"]
        sms = db.session.scalars(select(Message.text).where(Message.to == ravi.phone)).all()
        assert [each for each in sms if each.endswith("Balance ₹0.00.") and WHY in each]

    def test_the_sms_comes_whatever_they_want_to_be_told(
        self, operator: Staff, supervisor: Staff, ravi: User, transfer: UUID
    ) -> None:
        choose(ravi, set())

        make(supervisor, propose(operator, transfer, "40"))

        mine = select(Message.text).where(Message.to == ravi.phone, Message.text.contains(WHY))
        (sms,) = db.session.scalars(mine)
        assert sms.startswith("Batua took back ₹40.00")

    def test_refused_nothing_moves(
        self, operator: Staff, supervisor: Staff, ravi: User, transfer: UUID, balance: Balance
    ) -> None:
        correction = propose(operator, transfer)

        make(supervisor, correction, approve=False)

        assert state_of(correction) == "refused"
        assert balance(ravi) == Money(100_00)
        with pytest.raises(Conflict):
            make(supervisor, correction)
        assert booked() == 0

    def test_the_second_click_changes_nothing(
        self, at_desk: AtDesk, operator: Staff, supervisor: Staff, transfer: UUID
    ) -> None:
        desk, path = at_desk(operator), f"/desk/corrections/of/{transfer}"
        page = desk.get(path)
        form = {"csrf_token": token_of(page), "key": key_of(page), "amount": "10", "reason": WHY}
        where = {desk.post(path, data=form).location for _ in range(2)}
        (only,) = where
        other = desk.post(path, data={**form, "amount": "11"})

        boss = at_desk(supervisor)
        shown = boss.get(only)
        yes = {"csrf_token": token_of(shown), "key": key_of(shown), "decision": "approve"}
        answers = [boss.post(only, data={**yes, "reason": "I looked"}) for _ in range(3)]

        assert other.status_code == 409
        assert {answer.location for answer in answers} == {only}
        assert booked() == 1
        assert [act.what for act in acts(transfer)] == ["propose_correction", "make_correction"]


@pytest.mark.usefixtures("session")
class TestRefusals:
    def test_nobody_decides_about_their_own(self, supervisor: Staff, transfer: UUID) -> None:
        correction = propose(supervisor, transfer)

        for approve in (True, False):
            with pytest.raises(Refused, match="You proposed"):
                make(supervisor, correction, approve=approve)
        assert state_of(correction) == "proposed"

    def test_the_table_itself_asks_for_four_eyes(self, supervisor: Staff, transfer: UUID) -> None:
        correction = propose(supervisor, transfer)

        with pytest.raises(IntegrityError, match="four_eyes"), transaction():
            db.session.execute(
                update(Correction)
                .where(Correction.id == correction)
                .values(state="made", decided_by=supervisor.id)
            )

    def test_money_that_is_spent_is_said_and_it_stays_proposed(
        self, at_desk: AtDesk, operator: Staff, supervisor: Staff, rich: User, ravi: User,
        transfer: UUID, balance: Balance,
    ) -> None:  # fmt: skip
        correction = propose(operator, transfer)
        sent(ravi, rich, "70")
        boss, path = at_desk(supervisor), f"/desk/corrections/{correction}"

        answer = boss.submit(path, decision="approve", reason="I looked at it")

        assert answer.status_code == 422
        assert "They have spent it: ₹70.00 is missing" in answer.text
        assert state_of(correction) == "proposed"
        assert [act.what for act in acts(transfer)] == ["propose_correction"]
        sent(rich, ravi, "70")
        assert boss.submit(path, decision="approve", reason="It is there").status_code == 303
        assert balance(ravi) == Money(0)

    def test_no_more_goes_back_than_was_sent(
        self, operator: Staff, supervisor: Staff, transfer: UUID
    ) -> None:
        first = propose(operator, transfer, "60")
        with pytest.raises(Refused, match=r"Only ₹40\.00"):
            propose(operator, transfer, "40.01")
        make(supervisor, first)
        second = propose(operator, transfer, "40")
        make(supervisor, second)

        with pytest.raises(Refused, match=r"Only ₹0\.00"):
            propose(operator, transfer, "1")
        assert booked() == 2

    def test_what_came_back_meanwhile_is_not_given_twice(
        self, operator: Staff, supervisor: Staff, rich: User, ravi: User, transfer: UUID
    ) -> None:
        correction = propose(operator, transfer)
        with transaction():
            ledger.move(
                Money(30_00), debit=ravi.account_id, credit=rich.account_id, kind="correction",
                key="correction:elsewhere", reverses=transfer,
            )  # fmt: skip

        with pytest.raises(Refused, match="went back in another way"):
            make(supervisor, correction)
        assert state_of(correction) == "proposed"

    def test_only_what_people_sent_is_corrected(
        self, at_desk: AtDesk, operator: Staff, supervisor: Staff, rich: User, transfer: UUID
    ) -> None:
        make(supervisor, propose(operator, transfer))
        kinds = ("topup", "correction")
        query = select(Transfer.kind, Transfer.id).where(Transfer.kind.in_(kinds))
        others = {row.kind: row.id for row in db.session.execute(query)}

        assert set(others) == set(kinds)
        for kind, other in others.items():
            with pytest.raises(Refused, match="Only money sent"):
                propose(operator, other, "1")
            assert at_desk(operator).get(f"/desk/corrections/of/{other}").status_code == 422, kind
        with pytest.raises(NotFound):
            propose(operator, uuid4())

    def test_a_key_belongs_to_its_terms(
        self, operator: Staff, supervisor: Staff, transfer: UUID
    ) -> None:
        key = uuid4()
        assert propose(operator, transfer, "10", key) == propose(operator, transfer, "10", key)

        for staff, amount in ((operator, "11"), (supervisor, "10")):
            with pytest.raises(IdempotencyMismatch):
                propose(staff, transfer, amount, key)

    @pytest.mark.parametrize("amount", ["0", "-1", "1e2", "1.005", ""])
    def test_amounts_that_are_none(
        self, at_desk: AtDesk, operator: Staff, transfer: UUID, amount: str
    ) -> None:
        path = f"/desk/corrections/of/{transfer}"

        assert at_desk(operator).submit(path, amount=amount, reason=WHY).status_code == 422
        assert acts(transfer) == []


@pytest.mark.commits
class TestAtOnce:
    def test_of_many_supervisors_one_makes_it(
        self, committed: Committed, make_staff: MakeStaff, operator: Staff, rich: User, ravi: User,
        balance: Balance,
    ) -> None:  # fmt: skip
        correction = propose(operator, sent(rich, ravi, "100"))
        supervisors = [make_staff("supervisor").id for _ in range(4)]
        start = Barrier(len(supervisors) * 2)

        def try_it(staff_id: UUID) -> bool:
            with committed.app.app_context():
                staff = db.session.get_one(Staff, staff_id)
                start.wait()
                try:
                    make(staff, correction)
                except Conflict:
                    return False
                return True

        with ThreadPoolExecutor(8) as pool:
            done = list(pool.map(try_it, supervisors * 2))

        assert sum(done) == 2  # whoever made it is told so both times
        assert booked() == 1
        assert (balance(rich), balance(ravi)) == (Money(1000_00), Money(0))
        faults = db.session.execute(text("SELECT * FROM ledger.audit()")).all()
        assert faults == []
