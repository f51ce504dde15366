"""How pictures look: one style, artists that move, still figures."""
