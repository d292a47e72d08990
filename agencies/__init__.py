"""What each agency sends: declarations, and the checks at the door."""
