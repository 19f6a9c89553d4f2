"""Daily figures per listing and per seller."""
