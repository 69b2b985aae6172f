"""The rules of lint, one file each; :mod:`engine.lint.rules` is their index."""
