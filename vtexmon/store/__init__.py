"""The only place that speaks SQL. Others ask by verbs (pages, counters, claims) and receive frozen values, not rows."""
