"""Netcenter: every customer message rings, for exactly one operator, and none stays unanswered."""
