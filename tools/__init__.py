"""What the Makefile calls: the environment, its locks, and lists and tests of the whole."""
