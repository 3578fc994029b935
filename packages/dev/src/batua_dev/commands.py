"""What ``migrate``, ``migration``, ``seed`` and ``audit`` do once the services are at hand."""

from batua_config.settings import App, Settings
from batua_db import audit, migrations

APPS: tuple[App, ...] = ("user", "bank")


def upgrade() -> None:
    """Bring the database of each app to the latest migration."""
    settings = Settings.load()
    for url in dict.fromkeys(settings.migrate_url(app) for app in APPS):
        migrations.upgrade(url)


def write_migration(message: str) -> None:
    """Write a migration from the difference between the models and the tables."""
    upgrade()
    migrations.write(Settings.load().migrate_url("user"), message)


def plant() -> None:
    """Put the demo people, banks and customers in, where they are missing."""
    import batua_bank
    import batua_bank.demo
    import batua_user
    import batua_user.demo

    settings = Settings.load()
    for app, demo in ((batua_bank, batua_bank.demo), (batua_user, batua_user.demo)):
        with app.create_app(settings).app_context():
            demo.seed()


def prove(*, as_json: bool) -> int:
    """Prove both books; the exit code is 0 only if all holds."""
    return audit.main(["--json"] if as_json else [])
