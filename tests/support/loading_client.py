"""`broadcast load` as a client of the referee: `python loading_client.py URL`.

Its store is in the folder that BROADCAST_STATE names, so that it goes on after it was killed. It
prints the rows once they are ready to be sent.
"""

import json
import os
import sys

from broadcaster.loading.loader import Loader
from broadcaster.model import BroadcastState
from broadcaster.store import open_store
from checker.api import Config, Endpoint


def main(url: str) -> int:
    config = Config(endpoint=Endpoint.parse(url), probes=False, timeout_seconds=10.0)
    with open_store(f"sqlite:///{os.environ['BROADCAST_STATE']}/store") as store:
        loader = Loader(store)
        broadcast = loader.load(loader.find_or_create(config), config).broadcast
        if broadcast.state is not BroadcastState.READY:
            sys.stderr.write(f"error: {broadcast.reason}\n")
            return 1
        for uid, msg in store.loads.rows(broadcast.number, 0, broadcast.rows):
            print(json.dumps({"uid": uid, "msg": msg}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
