"""How nbgrader hands out and grades the exercises; read by crmlib.course.grading and by Formgrader."""

c = get_config()  # noqa: F821  (nbgrader provides it)

c.ClearSolutions.code_stub = {"python": "# Your code here"}
c.ClearSolutions.text_stub = "*Write your answer here, in place of this line.*"

# A student who deleted a check gets it back, and is graded like everybody else.
c.OverwriteCells.add_missing_cells = True

# A student's code never runs here: `crmlib grade` ran it behind a wall, and its results are entered.
c.Autograde.autograde_preprocessors = [
    "crmlib.course.grading.mark.EnterResults",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.CheckCellMetadata",
]
