"""The demo: real data, and the definitions over it."""
