"""Re-exports the models of the slices so that Django finds them."""
