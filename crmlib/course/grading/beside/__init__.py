"""What runs beside a student's code: it is copied there, and imports nothing of the grader."""
