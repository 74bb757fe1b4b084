"""Check a gradient: symbolic against numeric, with an honest error, a verdict and a likely cause."""
