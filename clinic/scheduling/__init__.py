"""Resources, sessions, bookings, attendance."""
