"""The order of search results and the figures behind it."""
