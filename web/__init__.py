"""The thin outer layer: REST, pages, sign-in and the command line."""
