"""Pure rules: values and decisions with no I/O, no clock and no SQL; imports nothing else of ours."""
