"""What both apps are made with, from their settings."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from batua_config import redis
from batua_config.current import EXTENSION
from batua_config.settings import App, Settings

from .hosts import HostRequest


def configure(app: Flask, settings: Settings, name: App) -> None:
    """Give ``app`` its settings, its Redis, its cookie and hosts, and its proxies' word."""
    app.extensions[EXTENSION] = settings
    app.extensions["redis"] = redis.connect(settings)
    app.config.update(_of(settings, name))
    app.request_class = HostRequest
    if hops := settings.PROXY_HOPS:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)


def _of(settings: Settings, name: App) -> dict[str, object]:
    secure = settings.cookie_secure(name)
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": f"__Host-batua_{name}" if secure else f"batua_{name}",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        # Rows say who is signed in and since when; a guess by address and browser adds nothing.
        "SESSION_PROTECTION": None,
        "TRUSTED_HOSTS": settings.trusted_hosts(name),
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a token is bound to it
    }
