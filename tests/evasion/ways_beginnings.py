"""Ways in which a session begins: midway, with junk, on an odd port, as another protocol."""
import plant
from ways import OPERATION, WORD, begun, ended, way
from wire import Session


@way(OPERATION)
def first_message_of_a_session(p, answered):
    s = Session(p.port)
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(OPERATION)
def joined_midway(p, answered):
    s = Session(p.port, handshake=False)
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(OPERATION)
def half_a_message_before_it_midway(p, answered):
    s = Session(p.port, handshake=False)
    s.segment(True, p.before[-2][1][len(p.before[-2][1]) // 2:] + p.command)
    return ended(s, p, answered)


@way(OPERATION)
def one_direction(p, answered):
    s = Session(p.port, handshake=False)
    for up, data in p.before + [(True, p.command)]:
        if up:
            s.segment(True, data)
    return s.frames


def junk(n, seed=7):
    out = bytearray()
    for _ in range(n):
        seed = seed * 1103515245 + 12345 & 0x7fffffff
        out.append(seed >> 16 & 0xff)
    return bytes(out)


def noisy(up, n, port=None, whole=True):
    def make(p, answered):
        s = Session(port or p.port)
        for i in range(n):
            s.segment(up, junk(40, i + 1))
        if whole:
            s.say(p.before)
        s.segment(True, p.command)
        return ended(s, p, answered)
    return make


for label, f, must in (("junk_before", noisy(True, 1), OPERATION), ("junk_from_the_server_before", noisy(False, 1), OPERATION),
                       ("much_junk_before", noisy(True, 40), OPERATION), ("junk_before_the_first", noisy(True, 1, whole=False), OPERATION),
                       ("much_junk_on_an_odd_port", noisy(True, 40, port=41414), WORD),
                       ("junk_on_an_odd_port", noisy(False, 3, port=41414), WORD)):
    f.__name__ = label
    way(must)(f)


@way(WORD)
def odd_port(p, answered):
    s = begun(p, port=41414)
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(WORD)
def alone_on_an_odd_port(p, answered):
    s = Session(41414)
    s.segment(True, p.command)
    return ended(s, p, answered)


def after_another(which):
    """Three messages of another protocol come first, on this one's port."""
    def make(p, answered):
        q = plant.PLANTS[(plant.PLANTS.index(p) + which) % len(plant.PLANTS)]
        s = Session(p.port)
        for _ in range(3):
            s.say(q.before[-2:])
        s.say(p.before)
        s.say(p.before[-2:])
        s.segment(True, p.command)
        return ended(s, p, answered)
    return make


for label, f in (("after_another_protocol", after_another(1)), ("after_a_third_protocol", after_another(2))):
    f.__name__ = label
    way(OPERATION)(f)


@way(WORD)
def halves_of_others_push_it_out(p, answered):
    s = begun(p)
    n = len(p.command) // 2
    s.segment(True, p.command[:n])
    for i in range(300):
        other = Session(p.port, sport=50000 + i, start=s.now, frames=s.frames)
        other.say(p.before[:2])
        other.segment(True, p.command[:n])
        s.now = other.now
    s.segment(True, p.command[n:])
    return ended(s, p, answered)


@way(OPERATION)
def reconnects(p, answered):
    """The command is the first message of a second connection from the same port."""
    s = begun(p)
    s.close()
    t = Session(p.port, start=s.now + 1, isn=(5000000, 7000000), frames=s.frames)
    t.segment(True, p.command)
    return ended(t, p, answered)
