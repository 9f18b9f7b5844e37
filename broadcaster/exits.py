"""The exit statuses of `broadcast`."""

__all__ = ["CRASH", "INTERRUPTED", "NOT_ALL", "OK", "USAGE"]

OK, NOT_ALL, USAGE, CRASH, INTERRUPTED = 0, 1, 2, 3, 130
"""Done; not all of it was done, or not now; the command was wrong; the store or we failed;
interrupted.
"""
