"""Sends the messages that a checked endpoint gives. Not built yet: only its door stands."""
