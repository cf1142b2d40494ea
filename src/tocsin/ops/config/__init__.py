"""How the room is set up: settings, addresses, the server's processes."""
