"""Loads, stores and sends broadcasts: the command line, the workers and the web interface."""
