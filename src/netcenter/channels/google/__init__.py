"""What the networks of Google share: how they say no, how one signs in there, and who pushes."""
