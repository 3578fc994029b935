"""Models, migrations, money, and the ledger."""
