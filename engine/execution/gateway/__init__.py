"""How gateways behave, one file each."""
