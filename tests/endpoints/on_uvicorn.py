"""Serves `MODULE:APP` with uvicorn on the socket that it inherits as descriptor LISTEN_FD."""

import os
import socket
import sys

import uvicorn

if __name__ == "__main__":
    config = uvicorn.Config(sys.argv[1], log_level="warning")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(os.environ["LISTEN_FD"]))])
