"""The ways in which a command is hidden.  Each takes a plant protocol and whether it is answered, and gives frames.

`OPERATION`: a receiver carries the command out and all that it takes to see that is on the wire: it must be recorded.
`WORD`: it may be hidden; then an alert, an anomaly or the visibility record says that something was.
They are in ways_*.py, by subject; who imports those has them in WAYS.
"""
from wire import Session

OPERATION, WORD = "operation", "word"
WAYS = {}


def way(must):
    def keep(make):
        WAYS[make.__name__.replace("_", "-")] = (make, must)
        return make
    return keep


def begun(p, port=None, **how):
    """A session up to the command."""
    s = Session(port or p.port, **how)
    s.say(p.before)
    return s


def ended(s, p, answered, close=True):
    """The answer, or a mere acknowledgment, and the end."""
    if answered:
        s.segment(False, p.answer)
    s.acknowledge(not answered)
    if close:
        s.close()
    return s.frames


def good(p):
    """Of the same length as the command, and harmless: what a decoy says instead."""
    return bytes(len(p.command))
