"""How events behave, one file each."""
