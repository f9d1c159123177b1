"""What `make` needs to fetch, build and lock. Nothing here is imported by the clinic."""
