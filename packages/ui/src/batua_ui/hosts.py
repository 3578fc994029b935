"""Which host names an app answers to, an IPv6 address among them."""

import re
from collections.abc import Collection

from flask import Request

PORT = re.compile(r":[0-9]{1,5}\Z")


class HostRequest(Request):
    """Knows a trusted IPv6 address again.

    Werkzeug cuts each host that it trusts at its first colon, so it never meets ``[::1]``;
    where that is the host, and trusted, there is nothing left for it to compare.
    """

    _hosts: Collection[str] | None = None

    @property
    def trusted_hosts(self) -> Collection[str] | None:
        """The hosts that this request may name."""
        host = PORT.sub("", self.headers.get("Host", ""))
        return None if host.startswith("[") and host in (self._hosts or ()) else self._hosts

    @trusted_hosts.setter
    def trusted_hosts(self, hosts: Collection[str] | None) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        self._hosts = hosts
