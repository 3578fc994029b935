"""Settings: read once, typed, and the only code that looks at the environment."""

import base64
import binascii
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

App = Literal["user", "bank"]

# What `.env.example` shows: fine to read, never to run with in production.
EXAMPLE_SECRET_KEY = "example-only-never-use-this-secret-key-in-production"  # noqa: S105
EXAMPLE_SECRET = "whsec_ZXhhbXBsZS1vbmx5LW5ldmVyLXVzZS1pbi1wcm9kdWN0aW9u"  # noqa: S105
EXAMPLE_FIELD_KEY = "ZXhhbXBsZS1vbmx5LWV4YW1wbGUtb25seS1leGFtcGw="
EXAMPLE_PIN_PEPPER = "example-only-never-use-this-pin-pepper-in-production"
EXAMPLES = {EXAMPLE_SECRET_KEY, EXAMPLE_SECRET, EXAMPLE_FIELD_KEY, EXAMPLE_PIN_PEPPER}

SHORTEST_SECRET = 32  # bytes
FILES = Path("/run/secrets")  # where containers find settings, a file each; others win


class SettingsError(Exception):
    """A setting is missing or unfit; the message names the variable and never its value."""


class Settings(BaseSettings):
    """Everything that may differ between two installations.

    Names are those of the environment. An empty value means unset. Secrets are
    ``SecretStr``, so that neither ``repr`` nor a log line can show them.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        case_sensitive=True,
        extra="ignore",
        frozen=True,
        secrets_dir=FILES if FILES.is_dir() else None,
    )

    APP_ENV: Literal["development", "production"] = "production"

    DATABASE_URL: SecretStr | None = None
    USER_DATABASE_URL: SecretStr | None = None
    BANK_DATABASE_URL: SecretStr | None = None
    MIGRATE_DATABASE_URL: SecretStr | None = None
    MIGRATE_USER_DATABASE_URL: SecretStr | None = None
    MIGRATE_BANK_DATABASE_URL: SecretStr | None = None
    READ_DATABASE_URL: SecretStr | None = None
    USER_READ_DATABASE_URL: SecretStr | None = None
    BANK_READ_DATABASE_URL: SecretStr | None = None
    DATABASE_POOLED: bool = False
    REDIS_URL: SecretStr | None = None

    SECRET_KEY: SecretStr | None = None
    SECRET: SecretStr | None = None
    FIELD_KEYS: SecretStr | None = None
    PIN_PEPPER: SecretStr | None = None

    USER_PORT: int = Field(default=3001, ge=1, le=65535)
    BANK_PORT: int = Field(default=3002, ge=1, le=65535)
    USER_APP_URL: str = ""
    BANK_APP_URL: str = ""
    USER_INTERNAL_URL: str = ""
    BANK_INTERNAL_URL: str = ""
    PROXY_HOPS: int = Field(default=0, ge=0, le=5)
    API_CALLS_PER_MINUTE: int = Field(default=6000, ge=1, le=10**9)
    WEB_PROCESSES: int = Field(default=2, ge=1, le=64)
    WEB_THREADS: int = Field(default=4, ge=1, le=64)
    DRAIN_SECONDS: int = Field(default=0, ge=0, le=60)

    BATUA_DATA: Path = Path(".data")

    @classmethod
    def load(cls) -> Self:
        """Read the environment and ``.env``, or raise ``SettingsError`` naming the variable."""
        try:
            return cls()
        except ValidationError as error:
            # Without the values: one of them may be a secret.
            faults = (
                f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()
            )
            raise SettingsError("; ".join(faults)) from None

    @field_validator("USER_APP_URL", "BANK_APP_URL", "USER_INTERNAL_URL", "BANK_INTERNAL_URL")
    @classmethod
    def _origin_only(cls, url: str) -> str:
        url = url.rstrip("/")
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path):
            raise ValueError("must be an address like https://batua.example, without a path")
        return url

    @model_validator(mode="after")
    def _production_needs_secrets(self) -> Self:
        if self.production:
            for name in ("SECRET_KEY", "SECRET", "FIELD_KEYS", "PIN_PEPPER"):
                _require(name, getattr(self, name))
        for secret in self.secrets:
            _webhook_key(secret)
        return self

    @property
    def production(self) -> bool:
        """Whether this is the real thing."""
        return self.APP_ENV == "production"

    @property
    def secrets(self) -> list[str]:
        """What the two apps share: the first signs, all verify."""
        return self._reveal("SECRET").split()

    @property
    def secret_key(self) -> str:
        """The key of sessions and forms."""
        return self._needed("SECRET_KEY")

    @property
    def field_keys(self) -> list[str]:
        """Keys of stored personal data: the first seals, all open."""
        return self._needed("FIELD_KEYS").split()

    @property
    def pin_pepper(self) -> bytes:
        """Keyed into the hashes of PINs, and kept outside the database."""
        return self._needed("PIN_PEPPER").encode()

    @property
    def redis_url(self) -> str:
        """Redis or Valkey."""
        return self._needed("REDIS_URL")

    def database_url(self, app: App) -> str:
        """The database of ``app``, for SQLAlchemy."""
        own = self._reveal(f"{app.upper()}_DATABASE_URL")
        return _for_psycopg(own or self._needed("DATABASE_URL"))

    def migrate_url(self, app: App) -> str:
        """The owner's connection to the database of ``app``; by default the app's own."""
        own = self._reveal(f"MIGRATE_{app.upper()}_DATABASE_URL")
        owner = own or self._reveal("MIGRATE_DATABASE_URL")
        return _for_psycopg(owner) if owner else self.database_url(app)

    def read_url(self, app: App) -> str | None:
        """A replica of the database of ``app``, if there is one."""
        url = self._reveal(f"{app.upper()}_READ_DATABASE_URL") or self._reveal("READ_DATABASE_URL")
        return _for_psycopg(url) if url else None

    def public_url(self, app: App) -> str:
        """Where people reach ``app``: an origin, without a slash at its end."""
        port = getattr(self, f"{app.upper()}_PORT")
        return getattr(self, f"{app.upper()}_APP_URL") or f"http://localhost:{port}"

    def internal_url(self, app: App) -> str:
        """Where the other app reaches ``app``."""
        return getattr(self, f"{app.upper()}_INTERNAL_URL") or _resolvable(self.public_url(app))

    def cookie_secure(self, app: App) -> bool:
        """Whether cookies of ``app`` travel under https only."""
        return self.public_url(app).startswith("https:")

    def trusted_hosts(self, app: App) -> list[str]:
        """The host names ``app`` answers to; any other is refused."""
        urls = (self.public_url(app), self.internal_url(app))
        own = [host for url in urls if (host := urlsplit(url).hostname)]
        local = ["localhost", ".localhost", "127.0.0.1", "[::1]"]
        return [*own, "127.0.0.1"] if self.production else [*own, *local]

    def _reveal(self, name: str) -> str:
        value: SecretStr | None = getattr(self, name)
        return value.get_secret_value() if value else ""

    def _needed(self, name: str) -> str:
        if value := self._reveal(name):
            return value
        raise SettingsError(f"{name} is not set")


@lru_cache(maxsize=1)
def load() -> Settings:
    """The settings of this process."""
    return Settings.load()


def _require(name: str, secret: SecretStr | None) -> None:
    values = secret.get_secret_value().split() if secret else []
    if not values:
        raise SettingsError(f"{name} is not set; production needs one of its own")
    for value in values:
        if value in EXAMPLES:
            raise SettingsError(f"{name} is the example; production needs one of its own")
        if len(_strength(value)) < SHORTEST_SECRET:
            raise SettingsError(f"{name} is too short; it needs at least {SHORTEST_SECRET} bytes")


def _strength(value: str) -> bytes:
    """The bytes of a secret; of a ``whsec_`` secret those it encodes."""
    return _webhook_key(value) if value.startswith("whsec_") else value.encode()


def _webhook_key(secret: str) -> bytes:
    """Decode ``whsec_<base64>``, as Standard Webhooks writes its secrets."""
    prefix, _, encoded = secret.partition("_")
    try:
        if prefix != "whsec":
            raise ValueError
        bare = encoded.rstrip("=")  # padded or not, as the standard's libraries take both
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (ValueError, binascii.Error):
        raise SettingsError("SECRET must look like whsec_<base64>") from None


def _for_psycopg(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg"} or not separator:
        raise SettingsError("DATABASE_URL must begin with postgres:// or postgresql://")
    return f"postgresql+psycopg://{rest}"


def _resolvable(url: str) -> str:
    """``*.localhost`` is loopback to every browser, but to few resolvers."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return url
    return f"{parts.scheme}://127.0.0.1" + (f":{parts.port}" if parts.port else "")
