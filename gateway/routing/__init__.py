"""Routing: contexts, routes, the request pipeline, authorisation, calls to services, OpenAPI."""
