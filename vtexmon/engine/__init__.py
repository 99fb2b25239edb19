"""The engine: claims records, sends them, recovers from doubt, runs the schedules. It knows of no screen."""
