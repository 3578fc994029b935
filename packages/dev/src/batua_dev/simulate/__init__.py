"""A small city of people who use the wallet and the bank, for demos and load.

``rhythm`` is how they live, ``people`` what they do, ``counters`` who serves them, ``tally``
what came of it. ``command`` is ``just simulate``; only ``city`` knows locust, in a process of
its own.
"""
