"""Read models: the latest views from ranking's stream, and public reads served from them."""
