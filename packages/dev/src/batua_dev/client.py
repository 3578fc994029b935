"""The test client: every request stands alone, and forms are sent as a browser sends them."""

from typing import Any

from flask import Flask, has_app_context
from flask_login import FlaskLoginClient
from werkzeug.test import TestResponse

from batua_db.database import db

from .forms import form_with


class FreshClient(FlaskLoginClient):
    """Give every request its own ``g`` and session, as it has when live.

    In a test with a database session of its own, what that session holds is read anew
    after the request, which may have changed it.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request in an app context of its own."""
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        if has_app_context():
            db.session.expire_all()
        return response

    def submit(self, path: str, **typed: str) -> TestResponse:
        """Show the page, fill in the form that has the fields ``typed``, and send it.

        Hidden fields (the CSRF token, the idempotency key) go along as they were shown.
        """
        page = self.get(path)
        if page.status_code != 200:
            raise AssertionError(f"GET {path} answered {page.status_code}, so no form was shown")
        form = form_with(set(typed), page.text)
        return self.post(form.action or path, data={**form.values, **typed})


def fresh_client(app: Flask) -> FreshClient:
    """A browser that has never been here."""
    return FreshClient(app, app.response_class, use_cookies=True)
