"""Sockets, TLS and signals: how the mock's servers run. Nothing here knows the contract."""
