"""A small app of each brand, with a page for everything that can go wrong."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import redis.exceptions
import sqlalchemy.exc
from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.serving import make_server

import batua_ui
from batua_config.current import EXTENSION
from batua_config.settings import Settings
from batua_db import errors
from batua_db.money import Money
from batua_dev.testing import TestSettings
from batua_ui.forms import AmountField, ChoiceField, Form, KeyField, NoteField, PhoneField, PinField
from batua_ui.nav import Link

MakeApp = Callable[..., Flask]

OUTAGES: dict[str, Exception] = {
    "pool": sqlalchemy.exc.TimeoutError("QueuePool limit"),
    "database": sqlalchemy.exc.OperationalError("SELECT 'a secret'", {}, Exception("gone")),
    "driver": sqlalchemy.exc.InterfaceError("SELECT 'a secret'", {}, Exception("gone")),
    "redis": redis.exceptions.ConnectionError("a secret"),
    "redis-slow": redis.exceptions.TimeoutError("a secret"),
}
REFUSALS: dict[str, errors.DomainError] = {
    "refused": errors.Refused("You need ₹312.40 more to send this.", field="amount"),
    "not-found": errors.NotFound("There is no such payment."),
    "conflict": errors.Conflict("This link was used already."),
    "gone": errors.Gone("This payment link has expired."),
    "too-many": errors.TooMany("Wait a minute, then try again.", retry_after=60),
    "unavailable": errors.Unavailable("The bank does not answer.", retry_after=7),
}


class SendForm(Form):
    """What a page of the wallet asks for."""

    phone = PhoneField("To which mobile number?")
    amount = AmountField("How much?")
    note = NoteField("Note (optional)")
    bank = ChoiceField("From which bank?", choices=[("SBB", "State Bank"), ("CCB", "Coastal")])
    pin = PinField("Your 6-digit PIN")
    key = KeyField()


bp = Blueprint("sample", __name__)


@bp.get("/")
def home() -> str:
    """A page."""
    return render_template("home.html", balance=Money(4825075))


@bp.route("/send", methods=["GET", "POST"])
def send() -> ResponseReturnValue:
    """A form."""
    form = SendForm()
    if form.validate_on_submit():
        flash("Sent <b>well</b>")
        return redirect(url_for(".home"), 303)
    return render_template("send.html", form=form), form.status


@bp.get("/sign-in")
def sign_in() -> str:
    """A page of the door."""
    return render_template("sign_in.html", form=SendForm(formdata=None))


@bp.get("/approve")
def approve() -> str:
    """A page of the bank."""
    bank = {"name": "Coastal Commerce Bank", "code": "CCB"} if "ccb" in request.args else None
    until = datetime.now(UTC) + timedelta(seconds=48)
    return render_template("approve.html", form=SendForm(formdata=None), bank=bank, until=until)


@bp.get("/receipt")
def receipt() -> str:
    """A page of facts."""
    return render_template("receipt.html")


@bp.route("/refusals/<kind>", methods=["GET", "POST"])
@bp.route("/api/refusals/<kind>")
def refuse(kind: str) -> ResponseReturnValue:
    """Refuse."""
    raise REFUSALS[kind]


@bp.route("/outages/<kind>")
@bp.route("/api/outages/<kind>")
def outage(kind: str) -> ResponseReturnValue:
    """Find something away."""
    raise OUTAGES[kind]


@bp.route("/statuses/<int:code>")
@bp.route("/api/statuses/<int:code>")
def status(code: int) -> ResponseReturnValue:
    """Answer a status, with words of the framework's."""
    abort(code, "framework words")


@bp.route("/broken")
@bp.route("/api/broken")
def broken() -> ResponseReturnValue:
    """Break."""
    raise ZeroDivisionError("a secret")


def build(settings: Settings, brand: batua_ui.Brand = "wallet", **config: Any) -> Flask:
    """An app as the two real ones are made."""
    app = Flask(brand, root_path=str(Path(__file__).parent))
    app.config.update(SECRET_KEY="x" * 40, TRUSTED_HOSTS=["localhost", "127.0.0.1"], **config)
    app.config["NAV"] = [
        Link("Home", "sample.home", "house"),
        Link("Send", "sample.send", "send"),
        Link("History", "sample.receipt", "history"),
        Link("Settings", "sample.sign_in", "settings", more=True),
    ]
    app.extensions[EXTENSION] = settings
    CSRFProtect(app)
    app.register_blueprint(bp)
    batua_ui.init_app(app, brand)
    return app


@pytest.fixture(scope="session")
def development() -> Settings:
    """Settings of a developer, without services."""
    return TestSettings(APP_ENV="development")


@pytest.fixture
def make_app(development: Settings) -> MakeApp:
    """Make a sample app: ``make_app("bank", WTF_CSRF_ENABLED=False)``."""

    def make(brand: batua_ui.Brand = "wallet", /, **config: Any) -> Flask:
        return build(config.pop("settings", development), brand, **config)

    return make


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    """The wallet's sample."""
    return make_app()


@pytest.fixture
def request_context(app: Flask) -> Generator[None]:
    """A request to the wallet's sample, for forms and macros."""
    with app.test_request_context("/"):
        yield


@contextmanager
def served(app: Flask) -> Generator[str]:
    """Serve ``app`` on loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def wallet_url(development: Settings) -> Generator[str]:
    """Where a browser finds the wallet's sample."""
    with served(build(development, "wallet")) as url:
        yield url


@pytest.fixture(scope="session")
def bank_url(development: Settings) -> Generator[str]:
    """Where a browser finds the bank's sample."""
    with served(build(development, "bank")) as url:
        yield url
