"""What vectors are put to: our own machines, a program over JSON lines, a node over JSON-RPC."""
