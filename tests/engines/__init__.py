"""What the tests start for themselves: a PostgreSQL server and a browser."""
