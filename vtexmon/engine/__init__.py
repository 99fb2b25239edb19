"""The engine: claims records, sends them, recovers from doubt, runs the schedules. It does not know that a screen exists."""
