"""What serves the course and teaches nothing: commands, checks of exercises, grading."""
