"""Flask extensions: made once here, bound to an app in ``create_app``."""

from typing import cast

import flask_login
from flask_wtf import CSRFProtect

from batua_db import sessions
from batua_db.models.wallet import Session, User

from .devices import cookie

csrf = CSRFProtect()
login = flask_login.LoginManager()

# Typed for the pages behind the sign-in; on a public page it may be anonymous.
current_user = cast(User, flask_login.current_user)


@login.user_loader
def load_user(token: str) -> User | None:
    """Find who is signed in by the token that their cookie carries, in one query."""
    user: User | None = sessions.owner_of(Session, token)
    if user:
        user.device_token = cookie.token()
    return user
