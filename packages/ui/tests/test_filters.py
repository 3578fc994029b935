"""How amounts, times, names and numbers are written."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from batua_db.money import Money
from batua_ui import filters

AT = datetime(2026, 1, 14, 13, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(12_050), "₹120.50"),
        (1_234_567_89, "₹12,34,567.89"),
        (200_000_00, "₹2,00,000.00"),
        (0, "₹0.00"),
        (-5, "−₹0.05"),
    ],
)
def test_rupees_group_as_in_india(amount: Money | int, text: str) -> None:
    assert filters.inr(amount) == text


def test_changes_carry_their_sign() -> None:
    assert filters.signed(500_00) == "+₹500.00"
    assert filters.signed(Money(-500_00)) == "−₹500.00"
    assert filters.signed(0) == "₹0.00"


def test_times_are_indian() -> None:
    assert filters.when(AT) == "14 Jan 2026, 6:41 pm"
    assert filters.time(AT) == "6:41 pm"
    assert filters.clock(AT) == "6:41:07 pm"
    assert filters.in_full(AT) == "Wednesday, 14 January 2026, 6:41:07 pm"
    assert filters.short_date(AT) == "14 Jan 2026"


def test_midnight_is_midnight_in_india() -> None:
    late = datetime(2026, 1, 14, 18, 30, tzinfo=UTC)

    assert filters.when(late) == "15 Jan 2026, 12:00 am"
    assert filters.short_date(late) == "15 Jan 2026"


@time_machine.travel(AT, tick=False)
@pytest.mark.parametrize(
    ("at", "title"),
    [
        (AT, "Today"),
        (datetime(2026, 1, 13, 18, 30, tzinfo=UTC), "Today"),
        (datetime(2026, 1, 13, 18, 29, tzinfo=UTC), "Yesterday"),
        (AT - timedelta(days=2), "Monday, 12 January"),
        (date(2025, 12, 31), "31 December 2025"),
    ],
)
def test_days_are_named(at: datetime | date, title: str) -> None:
    assert filters.day(at) == title


def test_a_time_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        filters.when(datetime(2026, 1, 14))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Asha Rao", "AR"),
        ("lakshmi Venkataraman Subramaniam", "LV"),
        ("Prince", "P"),
        ("State Bank of Batua", "SB"),
        ("Anjali D’Souza", "AD"),
        ("Élodie Ñandú", "ÉÑ"),
        ("मीनाक्षी शर्मा", "मी"),
        ("आनंद मेडिकल स्टोर", "आ"),
        ("क्षितिज", "क्षि"),
        ("தமிழ் செல்வி", "த"),
        ("Ravi कुमार", "R"),
        ("(Ravi) Kumar", "K"),
        ("7-Eleven", "7"),
        ("…", "…"),
        ("", ""),
    ],
)
def test_initials_in_any_script(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


def test_a_hue_stays_with_its_id() -> None:
    hues = {filters.hue(number) for number in range(100)}

    assert hues == set(range(1, 7))
    assert filters.hue("a") == filters.hue("a")


def test_phones_are_spaced() -> None:
    assert filters.phone("+919876500001") == "+91 98765 00001"


def test_a_masked_phone_shows_its_end() -> None:
    assert filters.masked_phone("+919876500001") == "+91 ••••• •0001"
    assert filters.masked_phone("+14155552671") == "+1 •••-•••-2671"


def test_hindi_is_marked_where_it_leads() -> None:
    assert filters.lang("“राशन के लिए”") == "hi"
    assert filters.lang("Yesterday · “राशन”") is None
    assert filters.lang("") is None


def test_attributes_are_escaped_and_safe() -> None:
    written = filters.attrs({"data_name": 'a"<b', "class_": "x", "disabled": True, "id": None})

    assert written == ' data-name="a&#34;&lt;b" class="x" disabled'


@pytest.mark.parametrize("name", ["onclick", "style", "a b", "x>", ""])
def test_attributes_that_break_the_policy_are_mistakes(name: str) -> None:
    with pytest.raises(ValueError, match="not an attribute"):
        filters.attrs({name: "x"})
