"""Forms, as a browser reads them off a page."""

from html.parser import HTMLParser
from urllib.parse import urlsplit


class Form:
    """A form of a page: where it goes, and what its hidden fields say."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.values: dict[str, str] = {}
        self.names: set[str] = set()


class Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form that posts, and the fields in it."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
        elif self.found and (name := given.get("name")):
            self.found[-1].names.add(name)
            if given.get("type") == "hidden":
                self.found[-1].values[name] = given.get("value", "")


def sent_along(page: str) -> dict[str, str]:
    """What browsers send with a form of the page at ``page``, and what the guards look at."""
    return {
        "Origin": "{0.scheme}://{0.netloc}".format(urlsplit(page)),
        "Referer": page,
        "Sec-Fetch-Site": "same-origin",
    }


def form_with(names: set[str], html: str) -> Form:
    """The first form of the page that has all the fields ``names``."""
    forms = Forms()
    forms.feed(html)
    for form in forms.found:
        if names <= form.names:
            return form
    raise AssertionError(
        f"no form with {sorted(names)}; there are: {[f.names for f in forms.found]}"
    )
