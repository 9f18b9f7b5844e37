"""Serves `MODULE:APP` with Python's own wsgiref on the socket that it inherits as LISTEN_FD."""

import importlib
import os
import socket
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    server = WSGIServer(("127.0.0.1", 0), WSGIRequestHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=int(os.environ["LISTEN_FD"]))
    server.server_name, server.server_port = server.socket.getsockname()
    server.setup_environ()
    server.set_app(getattr(importlib.import_module(module), name))
    server.serve_forever()
