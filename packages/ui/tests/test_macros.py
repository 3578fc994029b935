"""Macros, read as the HTML they write."""

from datetime import UTC, datetime

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError
from werkzeug.datastructures import MultiDict

from batua_db.errors import Refused
from batua_db.money import Money
from batua_ui.forms import AmountField, Form, KeyField, NameField, PhoneField, PinField

pytestmark = pytest.mark.usefixtures("request_context")


class Sample(Form):
    name = NameField("Your name")
    phone = PhoneField("Phone")
    amount = AmountField("How much?")
    pin = PinField("PIN")
    key = KeyField()


def draw(family: str, names: str, text: str, **values: object) -> str:
    """Render ``text`` with macros of one family."""
    return render_template_string(
        f"{{% from 'ui/{family}.html' import {names} %}}{text}", **values
    ).strip()


def sent(**typed: str) -> Sample:
    form = Sample(formdata=MultiDict(typed), meta={"csrf": False})
    form.validate()
    return form


def test_money_is_escaped_and_exact() -> None:
    assert (
        draw("money", "money", "{{ money(amount, '−') }}", amount=Money(12050))
        == '<data class="money" value="12050">−₹120.50</data>'
    )
    assert 'class="money in" value="50000">+₹500.00<' in draw(
        "money", "money", "{{ money(50000, '+') }}"
    )


def test_a_change_is_signed_by_itself() -> None:
    assert ">−₹1.00<" in draw("money", "change", "{{ change(-100) }}")
    assert 'class="money in" value="100">+₹1.00<' in draw("money", "change", "{{ change(100) }}")
    assert ">₹0.00<" in draw("money", "change", "{{ change(0) }}")


def test_the_headline_takes_attributes_and_puts_paise_small() -> None:
    html = draw("money", "sum", "{{ sum(amount, data_balance=5) }}", amount=Money(4825075))

    assert html.startswith('<data class="money sum" value="4825075" data-balance="5">')
    assert html.endswith(">₹48,250<small>.75</small></data>")


def test_a_field_ties_label_hint_and_error_together() -> None:
    html = draw("forms", "field", "{{ field(form.phone, hint='Yours') }}", form=sent(phone="1"))

    assert '<label for="phone">Phone</label>' in html
    assert 'aria-describedby="phone-hint phone-error"' in html
    assert 'aria-invalid="true"' in html
    assert '<p class="hint" id="phone-hint">Yours</p>' in html
    assert '<p class="error" id="phone-error">' in html
    assert 'type="tel"' in html


def test_a_field_at_rest_says_nothing_of_errors() -> None:
    html = draw("forms", "field", "{{ field(form.amount) }}", form=Sample(formdata=None))

    assert "aria-" not in html.replace("aria-hidden", "")
    assert "None" not in html
    assert "False" not in html
    assert "<span>₹</span>" in html
    assert 'class="input big"' in html


def test_what_was_typed_is_shown_again_escaped() -> None:
    typed = '"><script>alert(1)</script>'
    html = draw(
        "forms",
        "field",
        "{{ field(form.amount) }}{{ field(form.name) }}",
        form=sent(amount=typed, name=typed),
    )

    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 2


def test_a_pin_is_never_shown_again() -> None:
    html = draw("forms", "pin", "{{ pin(form.pin) }}", form=sent(pin="13579"))

    assert "13579" not in html
    assert 'type="password"' in html
    assert 'inputmode="numeric"' in html


def test_a_form_says_what_went_wrong_once_and_where() -> None:
    html = draw(
        "forms", "form_with", "{% call form_with(form, 'Go') %}x{% endcall %}", form=sent(phone="1")
    )

    assert 'role="alert" tabindex="-1" autofocus' in html
    assert "Check four fields" in html
    assert '<a href="#phone">' in html
    assert "This page was not whole." in html  # the key, which has no place of its own
    assert html.count('name="key"') == 1
    assert html.count("btn main") == 1


def test_a_refusal_on_top_is_not_a_list_of_fields() -> None:
    form = Sample(formdata=None, meta={"csrf": False})
    form.refuse(Refused("Your balance is ₹5.00."))

    html = draw("forms", "error_summary", "{{ error_summary(form) }}", form=form)

    assert "<b>Your balance is ₹5.00.</b>" in html
    assert "<ul>" not in html


def test_a_form_at_rest_has_no_summary_and_a_token() -> None:
    html = draw(
        "forms",
        "form_with",
        "{% call form_with(form, none, action='/x') %}{% endcall %}",
        form=Sample(),
    )

    assert "notice" not in html
    assert html.startswith('<form class="card stack three" method="post" novalidate action="/x">')
    assert 'name="csrf_token"' in html
    assert "<button" not in html


def test_rows_escape_names_and_mark_their_language() -> None:
    html = draw(
        "lists",
        "avatar, row",
        "{{ row(name, '<i>', avatar(name, 7), '/x') }}{{ row('मीना') }}",
        name="<b>A</b>",
    )

    assert "<b>&lt;b&gt;A&lt;/b&gt;</b>" in html
    assert "&lt;i&gt;" in html
    assert '<b lang="hi">मीना</b>' in html
    assert html.count("<li") == html.count("</li>") == 2
    assert html.count("<a ") == html.count("</a>") == 1


def test_only_bad_notices_are_alerts() -> None:
    assert 'role="alert"' in draw("feedback", "notice", "{{ notice('Not sent', 'bad') }}")
    assert "role" not in draw("feedback", "notice", "{{ notice('Linked', 'good') }}")


def test_steps_say_their_state_in_words() -> None:
    html = draw(
        "timeline",
        "step",
        "{{ step('now', 'Crediting', text='<a>') }}{{ step('todo', 'In your wallet') }}",
    )

    assert html.count('aria-current="step"') == 1
    assert '<span class="sr">Now: </span>Crediting' in html
    assert '<span class="sr">Next: </span>' in html
    assert "&lt;a&gt;" in html


def test_a_limit_of_nothing_is_no_division_by_zero() -> None:
    html = draw("meter", "limit", "{% call limit('x', 0, 0, 'of ₹0') %}None left{% endcall %}")

    assert 'max="1"' in html


def test_time_left_counts_from_the_server() -> None:
    until = datetime(2026, 1, 14, 13, 16, 12, tzinfo=UTC)
    html = draw("feedback", "due", "{{ due(until, 272) }}", until=until)

    assert 'data-expires-at="2026-01-14T13:16:12+00:00"' in html
    assert '<time class="nums" datetime="PT272S">4:32</time>' in html


def test_a_pager_closes_the_side_that_ends() -> None:
    html = draw("tables", "pager", "{{ pager(none, '?after=x', '1 of 2') }}")

    assert html.count('aria-disabled="true"') == 1
    assert '<a class="btn" href="?after=x">Older<svg' in html


def test_an_icon_that_is_not_in_the_sprite_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no such icon"):
        draw("icons", "icon", "{{ icon('unicorn') }}")


def test_a_name_that_is_not_there_is_a_mistake(app: Flask) -> None:
    with pytest.raises(UndefinedError):
        render_template_string("{{ missing }}")
