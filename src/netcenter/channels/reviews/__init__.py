"""What the review networks share: what a review says, one reply that the next replaces, and watching what was read."""
