"""Giving payments back to whoever made them."""
