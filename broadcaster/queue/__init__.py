"""Many workers on one PostgreSQL: chunks of broadcasts are handed to them by an engine.

The store is the truth; the engine only says where to look. Nothing of this is needed, or loaded,
where one machine sends by itself.
"""
