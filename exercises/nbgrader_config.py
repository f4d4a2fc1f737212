"""How nbgrader hands out and grades the exercises; read by crmlib.course.grading and by Formgrader."""

c = get_config()  # noqa: F821  (nbgrader provides it)

c.ClearSolutions.code_stub = {"python": "# Your code here"}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

# A student who deleted a check gets it back, and is graded like everybody else.
c.OverwriteCells.add_missing_cells = True

# An endless loop ends here, and the cells after it still count.
c.Execute.timeout = 60
c.Execute.interrupt_on_timeout = True
