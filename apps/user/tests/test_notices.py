"""The bell: what people are told, once, and each only their own."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from batua_db.database import db, transaction
from batua_db.models.wallet import Message, Session, User
from batua_dev.client import FreshClient
from batua_user.notices import queries
from batua_user.notices.service import tell

from .helpers import PASSWORD, MakeUser, SignIn, prepare, statements, token_of

pytestmark = pytest.mark.usefixtures("session")


def titles(user: User) -> list[str]:
    db.session.commit()
    return [notice.title for notice in queries.latest(user)[0]]


def texts(user: User) -> list[str]:
    db.session.commit()
    return list(db.session.scalars(select(Message.text).where(Message.to == user.phone)))


def news(user: User, n: int = 1) -> None:
    for i in range(n):
        with transaction():
            tell(user.id, "money_in", f"News {i}", path=f"/activity?n={i}")


def press(browser: FreshClient, **form: str) -> int:
    token = token_of(browser.get("/settings"))
    answer = browser.post("/notifications", data={"csrf_token": token, **form})
    return answer.status_code


@pytest.mark.usefixtures("rich")
def test_who_gets_money_is_told_and_who_sends_gets_an_sms(
    browser: FreshClient, asha: User, ravi: User
) -> None:
    where = prepare(browser, ravi)

    browser.submit(where, pin="246810")
    browser.post(where, data={"csrf_token": token_of(browser.get("/settings")), "pin": "246810"})

    assert titles(ravi) == ["Asha Rao sent you ₹120.50"]
    assert titles(asha) == []
    (text,) = texts(asha)
    assert text.startswith("₹120.50 sent to Ravi Kumar from your Batua wallet.")
    assert texts(ravi) == []


def test_a_wrong_pin_tells_nobody(browser: FreshClient, rich: User, ravi: User) -> None:
    browser.submit(prepare(browser, ravi), pin="000000")

    assert titles(ravi) == []
    assert texts(rich) == []


def test_the_bell_counts_what_is_unread(browser: FreshClient, asha: User) -> None:
    assert 'class="count"' not in browser.get("/").text

    news(asha, 2)

    page = browser.get("/")
    assert '<span class="count" aria-hidden="true">2</span>' in page.text
    assert "Notifications, 2 new" in page.text


def test_very_many_are_counted_no_further(browser: FreshClient, asha: User) -> None:
    news(asha, 101)

    assert ">99+</span>" in browser.get("/").text


def test_opening_one_reads_it_and_leads_to_its_page(browser: FreshClient, asha: User) -> None:
    news(asha, 2)
    newest = queries.latest(asha)[0][0]

    answer = browser.post(
        "/notifications",
        data={"csrf_token": token_of(browser.get("/notifications")), "notice": str(newest.id)},
    )

    assert (answer.status_code, answer.location) == (303, "/activity?n=1")
    assert queries.unread(asha) == 1


def test_looking_at_the_list_reads_nothing(browser: FreshClient, asha: User) -> None:
    news(asha)

    browser.get("/notifications")

    assert queries.unread(asha) == 1


def test_all_are_read_up_to_what_was_shown(browser: FreshClient, asha: User) -> None:
    news(asha, 2)
    page = browser.get("/notifications").text
    until = re.search(r'name="until" value="([^"]+)"', page)
    assert until
    news(asha)

    assert press(browser, until=until[1]) == 303

    assert queries.unread(asha) == 1


@pytest.mark.parametrize("until", ["", "yesterday", "2026-01-01", "\0", "9" * 5000])
def test_what_is_no_time_reads_nothing(browser: FreshClient, asha: User, until: str) -> None:
    news(asha)

    assert press(browser, until=until) in {303, 400, 404}

    assert queries.unread(asha) == 1


@pytest.mark.parametrize("notice", ["", "x", "\0", "123", "9" * 5000])
def test_what_is_no_notice_is_not_there(browser: FreshClient, notice: str) -> None:
    assert press(browser, notice=notice) in {400, 404}


def test_a_notice_of_somebody_else_is_not_there(
    browser: FreshClient, ravi: User, make_user: MakeUser
) -> None:
    news(ravi)
    theirs = queries.latest(ravi)[0][0]

    assert press(browser, notice=str(theirs.id)) == 404
    assert browser.get(f"/notifications?after={theirs.id}").status_code == 200
    assert "News" not in browser.get("/notifications").text
    assert queries.unread(ravi) == 1


def test_many_come_in_pages(browser: FreshClient, asha: User) -> None:
    news(asha, 65)
    seen: list[str] = []
    path = "/notifications"
    while path:
        page = browser.get(path).text
        seen += re.findall(r">(News \d+)<", page)
        older = re.search(r'href="(/notifications\?after=[^"]+)"', page)
        path = older[1] if older else ""

    assert seen == [f"News {n}" for n in range(64, -1, -1)]


def test_a_kind_can_be_switched_off_and_on_again(
    browser: FreshClient, asha: User, ravi: User, signed_in: SignIn
) -> None:
    ravis = signed_in(ravi)
    ravis.submit("/notifications/settings", topup="y", payout="y")
    news(ravi)
    assert titles(ravi) == []

    page = ravis.get("/notifications/settings").text
    assert len(re.findall(r"<input checked", page)) == 2
    ravis.submit("/notifications/settings", money_in="y")
    news(ravi)

    assert titles(ravi) == ["News 0"]
    assert queries.wanted(asha) > queries.wanted(ravi)


def test_security_is_told_always(asha: User, browser: FreshClient) -> None:
    browser.submit("/notifications/settings")

    with transaction():
        tell(asha.id, "security", "Your PIN was changed", path="/settings")

    assert titles(asha) == ["Your PIN was changed"]


class TestLive:
    def seen(self, browser: FreshClient) -> str:
        found = re.search(r'hx-get="(/live\?seen=[^"]+)"', browser.get("/").text)
        assert found
        return found[1]

    def test_nothing_new_is_an_empty_answer(self, browser: FreshClient) -> None:
        answer = browser.get(self.seen(browser))

        assert (answer.status_code, answer.data) == (204, b"")

    def test_a_credit_changes_bell_and_balance(
        self, browser: FreshClient, asha: User, ravi: User, rich: User, signed_in: SignIn
    ) -> None:
        ravis = signed_in(ravi)
        where = self.seen(ravis)
        browser.submit(prepare(browser, ravi), pin="246810")

        answer = ravis.get(where)

        assert answer.status_code == 200
        assert 'data-balance="12050"' in answer.text
        assert 'class="count" aria-hidden="true">1<' in answer.text

    def test_it_costs_two_statements(self, browser: FreshClient) -> None:
        where = self.seen(browser)
        with statements() as seen:
            browser.get(where)

        assert len(seen) == 2  # who is it, and what is new

    @pytest.mark.parametrize(
        ("page", "door"),
        [
            ("", "/login?next=/"),
            ("http://localhost:3001/activity?kind=in", "/login?next=/activity?kind%3Din"),
        ],
    )
    def test_a_stranger_is_sent_to_sign_in_and_back(
        self, user_client: FreshClient, page: str, door: str
    ) -> None:
        answer = user_client.get("/live", headers={"HX-Request": "true", "HX-Current-URL": page})

        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"] == door
        assert user_client.get(door).status_code == 200

    @pytest.mark.parametrize("page", ["http://[", "//evil.com", "https://evil.com//evil.com", "é"])
    def test_a_page_elsewhere_leads_nowhere(
        self, user_client: FreshClient, asha: User, page: str
    ) -> None:
        headers = {"HX-Request": "true", "HX-Current-URL": page}
        door = user_client.get("/live", headers=headers).headers["HX-Redirect"]

        inside = user_client.submit(door, phone=asha.phone, password=PASSWORD)

        assert inside.location == "/"

    def test_it_keeps_nobody_signed_in(self, browser: FreshClient) -> None:
        where, answers = self.seen(browser), list[int]()
        for _ in range(2):
            with transaction():
                earlier = Session.expires_at - timedelta(minutes=8)
                db.session.execute(update(Session).values(expires_at=earlier))
            answers.append(browser.get(where, headers={"HX-Request": "true"}).status_code)

        assert answers == [204, 401]
        assert browser.get("/activity").status_code == 303

    def test_using_a_page_does(self, browser: FreshClient) -> None:
        for _ in range(3):
            with transaction():
                earlier = Session.expires_at - timedelta(minutes=8)
                db.session.execute(update(Session).values(expires_at=earlier))
            assert browser.get("/activity").status_code == 200
