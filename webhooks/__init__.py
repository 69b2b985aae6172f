"""Events out to other systems and in from them."""
