"""The bank: its customers' accounts, the page they pay on, and the API that asks them to."""

from flask import Flask

import batua_ui
from batua_config.settings import Settings, load
from batua_db import database, roles
from batua_ui import lag
from batua_ui.configuration import configure

from . import (
    access,
    accounts,
    api,
    auth,
    call_log,
    desk,
    lagging,
    navigation,
    pay,
    payments,
    text,
    welcome,
)
from .desk import access as desk_access
from .extensions import csrf, login
from .security import views as security


def create_app(settings: Settings | None = None) -> Flask:
    """Build the bank. Tests bring settings; everyone else, the environment."""
    settings = settings or load()
    app = Flask(__name__)
    configure(app, settings, "bank")
    app.config.update(SITE_NAME="Banks of Batua", NAV=navigation.links)
    database.configure(
        app,
        settings.database_url("bank"),
        read_url=settings.read_url("bank"),
        pooled=settings.DATABASE_POOLED,
    )
    login.init_app(app)
    access.init_app(app)  # before the form tokens: strangers are sent to sign in
    desk_access.GUARD.init_app(app)
    csrf.init_app(app)
    text.init_app(app)
    for feature in (auth, accounts, payments, security, pay, welcome, desk):
        app.register_blueprint(feature.bp)
    lag.init_app(app, lagging.TOLERANT)
    api.init_app(app)
    call_log.init_app(app)
    batua_ui.init_app(app, brand="bank")
    if settings.production:
        roles.refuse_writers(app)
    else:
        from . import simulator  # never in production

        simulator.init_app(app)
    return app
