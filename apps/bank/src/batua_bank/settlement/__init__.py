"""What a platform reconciles with: the lines of its account, and a file of each day."""
