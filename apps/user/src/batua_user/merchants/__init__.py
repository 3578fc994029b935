"""A person's business: its QR, what it takes, gives back, and sends to the bank."""
