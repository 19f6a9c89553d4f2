"""Reviews by buyers whose order was delivered."""
