"""What every method shares: the question, the call that borrows the network, how a map is checked."""
