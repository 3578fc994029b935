"""What guards a customer's money, and who used it."""
