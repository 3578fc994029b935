"""What a WSGI server serves: ``batua_bank.wsgi:app``."""

from batua_bank import create_app
from batua_config import logs
from batua_config.settings import load

logs.configure(load())
app = create_app()
