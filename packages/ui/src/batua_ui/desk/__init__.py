"""What the desks of both apps have in common: the door, who may do what, what staff type."""
