"""The platforms that may call the API: their keys, their accounts, and where they hear."""
