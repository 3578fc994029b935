"""How fast it is: ``just bench`` (the main paths), ``just bench history``, ``just bench cache``.

Each starts servers of its own and reads in turn what it compares, so that a busy machine is
fair to all. Linux only: what each side costs is read from ``/proc``.
"""
