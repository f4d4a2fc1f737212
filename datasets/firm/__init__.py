"""Shihu Garden (石斛园): the simulated firm behind the course's running case."""
