"""Serves `MODULE:APP` with waitress on the socket that it inherits as descriptor LISTEN_FD."""

import importlib
import os
import socket
import sys

import waitress

if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    application = getattr(importlib.import_module(module), name)
    waitress.serve(application, sockets=[socket.socket(fileno=int(os.environ["LISTEN_FD"]))])
