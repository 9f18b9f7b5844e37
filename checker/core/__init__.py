"""Data that every room shares, and its limits. Nothing here opens a socket or a file."""
