"""Which schema this program writes and reads; ``migrate.py`` brings a database to it."""

HEAD = "0004"
"""The revision this program writes."""

READS_SCHEMA = 1
"""The generation of schema this program can read; a database whose ``min_reader`` is above it is refused."""
