"""Fixtures and contract suites for plugin authors."""
