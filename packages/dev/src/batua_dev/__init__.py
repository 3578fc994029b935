"""For developers only."""
