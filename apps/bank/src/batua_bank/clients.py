"""The platforms that may call the API, and where each is reached: our word, never theirs."""

from dataclasses import dataclass

from batua_config.current import settings


@dataclass(frozen=True, slots=True)
class Client:
    """A platform: what people call it, and who it is on paper."""

    name: str
    legal_name: str

    @property
    def origin(self) -> str:
        """Where its customers are sent back to."""
        return settings.public_url("user")

    @property
    def webhook_url(self) -> str:
        """Where it is told what happened."""
        return f"{settings.internal_url('user')}/webhooks/bank"


CLIENTS = {"wallet": Client("Batua", "Batua Payments Private Limited")}
