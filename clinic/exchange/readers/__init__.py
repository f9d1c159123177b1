"""Outside bytes in; facts, or a refusal with file, place and reason, out."""
