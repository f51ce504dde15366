"""Examples of the door of notebook 16: functions of points, and these points."""

from doors.inputs import RNG

POINTS = RNG.standard_normal((24, 3))

EXAMPLES = {"rehearsal": {"features": POINTS**2, "X": POINTS + 1.0, "each": 2}}
