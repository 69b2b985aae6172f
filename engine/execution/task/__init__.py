"""How activities behave, one file each."""
