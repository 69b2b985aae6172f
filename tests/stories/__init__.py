"""Whole stories, told through a running server."""
