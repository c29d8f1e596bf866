"""What a node and a hub really emit, read by software that is not ours."""
