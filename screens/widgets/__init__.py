"""Widgets that know no record: tables, viewers, prompts and lines."""
