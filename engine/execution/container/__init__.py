"""How activities that hold others behave, one file each."""
