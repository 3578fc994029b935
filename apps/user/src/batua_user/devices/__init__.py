"""The browsers that a person signs in with, each known by a cookie of its own."""
