"""Measurements of speed and size, side by side with other tools. Nothing here is a test."""
