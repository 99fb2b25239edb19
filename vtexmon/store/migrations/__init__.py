"""Schema revisions, shipped in the wheel and run by ``store/migrate.py``."""
