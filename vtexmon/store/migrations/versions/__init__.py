"""One file per revision; a revision that landed is never edited."""
