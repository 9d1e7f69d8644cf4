"""One suite for each kind of plugin; pytest rewrites their assertions, see `pressroom.testing.plugin`."""
