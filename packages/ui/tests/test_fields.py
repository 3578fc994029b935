"""Fields: what they take, what they refuse, and what they show again."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from batua_db.errors import Refused
from batua_db.money import Money
from batua_ui.forms import (
    AmountField,
    ChoiceField,
    CodeField,
    DigitsField,
    Form,
    KeyField,
    NameField,
    NoteField,
    PasswordField,
    PhoneField,
    PinField,
)

pytestmark = pytest.mark.usefixtures("request_context")


class Everything(Form):
    amount = AmountField("How much?")
    phone = PhoneField("Mobile number")
    pin = PinField("PIN")
    code = CodeField("Code")
    customer_id = DigitsField("Customer ID", digits=8)
    password = PasswordField("Password")
    chosen = PasswordField("New password", new=True)
    name = NameField("Name")
    note = NoteField("Note")
    bank = ChoiceField("Bank", choices=[("SBB", "State Bank"), ("CCB", "Coastal")])
    key = KeyField()


def said(form: Form, name: str) -> str:
    """The one sentence beside a field."""
    (sentence,) = form[name].errors
    return str(sentence)


GOOD = {
    "amount": "500",
    "phone": "98765 00001",
    "pin": "246810",
    "code": "012345",
    "customer_id": "10000001",
    "password": "x",
    "chosen": "a short sentence",
    "name": "Asha Rao",
    "note": "",
    "bank": "SBB",
    "key": "0e9f3a52-6f0c-4a37-9d3b-2f4b3c1d5e6f",
}


def fill(**typed: Any) -> Everything:
    """A form sent with good values but for those given; None leaves the field out."""
    data = {name: text for name, text in {**GOOD, **typed}.items() if text is not None}
    form = Everything(formdata=MultiDict(data), meta={"csrf": False})
    form.validate()
    return form


def test_values_are_values() -> None:
    form = fill()

    assert not form.errors
    assert form.status == 200
    assert form.values == {
        **GOOD,
        "amount": Money(500_00),
        "phone": "+919876500001",
        "key": UUID(GOOD["key"]),
    }


@pytest.mark.parametrize("name", [name for name in GOOD if name not in {"note", "key"}])
@pytest.mark.parametrize("typed", ["", None])
def test_every_field_but_the_note_is_required(name: str, typed: str | None) -> None:
    form = fill(**{name: typed})

    assert list(form.errors) == [name]
    assert said(form, name).endswith(".")
    assert form.status == 422


@pytest.mark.parametrize(
    ("typed", "paise"),
    [
        ("500", 500_00),
        ("500.5", 500_50),
        ("1,50,000.00", 150_000_00),
        ("1,000.50", 1_000_50),
        ("₹ 500", 500_00),
        ("₹500", 500_00),
        ("  42.07 ", 42_07),
        ("0.01", 1),
        ("10,00,000", 10_00_000_00),
    ],
)
def test_amounts_as_people_type_them(typed: str, paise: int) -> None:
    assert fill(amount=typed).amount.data == Money(paise)


AMOUNTS_REFUSED = [
    "0",
    "0.00",
    "-0",
    "-5",
    "+5",
    "−5",
    "1e3",
    "1E3",
    "1_000",
    "1.005",
    "500.",
    ".5",
    "00500",
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "१२३",
    "１２",
    "٥",
    "1,0,0",
    "10,0000",
    "1,50,00",
    ",500",
    "500,",
    "1,000,00",
    "10,00,000.01",
    "99999999999999999999",
    "0x10",
    "5%00",
    "₹₹5",
    "Rs500",
    "5\u200b00",
    "5\u202e00",
    "½",
    "²",
    "1.2.3",
    "True",
]


@pytest.mark.parametrize("typed", [*AMOUNTS_REFUSED, " ", "5 00", "₹", "500\n600", "5\x0000"])
def test_amounts_that_are_refused_show_what_was_typed(typed: str) -> None:
    form = fill(amount=typed)

    assert form.amount.data is None
    assert said(form, "amount").endswith(".")
    assert form.amount._value() == typed


def test_an_amount_may_have_a_ceiling_of_its_own() -> None:
    class Small(Form):
        amount = AmountField("How much?", most=Money(100_00))

    form = Small(formdata=MultiDict({"amount": "100.01"}), meta={"csrf": False})

    assert not form.validate()
    assert form.errors["amount"] == ["Type at most ₹100.00."]


@pytest.mark.parametrize(
    "typed",
    [
        "9876500001",
        "98765 00001",
        "098765-00001",
        "+91 98765 00001",
        "+91 (98765) 00001",
        "919876500001",
        " 98765 00001\u00a0",
    ],
)
def test_phones_become_one_number(typed: str) -> None:
    assert fill(phone=typed).phone.data == "+919876500001"


def test_phones_of_other_countries_bring_their_plus() -> None:
    assert fill(phone="+44 7400 123456").phone.data == "+447400123456"


@pytest.mark.parametrize(
    "typed",
    [
        "98450 1234",
        "0000000000",
        "\u202e9876500001",
        "98765\u200b00001",
        "९८७६५००००१",
        "９８７６５００００１",
        "9876500001;ext=5",
        "9876500001 x5",
        "9876500001 ext. 5",
        "1800-FLOWERS",
        "+1 800 FLOWERS",
        "tel:+919876500001",
        "+",
        "++919876500001",
        "+999123456789",
        "9876500001,5",
        "9876500001#5",
        "98765\n00001",
        "9" * 40,
    ],
)
def test_phones_that_are_none(typed: str) -> None:
    form = fill(phone=typed)

    assert form.phone.data is None
    assert said(form, "phone").endswith(".")
    assert form.phone._value() == typed


def test_a_short_phone_is_told_how_short() -> None:
    assert fill(phone="98450 1234").errors["phone"] == [
        "An Indian mobile number has 10 digits; this has 9."
    ]


def test_a_known_phone_stands_after_its_country() -> None:
    known = Everything(formdata=None, data={"phone": "+919876500001"})
    foreign = Everything(formdata=None, data={"phone": "+447400123456"})

    assert (known.phone.before, known.phone._value()) == ("+91", "98765 00001")
    assert (foreign.phone.before, foreign.phone._value()) == (None, "+44 7400 123456")


@pytest.mark.parametrize("name", ["pin", "code"])
@pytest.mark.parametrize(
    "typed", ["24681", "2468101", "24681a", "２４６８１０", "२४६८१०", "-46810"]
)
def test_six_plain_digits(name: str, typed: str) -> None:
    form = fill(**{name: typed})

    assert list(form.errors) == [name]
    assert said(form, name).endswith(" has 6 digits, and nothing else.")


@pytest.mark.parametrize("name", ["pin", "password", "chosen"])
def test_secrets_are_never_shown_again(name: str) -> None:
    field = fill(pin="1", password="secret-one", chosen="short")[name]

    assert 'value=""' in field()
    assert "secret" not in field()


def test_new_passwords_are_long_but_not_endless() -> None:
    assert fill(chosen="123456789").errors["chosen"] == [
        "Use at least 10 characters. A short sentence is best."
    ]
    assert "chosen" in fill(chosen="x" * 129).errors
    assert fill(chosen=" पासवर्ड और खाली जगह ").chosen.data == " पासवर्ड और खाली जगह "


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("  Lakshmi  Venkataraman ", "Lakshmi Venkataraman"),
        ("मीनाक्षी\u202e शर्मा", "मीनाक्षी शर्मा"),
        ("O’Brien-D’Souza", "O’Brien-D’Souza"),
        ("x" * 64, "x" * 64),
    ],
)
def test_names_in_any_script(typed: str, name: str) -> None:
    assert fill(name=typed).name.data == name


@pytest.mark.parametrize("typed", ["x" * 65, "123", "\u200b", "!!"])
def test_names_that_are_none(typed: str) -> None:
    assert list(fill(name=typed).errors) == ["name"]


def test_notes_are_short_and_free_of_card_numbers() -> None:
    assert fill(note=" Chai  &\u202e samosa ").note.data == "Chai & samosa"
    assert fill(note="x" * 80).note.data == "x" * 80
    assert "note" in fill(note="x" * 81).errors
    assert "card number" in said(fill(note="4111 1111 1111 1111"), "note")


@pytest.mark.parametrize(
    "typed",
    [None, "", "1", "{0e9f3a52-6f0c-4a37-9d3b-2f4b3c1d5e6f}", "0e9f3a526f0c4a379d3b2f4b3c1d5e6f"],
)
def test_a_key_that_is_no_uuid_is_replaced_and_said_on_top(typed: str | None) -> None:
    form = fill(key=typed)

    assert form.status == 422
    assert form.form_errors == ["This page was not whole. Check it, and send it again."]
    assert form.wrong == []
    UUID(form.key._value())


def test_a_form_shows_a_new_key_each_time() -> None:
    first, second = Everything(formdata=None), Everything(formdata=None)

    assert first.key._value() != second.key._value()


def test_a_choice_must_be_one_of_those_offered() -> None:
    assert fill(bank="XYZ").errors["bank"] == ["Choose one of these."]


def test_a_refusal_lands_beside_its_field_or_on_top() -> None:
    form = fill()

    form.refuse(Refused("Too much.", field="amount"))
    form.refuse(Refused("Not now."))
    form.refuse(Refused("Used before.", field="key"))
    form.refuse(Refused("Unheard of.", field="missing"))

    assert form.amount.errors == ["Too much."]
    assert form.form_errors == ["Not now.", "Used before.", "Unheard of."]
    assert form.status == 422


def test_a_closed_form_refuses_what_it_did_not_ask_for(app: Flask) -> None:
    class Closed(Form):
        closed = True
        key = KeyField()

    def send(**more: str) -> Closed:
        with app.test_request_context("/", method="POST", data={"key": str(uuid4()), **more}):
            form = Closed(meta={"csrf": False})
            form.validate_on_submit()
            return form

    assert send().status == 200
    assert send(amount="1").form_errors == [
        "Nothing was done. Open this page again, and fill in only it."
    ]
