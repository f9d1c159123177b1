"""Who may move where in care, and by when things are due."""
