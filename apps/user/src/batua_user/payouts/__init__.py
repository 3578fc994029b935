"""Money on its way to a bank account, whoever sent it there."""
