"""Every part in every state, for those who build pages. Development only."""

from datetime import UTC, datetime, timedelta

from flask import abort, current_app, render_template, request
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, SelectField, TextAreaField
from wtforms.fields.choices import (
    SelectChoice,  # pyright: ignore[reportAttributeAccessIssue] the stubs are older
)

from batua_db.errors import Refused

from .assets import ICONS
from .forms import (
    AmountField,
    ChoiceField,
    CodeField,
    Form,
    NameField,
    NoteField,
    PhoneField,
    PinField,
)

COLOURS = """bg surface sunk line edge ink soft brand link tint action
    good good-tint wait wait-tint bad bad-tint""".split()  # noqa: SIM905
BANKS = [
    ("SBB", "State Bank of Batua", "Chosen"),
    ("CCB", "Coastal Commerce Bank", "Free to choose"),
    ("MGB", "Malwa Gramin Sahakari Bank Maryadit, Indore", "Not answering since 6:20 pm"),
]
THEMES = {"auto", "light", "dark"}


class SampleForm(Form):
    """One field of each kind."""

    name = NameField("Name")
    phone = PhoneField("Mobile number")
    amount = AmountField("How much?")
    note = NoteField("Note (optional)")
    code = CodeField("Code from the SMS")
    pin = PinField("Your 6-digit PIN")
    category = SelectField(
        "Category", choices=[SelectChoice("G", "Groceries"), SelectChoice("P", "Pharmacy")]
    )
    story = TextAreaField("What happened?")
    born = DateField("Date of birth")
    remember = BooleanField("Remember this payee")
    bank = ChoiceField("From which bank?", choices=[(code, name) for code, name, _ in BANKS])
    theme = ChoiceField("Colours", choices=[("auto", "As the phone"), ("dark", "Dark")])


def gallery() -> str:
    """Show every part; ``?brand=bank``, ``?bank=CCB`` and ``?theme=dark`` change its clothes."""
    brand = request.args.get("brand", current_app.extensions["ui_brand"])
    theme = request.args.get("theme", "auto")
    if brand not in {"wallet", "bank"} or theme not in THEMES:
        abort(404)
    return render_template(
        "ui/gallery.html",
        page={"brand": brand, "theme": theme, "bank": request.args.get("bank")},
        colours=COLOURS,
        icons=sorted(ICONS - {"batua", "bank"}),
        banks=BANKS,
        now=datetime.now(UTC),
        until=datetime.now(UTC) + timedelta(seconds=272),
        good=_good(),
        bad=_bad(),
        refused=_refused(),
    )


def _good() -> SampleForm:
    return SampleForm(
        formdata=None,
        prefix="good-",
        data={
            "name": "Asha Rao",
            "phone": "+919876500001",
            "note": "Makar Sankranti gift",
            "story": "दुकान ने पैसे वापस नहीं किए।",
            "remember": True,
            "bank": "SBB",
            "theme": "auto",
        },
    )


def _bad() -> SampleForm:
    typed = {
        "name": "7",
        "phone": "98450 1234",
        "amount": "0",
        "note": "4111 1111 1111 1111",
        "category": "G",
        "born": "1994-08-15",
        "theme": "dark",
    }
    form = SampleForm(
        formdata=MultiDict({f"bad-{name}": text for name, text in typed.items()}),
        prefix="bad-",
        meta={"csrf": False},
    )
    form.validate()
    return form


def _refused() -> SampleForm:
    form = SampleForm(formdata=None, prefix="refused-", meta={"csrf": False})
    form.refuse(Refused("You need ₹312.40 more to send this."))
    return form
