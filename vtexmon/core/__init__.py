"""Pure rules: values and decisions with no I/O, no clock and no SQL. Everything else may import it; it imports nothing of ours."""
