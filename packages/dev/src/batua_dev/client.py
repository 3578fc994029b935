"""The test client: every request stands alone, and forms are sent as a browser sends them."""

from html.parser import HTMLParser
from typing import Any

from flask import Flask, has_app_context
from flask_login import FlaskLoginClient
from werkzeug.test import TestResponse

from batua_db.database import db


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
        form = _form_with(set(typed), page.text)
        return self.post(form.action or path, data={**form.values, **typed})


class _Form:
    def __init__(self, action: str) -> None:
        self.action = action
        self.values: dict[str, str] = {}
        self.names: set[str] = set()


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form that posts, and the fields in it."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(_Form(given.get("action", "")))
        elif self.found and (name := given.get("name")):
            self.found[-1].names.add(name)
            if given.get("type") == "hidden":
                self.found[-1].values[name] = given.get("value", "")


def _form_with(names: set[str], html: str) -> _Form:
    forms = _Forms()
    forms.feed(html)
    for form in forms.found:
        if names <= form.names:
            return form
    raise AssertionError(
        f"no form with {sorted(names)}; there are: {[f.names for f in forms.found]}"
    )


def fresh_client(app: Flask) -> FreshClient:
    """A browser that has never been here."""
    return FreshClient(app, app.response_class, use_cookies=True)
