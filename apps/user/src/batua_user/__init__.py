"""The wallet: what a person sees and does."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import batua_ui
from batua_config import redis
from batua_config.current import EXTENSION
from batua_config.settings import Settings, load
from batua_db import database, roles

from . import (
    access,
    activity,
    auth,
    bank,
    home,
    messages,
    navigation,
    notices,
    topups,
    transfers,
    webhooks,
)
from . import settings as settings_pages
from .extensions import csrf, login

LARGEST_BODY = 64 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Build the wallet. Tests bring settings; everyone else, the environment."""
    settings = settings or load()
    app = Flask(__name__)
    app.extensions[EXTENSION] = settings
    app.extensions["redis"] = redis.connect(settings)
    app.config.update(_configuration(settings))
    if hops := settings.PROXY_HOPS:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)

    database.configure(app, settings.database_url("user"))
    login.init_app(app)
    access.init_app(app)  # before the form tokens: strangers are sent to sign in
    csrf.init_app(app)
    bank.init_app(app, settings)
    for feature in (home, auth, settings_pages, topups, transfers, activity, notices, webhooks):
        app.register_blueprint(feature.bp)
    if not settings.production:
        app.register_blueprint(messages.bp)
    app.context_processor(notices.bell)
    batua_ui.init_app(app, brand="wallet")
    if settings.production:
        roles.refuse_writers(app)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    secure = settings.cookie_secure("user")
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "__Host-batua_user" if secure else "batua_user",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "TRUSTED_HOSTS": settings.trusted_hosts("user"),
        "MAX_CONTENT_LENGTH": LARGEST_BODY,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a token is bound to it
        "NAV": navigation.links,
        "ORIGIN_EXEMPT": {"webhooks.bank"},  # signed by the bank; no browser sends it
    }
