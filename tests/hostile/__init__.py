"""What a clumsy or hostile neighbour does, and that a node stands it."""
