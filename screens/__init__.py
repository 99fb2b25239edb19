"""The terminal front end: shows the store and asks the engine; decides nothing about sending."""
