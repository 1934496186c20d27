"""The networks of the street: strict simulators of the closed networks, written from their public documentation.

Each refuses what the real one refuses, and keeps a record of truth to be reconciled with. A channel never knows that it
talks to one of them: the network's address is configuration. They import nothing of the house.
"""
