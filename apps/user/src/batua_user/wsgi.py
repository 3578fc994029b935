"""What the server serves: ``granian --interface wsgi batua_user.wsgi:app``."""

from batua_config import logs
from batua_config.settings import load

from . import create_app

logs.configure(load())
app = create_app()
