"""Webhooks: what happened, told to the platforms it concerns, again and again until they heard."""
