"""Sources: what SGE says now, in the value types of ``source``, whatever it is read from."""
