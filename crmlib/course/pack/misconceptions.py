"""What goes wrong in each task, as the checks know it: a page for the teacher."""

from __future__ import annotations

from crmlib.course.checks import Recipe, tasks
from crmlib.course.checks.tasks import Task
from crmlib.course.pack.lessons import lessons


def page() -> str:
    """List for every task its usual mistakes, with what the student is told."""
    parts = [
        "# Usual mistakes",
        "By task, as the checks name them; two of them together are named as well. Slips that come "
        "with the kind of answer (a percentage, the rest, the wrong sign) are not repeated here.",
    ]
    for lesson in lessons().values():
        if lesson.exercise:
            parts.append(f"## {lesson.number} {lesson.title}")
            parts += [_task(task) for task in tasks.load(lesson.path.stem).values()]
    return "\n\n".join(parts) + "\n"


def _task(task: Task) -> str:
    lines = [f"**{task.name.replace('_', ' ')}**"]
    if isinstance(task, Recipe):
        by = {}
        for label, message in task.messages.items():
            by.setdefault(label.partition("=")[0], []).append(message)
        lines += [f"- *{name.replace('_', ' ')}*: {' '.join(told)}" for name, told in by.items()]
    else:
        lines += [f"- {message}" for message in task.messages.values()]
    return "\n".join(lines)
