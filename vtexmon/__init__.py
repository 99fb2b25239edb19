"""vtexmon: the integration of SGE (TOTVS RM) with VTEX, and its monitor."""

__version__ = "0.1.0"
