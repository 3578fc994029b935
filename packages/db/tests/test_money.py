"""Money is whole paise, read strictly and written as India writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batua_db.money import InvalidAmount, Money


@pytest.mark.parametrize(
    ("typed", "paise"),
    [
        ("500", 500_00),
        ("500.5", 500_50),
        ("500.05", 500_05),
        ("0.01", 1),
        ("1,000.50", 1000_50),
        ("10,000", 10_000_00),
        ("1,50,000.00", 1_50_000_00),
        ("10,00,000", 10_00_000_00),
        ("₹ 500", 500_00),
        (" ₹500 ", 500_00),
        ("₹1,000.50", 1000_50),
    ],
)
def test_amounts_as_people_type_them(typed: str, paise: int) -> None:
    assert Money.parse(typed) == Money(paise)


@pytest.mark.parametrize(
    "typed",
    [
        "0",
        "0.00",
        "-0",
        "-1",
        "−1",
        "+5",
        "1e3",
        "1E3",
        "1_000",
        "NaN",
        "nan",
        "Infinity",
        "inf",
        "१२३",
        "１２",
        "1.005",
        ".5",
        "5.",
        ".",
        ",",
        "1,00",
        "1,0000",
        "10,00",
        "1,,000",
        ",500",
        "500,",
        "1000,000",
        "150,000",
        "1,50,00",
        "01",
        "00",
        "0x10",
        "1.0.0",
        "five",
        "10,00,000.01",
        "1000001",
        "99999999",
        "999999999",
        "1e400",
        "1/2",
        "٣",
        "5\u200b",
        "5\x00",
        "₹",
        "₹₹5",
        "5₹",
        "$5",
        "(5)",
        "1'000",
    ]
    + ["", " ", "5 00", "1 000", "9" * 10_000, "500\n5", "\u202e500"],
)
def test_amounts_nobody_can_move(typed: str) -> None:
    with pytest.raises(InvalidAmount) as caught:
        Money.parse(typed)
    assert str(caught.value).endswith(".")  # a sentence that says what to do


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (0, "₹0.00"),
        (1, "₹0.01"),
        (-50_000, "−₹500.00"),
        (1_00_000_00, "₹1,00,000.00"),
        (10**15, "₹1,00,00,00,00,00,000.00"),
    ],
)
def test_amounts_as_people_read_them(paise: int, text: str) -> None:
    assert str(Money(paise)) == text


@given(st.integers(1, 10_00_000_00))
def test_what_is_written_can_be_typed(paise: int) -> None:
    assert Money.parse(str(Money(paise))) == Money(paise)


@pytest.mark.parametrize("paise", [1.0, "1", True, None])
def test_a_part_of_a_paisa_does_not_exist(paise: object) -> None:
    with pytest.raises(TypeError):
        Money(paise)  # pyright: ignore[reportArgumentType]
