"""HTTP itself: problems, fields, request and response schemas, sessions, cookies, limits."""
