"""The assistant: what it is told, what it may say, and that it sends nothing."""
