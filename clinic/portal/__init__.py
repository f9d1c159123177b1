"""What a patient sees of their own care."""
