"""Figures of the program, as ratios measured in one run on one machine. Never a timed test."""
