"""A Matrix server on the street, strict: https://spec.matrix.org/latest/client-server-api/

Everybody lives on it. Beside it the tests talk to the real Synapse; this one can go down, forget tokens, cut syncs
short and count what it is asked.

people   rooms, and what people do in them
server   MatrixServer: what a channel calls
"""

from netcenter.street.networks.matrix.people import HOME
from netcenter.street.networks.matrix.server import MatrixServer

__all__ = ["HOME", "MatrixServer"]
