"""Saves what was answered, with people masked, and judges it again without the network."""
