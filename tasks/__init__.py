"""The scheduler: a process of its own that keeps the clinic's timetable."""
