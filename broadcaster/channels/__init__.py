"""The ways to send. A channel knows how to talk to one service, and nothing of the store."""
