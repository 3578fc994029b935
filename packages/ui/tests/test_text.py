"""What people type, cleaned."""

import pytest

from batua_ui.text import clean, holds_card_number


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Asha \t Rao\n", "Asha Rao"),
        ("Asha\u00a0Rao\u2003", "Asha Rao"),
        ("Asha\u202eoaR", "AshaoaR"),  # right-to-left override
        ("A\u200bs\u2060h\ufeffa", "Asha"),  # zero width
        ("A\x00s\x07ha", "Asha"),
        ("\u2066Asha\u2069", "Asha"),  # isolates
        ("Cafe\u0301", "Café"),  # NFC
        ("मीनाक्षी शर्मा", "मीनाक्षी शर्मा"),
        ("\u200b \u200b", ""),
        ("A \u200b B", "A B"),
    ],
)
def test_text_loses_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@pytest.mark.parametrize(
    "note",
    [
        "4111111111111111",
        "card 4111 1111 1111 1111 thanks",
        "5555-5555-5555-4444",
        "378282246310005",
        "4222222222222",
        "6304000000000000000",
        "4111.1111.1111.1111 12/26",
        "4111 1111 1111 1111 12",
        "\uff14\uff11\uff11\uff11 1111 1111 1111",
    ],
)
def test_card_numbers_are_seen_in_any_grouping(note: str) -> None:
    assert holds_card_number(note)


@pytest.mark.parametrize(
    "note",
    ["", "Rent for May", "4111111111111112", "98765 00001", "Invoice 2026-11-22", "123456789012"],
)
def test_other_numbers_are_left_alone(note: str) -> None:
    assert not holds_card_number(note)
