"""The command line: one file per verb. Arguments in, one call into the engine or the store, text or JSON out."""
