"""Real servers that tests talk to: each starts in a private folder on free ports and is stopped by its process id."""
