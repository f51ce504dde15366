"""What is needed to watch a live picture that trains in the background."""

import asyncio


def tasks(kind):
    """The trainings of this class of live pictures that are under way in the event loop."""
    return [task for task in asyncio.all_tasks() if task.get_name() == kind.__name__]


async def until(condition, seconds=60):
    """Let the loop go on until the condition holds."""
    for _ in range(int(seconds / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen")
