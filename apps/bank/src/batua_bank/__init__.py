"""The bank: API, payment page, net banking."""
