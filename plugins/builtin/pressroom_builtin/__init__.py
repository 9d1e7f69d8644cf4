"""Plugins that come with Pressroom; they use only what a third party may use."""
