"""One module of the monitor per file: what to send, send it, did it arrive."""
