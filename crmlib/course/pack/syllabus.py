"""Courses of six, twelve and sixteen weeks, with the minutes that each week takes."""

from __future__ import annotations

from crmlib.course.pack.lessons import Lesson, lessons

WEEKS = {
    6: [
        "00 0.1 0.2",
        "1.1 1.3 1.4",
        "2.1 2.4 2.5",
        "2.7 3.4",
        "3.5 4.2",
        "4.5 5.2",
    ],
    12: [
        "00 0.1 0.2",
        "1.1 1.2",
        "1.3 1.4",
        "1.6 1.8",
        "2.1 2.2",
        "2.3 2.4",
        "2.5 2.7",
        "3.1 3.2",
        "3.4 3.5",
        "4.1 4.2",
        "4.3 4.5",
        "5.1 5.2",
    ],
    16: [
        "00 0.1 0.2",
        "1.1 1.2",
        "1.3 1.4",
        "1.5 1.6",
        "1.7 1.8",
        "2.1 2.2",
        "2.3 2.4",
        "2.5 2.6",
        "2.7",
        "3.1 3.2",
        "3.3 3.4",
        "3.5 3.6",
        "4.1 4.2",
        "4.3 4.4",
        "4.5 4.6",
        "5.1 5.2",
    ],
}
_LEFT_OUT = {
    6: "Satisfaction, value and one list to act on. What the weeks leave out is for readers.",
    12: "Every chapter; the short ways through each.",
    16: "The whole course.",
}


def page() -> str:
    """Write the syllabus in Markdown: for every week the notebooks, their minutes and their sets'."""
    parts = [
        "# Syllabus",
        "Minutes are those that the notebooks and sets name for working through them alone. Projects "
        "and the role play are not in the sums.",
    ]
    for weeks, plan in WEEKS.items():
        parts += [f"## {weeks} weeks", _LEFT_OUT[weeks], _table(plan)]
        if missing := unprepared(plan):
            wanted = "; ".join(f"{number} builds on {needs}" for number, needs in missing.items())
            parts.append(f"Left out, though built upon (say the result in class): {wanted}.")
    return "\n\n".join(parts) + "\n"


def unprepared(plan: list[str]) -> dict[str, str]:
    """List what a plan's lessons build on and have not had, by lesson."""
    had, missing = set(), {}
    for number in " ".join(plan).split():
        if needs := [n for n in lessons()[number].builds_on if n not in had]:
            missing[number] = ", ".join(needs)
        had.add(number)
    return missing


def _table(plan: list[str]) -> str:
    rows = ["| week | notebooks | reading | exercises |", "|---|---|---|---|"]
    total = [0, 0]
    for week, numbers in enumerate(plan, start=1):
        taught = [lessons()[number] for number in numbers.split()]
        times = sum(t.minutes for t in taught), sum(t.exercise for t in taught)
        total = [sum(both) for both in zip(total, times, strict=True)]
        names = "; ".join(map(_name, taught))
        rows.append(f"| {week} | {names} | {times[0]} | {times[1]} |")
    return "\n".join([*rows, f"| | **minutes in all** | **{total[0]}** | **{total[1]}** |"])


def _name(lesson: Lesson) -> str:
    return lesson.title if lesson.number == "00" else f"{lesson.number} {lesson.title}"
