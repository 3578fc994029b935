"""Who of our staff is asking."""

from typing import cast

from flask import g
from werkzeug.local import LocalProxy

from batua_db.models.bank_desk import Staff

# Typed for the pages behind the desk's sign-in; before it there is nobody.
current_staff = cast(Staff, LocalProxy(lambda: g.staff))
