"""The channels to send by. A channel knows how to talk to one service, and nothing of the store."""

from broadcaster.channels.registry import channel_help, channel_kinds, open_channel

__all__ = ["channel_help", "channel_kinds", "open_channel"]
