"""Banks that are remembered: money is added from them without going there."""
