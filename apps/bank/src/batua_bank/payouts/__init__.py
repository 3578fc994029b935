"""Paying people from a platform's account."""
