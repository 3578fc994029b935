"""The signed-in browser: what requests and cookies know of it."""

import flask_login
from flask import request

from batua_bank.extensions import current_customer
from batua_bank.security.access import Visitor
from batua_db.models.bank import Bank, Customer
from batua_ui import cookie

from . import service


def sign_in(*, customer_id: str, password: str, at: Bank | None = None) -> Customer:
    """Sign this browser in anew: nothing of what it was before stays but a sign-in to the desk."""
    ending = current_customer.session_token if current_customer.is_authenticated else ""
    customer = service.sign_in(
        visitor(), customer_id=customer_id, password=password, at=at, ending=ending
    )
    cookie.drop(cookie.PERSON)
    flask_login.login_user(customer)
    return customer


def visitor() -> Visitor:
    """Where this request comes from."""
    return Visitor(request.remote_addr or "", request.user_agent.string)


def go_on(token: str) -> None:
    """Let the browser carry ``token``, which takes the place of its session's."""
    cookie.drop(cookie.PERSON)
    current_customer.session_token = token
    flask_login.login_user(current_customer)


def sign_out() -> None:
    """Sign this browser out, and forget it."""
    service.sign_out(current_customer)
    flask_login.logout_user()
    cookie.drop(cookie.PERSON)
