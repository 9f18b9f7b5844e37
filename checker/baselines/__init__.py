"""Findings that are known: snapshots, and what is new beside them."""
