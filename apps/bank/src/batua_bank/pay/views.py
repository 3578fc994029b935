"""The hosted payment page: where a platform sends its customer to approve or decline."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from batua_bank.auth import browser
from batua_bank.auth.forms import SignInForm
from batua_bank.auth.service import OtherBank
from batua_bank.clients import registry
from batua_bank.extensions import current_customer
from batua_config.current import settings
from batua_db.database import db
from batua_db.errors import DomainError
from batua_db.models.bank import Customer, PaymentSession
from batua_db.models.clients import Client
from batua_ui.headers import let_forms_lead_to
from batua_ui.pages import shown_again
from batua_ui.problems import of_refusal

from . import lifecycle, mpin, queries, service
from .forms import ApproveForm, ConsentForm, DeclineForm
from .refusals import Expired, UnknownLink, Used

bp = Blueprint("pay", __name__, url_prefix="/pay")


@bp.get("/<token>")
def show(token: str) -> ResponseReturnValue:
    """Say who is paid, how much and until when, and ask to sign in."""
    session = lifecycle.find_open(token)
    lifecycle.note_opened(session, _visitor(session))
    return _show(token, session, SignInForm())


@bp.route("/<token>/login", methods=["GET", "POST"])
def sign_in(token: str) -> ResponseReturnValue:
    """Sign in for this payment."""
    if request.method == "GET":
        return redirect(url_for(".show", token=token), 303)
    session = lifecycle.find_open(token)
    form, refusal = SignInForm(), None
    if form.validate_on_submit():
        try:
            customer = browser.sign_in(**form.values, at=session.bank)
        except DomainError as error:
            form.refuse(refusal := error)
        else:
            lifecycle.note_signed_in(session, customer)
            return redirect(url_for(".approve", token=token), 303)
    return _show(token, session, form, refusal)


@bp.route("/<token>/approve", methods=["GET", "POST"])
def approve(token: str) -> ResponseReturnValue:
    """Choose an account and approve with the MPIN, or decline."""
    if request.method == "POST":
        return _decide(token)
    session = lifecycle.find_open(token)
    if _visitor(session) is None:
        return redirect(url_for(".show", token=token), 303)
    return _ask(session, _approve_form(session))


@bp.errorhandler(UnknownLink)
@bp.errorhandler(Expired)
@bp.errorhandler(Used)
def closed(error: UnknownLink | Expired | Used) -> ResponseReturnValue:
    """Say what became of the payment, and lead back to where it was started."""
    page = render_template("pay/closed.html", **_what_became(error))
    return make_response(page, of_refusal(error).status)


def _decide(token: str) -> ResponseReturnValue:
    session = lifecycle.find(token).session
    declining = request.form.get("action") == "decline"
    form = DeclineForm() if declining else _approve_form(session)
    refusal = None
    if form.validate_on_submit():
        try:
            return redirect(_decision(token, form), 303)
        except (UnknownLink, Expired, Used):
            raise
        except DomainError as error:
            form.refuse(refusal := error)
    session = lifecycle.find_open(token)
    if _visitor(session) is None:
        return _show(token, session, SignInForm(formdata=None), refusal)
    return _ask(session, form, refusal)


def _decision(token: str, form: ApproveForm | DeclineForm) -> str:
    """Carry it out; answers where to go back to."""
    if isinstance(form, DeclineForm):
        return service.decline(current_customer, token, key=form.key.data)
    account = UUID(form.account.data)
    return service.approve(current_customer, token, account=account, **form.decided)


def _approve_form(session: PaymentSession, *, again: DeclineForm | None = None) -> ApproveForm:
    """What this session asks its customer; ``again`` after a refused decline."""
    kind = ConsentForm if session.consent_cap else ApproveForm
    form = kind.after(again) if again else kind()
    if isinstance(form, ConsentForm):
        form.ask(session, _payee(session))
    form.offer(queries.sources(current_customer))
    return form


def _show(
    token: str, session: PaymentSession, form: SignInForm, refusal: DomainError | None = None
) -> ResponseReturnValue:
    if isinstance(refusal, OtherBank) and not form.form_errors:
        form.refuse(refusal)
    page = render_template(
        "pay/show.html", form=form, token=token, visitor=_visitor(session), **_terms(session)
    )
    return shown_again(page, form, refusal)


def _ask(
    session: PaymentSession, form: ApproveForm | DeclineForm, refusal: DomainError | None = None
) -> ResponseReturnValue:
    let_forms_lead_to(session.return_url)
    sources = queries.sources(current_customer)
    if isinstance(form, DeclineForm):  # it was refused: show the whole page again
        form = _approve_form(session, again=form)
    form.suggest(sources, session.amount)
    page = render_template(
        "pay/approve.html",
        form=form,
        sources=sources,
        stuck=queries.why_stuck(sources, session.amount),
        tries_left=mpin.tries_left(current_customer),
        **_terms(session),
    )
    return shown_again(page, form, refusal)


def _visitor(session: PaymentSession) -> Customer | None:
    """Who is signed in, if they are a customer of the session's bank."""
    if current_customer.is_authenticated and current_customer.bank_code == session.bank_code:
        return current_customer
    return None


def _payee(session: PaymentSession) -> Client:
    return db.session.get_one(Client, session.client)


def _terms(session: PaymentSession) -> dict[str, Any]:
    left = (session.expires_at - datetime.now(UTC)).total_seconds()
    return {
        "payment": session,
        "bank": session.bank,
        "payee": _payee(session),
        "left": max(0, round(left)),
    }


def _what_became(error: UnknownLink | Expired | Used) -> dict[str, Any]:
    if isinstance(error, UnknownLink):
        return {"state": "unknown", "bank": None, **_came_from()}
    session = error.session
    return {
        "state": "expired" if isinstance(error, Expired) else session.status,
        "back": session.return_url,
        **_terms(session),
    }


def _came_from() -> dict[str, Any]:
    """The platform that led here, as far as the browser says; else the house's own."""
    client = registry.client_at(request.referrer or "")
    return {
        "payee": client or db.session.get_one(Client, registry.WALLET),
        "back": registry.origins_of(client)[0] if client else settings.public_url("user"),
        "led_here": client is not None,
    }
