"""HTTP without routes: problems, fields, request and response schemas, sessions, cookies, limits."""
