"""What both apps read at start."""
