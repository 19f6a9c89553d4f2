"""The demo world: a believable trading economy made by running the real services over simulated weeks."""
