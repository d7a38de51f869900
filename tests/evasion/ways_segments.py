"""Ways in which a command is cut into segments: everything is there, once."""
from ways import OPERATION, WORD, begun, ended, way
from wire import ACK, SYN, Session


@way(OPERATION)
def plain(p, answered):
    s = begun(p)
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(OPERATION)
def single_bytes(p, answered):
    s = begun(p)
    for i in range(len(p.command)):
        s.segment(True, p.command[i:i + 1])
    return ended(s, p, answered)


@way(OPERATION)
def all_in_single_bytes(p, answered):
    s = Session(p.port)
    for up, data in p.session(answered):
        for i in range(len(data)):
            s.segment(up, data[i:i + 1])
    s.close()
    return s.frames


def halves(at):
    def make(p, answered):
        s = begun(p)
        n = at(len(p.command))
        s.segment(True, p.command[:n])
        s.segment(True, p.command[n:])
        return ended(s, p, answered)
    return make


for label, at in (("first_byte", lambda n: 1), ("middle", lambda n: n // 2), ("last_byte", lambda n: n - 1)):
    f = halves(at)
    f.__name__ = "cut_at_" + label
    way(OPERATION)(f)


@way(OPERATION)
def halves_out_of_order(p, answered):
    s = begun(p)
    n = len(p.command) // 2
    s.put(True, s.packet(True, p.command[n:], at=n))
    s.put(True, s.packet(True, p.command[:n]))
    s.seq[True] += len(p.command)
    return ended(s, p, answered)


@way(OPERATION)
def bytes_backwards(p, answered):
    s = begun(p)
    for i in reversed(range(len(p.command))):
        s.put(True, s.packet(True, p.command[i:i + 1], at=i))
    s.seq[True] += len(p.command)
    return ended(s, p, answered)


@way(OPERATION)
def behind_another_in_one_segment(p, answered):
    s = begun(p)
    s.segment(True, p.before[-2][1] + p.command)
    s.segment(False, p.before[-1][1])
    return ended(s, p, answered)


@way(OPERATION)
def keep_alive_before(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, b"\0", flags=ACK, at=-1))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(OPERATION)
def data_in_the_handshake(p, answered):
    """The client's first bytes come with the last step of the handshake."""
    s = Session(p.port, handshake=False)
    s.segment(True, flags=SYN)
    s.segment(False, flags=SYN | ACK)
    s.say(p.before)
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(WORD)
def data_with_the_syn(p, answered):
    s = Session(p.port, handshake=False)
    s.segment(True, p.before[0][1], flags=SYN)
    s.segment(False, flags=SYN | ACK)
    s.say(p.before[1:])
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(OPERATION)
def sequence_wraps(p, answered):
    s = begun(p, isn=(0xfffffff0 - sum(len(d) for up, d in p.before if up), 0xffffff80))
    s.segment(True, p.command)
    return ended(s, p, answered)
