"""Checks many endpoints again and again, and reports what changed between two moments."""
