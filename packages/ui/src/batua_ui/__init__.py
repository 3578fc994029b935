"""What both apps look like, and how they answer."""
