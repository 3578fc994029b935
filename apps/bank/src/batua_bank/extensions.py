"""Flask extensions: made once here, bound to an app in ``create_app``."""

from typing import cast

import flask_login
from flask import current_app
from flask_wtf import CSRFProtect
from redis import Redis
from werkzeug.local import LocalProxy

from batua_db import sessions
from batua_db.models.bank import Customer, Session

csrf = CSRFProtect()
login = flask_login.LoginManager()

redis = cast(Redis, LocalProxy(lambda: current_app.extensions["redis"]))

# Typed for the pages behind the sign-in; on a public page it may be anonymous.
current_customer = cast(Customer, flask_login.current_user)


@login.user_loader
def load_customer(token: str) -> Customer | None:
    """Find who is signed in by the token that their cookie carries."""
    return sessions.owner_of(Session, token)
