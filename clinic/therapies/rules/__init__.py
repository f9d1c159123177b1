"""What the gates of a course ask, and how a course unrolls over the calendar."""
