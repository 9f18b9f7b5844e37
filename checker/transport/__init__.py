"""One attempt at one request: sockets, TLS, compression, and what a failure is called."""
