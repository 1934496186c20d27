"""Measurements. Each module prints a Markdown table; docs/benchmarks.md says which command makes which table."""
