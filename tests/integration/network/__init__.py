"""How connections are made, whichever API asks: names, routes, addresses, TLS, and what fails there."""
