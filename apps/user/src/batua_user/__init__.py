"""The wallet: what a person sees and does."""
