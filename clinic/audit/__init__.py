"""Who looked at or changed what, so that tampering shows."""
