"""What the gateway keeps of the view stream, and public reads served from it."""
