"""Seals: digests that each book keeps of the other, so that neither can be rewritten alone."""
