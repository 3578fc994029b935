"""The wallet: what a person sees and does."""

from flask import Flask

import batua_ui
from batua_config.settings import Settings, load
from batua_db import database, roles
from batua_ui import health, lag
from batua_ui.configuration import configure

from . import (
    access,
    activity,
    auth,
    bank,
    bank_accounts,
    billers,
    cache,
    desk,
    home,
    kyc,
    lagging,
    merchants,
    messages,
    navigation,
    notices,
    paying,
    payments,
    qr,
    settlements,
    topups,
    transfers,
    webhooks,
    withdrawals,
)
from . import settings as settings_pages
from .desk import access as desk_access
from .extensions import csrf, login
from .links import views as links
from .reconciliation import figures

CONFIGURATION = {
    "NAV": navigation.links,
    "ORIGIN_EXEMPT": {"webhooks.bank"},  # signed by the bank; no browser sends it
}

FEATURES = (
    *(home, auth, settings_pages, topups, links, transfers, paying, billers),
    *(bank_accounts, withdrawals, kyc),
    *(payments, merchants, qr, settlements),
    *(activity, notices, webhooks, desk),
)


def create_app(settings: Settings | None = None) -> Flask:
    """Build the wallet. Tests bring settings; everyone else, the environment."""
    settings = settings or load()
    app = Flask(__name__)
    configure(app, settings, "user")
    app.config.update(CONFIGURATION)
    database.configure(
        app,
        settings.database_url("user"),
        read_url=settings.read_url("user"),
        pooled=settings.DATABASE_POOLED,
    )
    login.init_app(app)
    access.init_app(app)  # before the form tokens: strangers are sent to sign in
    desk_access.GUARD.init_app(app)
    csrf.init_app(app)
    bank.init_app(app, settings)
    cache.init_app(app)
    for feature in FEATURES:
        app.register_blueprint(feature.bp)
    if not settings.production:
        app.register_blueprint(messages.bp)
    lag.init_app(app, lagging.TOLERANT)
    app.context_processor(notices.bell)
    batua_ui.init_app(app, brand="wallet")
    app.extensions[health.MEASURES] = (figures.measure,)
    if settings.production:
        roles.refuse_writers(app)
    return app
