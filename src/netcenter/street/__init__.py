"""The street: simulated citizens who use a house's channels by their public wire formats.

Only `company.py`, `past.py` and `loops.py`, the edge that furnishes the demo, know the house from inside. Everything
else may be turned against any installation from outside.
"""
