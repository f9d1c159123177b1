"""What may be booked, and how attendance is counted."""
