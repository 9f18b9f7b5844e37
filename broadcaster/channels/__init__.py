"""The ways to send. A channel knows how to talk to one service, and nothing of the store."""

from broadcaster.channels.opening import CHANNEL_HELP, open_channel

__all__ = ["CHANNEL_HELP", "open_channel"]
