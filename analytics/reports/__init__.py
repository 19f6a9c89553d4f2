"""What sellers and operators see."""
