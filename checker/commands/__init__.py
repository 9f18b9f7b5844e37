"""What broadcast-check does beside checking one endpoint: a module for each."""
