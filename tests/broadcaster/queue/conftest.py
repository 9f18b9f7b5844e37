"""A store on PostgreSQL, a stand-in for LINE, and workers, each test's own."""

from queue_kit import line, store_kind, workers

__all__ = ["line", "store_kind", "workers"]
