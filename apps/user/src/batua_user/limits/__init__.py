"""How much a person may load, hold and send, by their tier."""
