"""What happened, for clients that ask instead of waiting to be told."""
