"""Ways in which bytes are sent more than once, and the copies differ."""
from ways import OPERATION, WORD, begun, ended, good, way
from wire import ACK, PSH, URG


def contradicted(first, second, keep=0):
    """Two copies, of which one is the command.  The first `keep` bytes are equal."""
    def make(p, answered):
        s = begun(p)
        for which in (first, second):
            data = p.command if which else p.command[:keep] + good(p)[keep:]
            s.put(True, s.packet(True, data))
        s.seq[True] += len(p.command)
        return ended(s, p, answered)
    return make


for label, f in (("decoy_then_command", contradicted(False, True)), ("command_then_decoy", contradicted(True, False)),
                 ("decoy_of_the_last_bytes_first", contradicted(False, True, keep=8))):
    f.__name__ = label
    way(WORD)(f)


@way(OPERATION)
def decoy_with_a_wrong_checksum_first(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, good(p), good=False))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(OPERATION)
def decoy_with_a_wrong_checksum_behind(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, p.command))
    s.put(True, s.packet(True, good(p), good=False))
    s.seq[True] += len(p.command)
    return ended(s, p, answered)


@way(WORD)
def decoy_that_dies_on_the_way(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, good(p), ttl=1))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(WORD)
def one_byte_differs_in_a_large_segment(p, answered):
    """More bytes than a short history holds; their beginning is another command in the second copy."""
    s = begun(p)
    filler = b"".join(p.before[-2][1] for _ in range(1300 // len(p.before[-2][1])))
    harmless = p.before[-2][1] + filler
    hidden = p.command + harmless[len(p.command):]
    s.put(True, s.packet(True, harmless))
    s.put(True, s.packet(True, hidden))
    s.seq[True] += len(harmless)
    return ended(s, p, answered)


@way(WORD)
def second_half_twice(p, answered):
    s = begun(p)
    n = len(p.command) // 2
    s.put(True, s.packet(True, good(p)[n:], at=n))
    s.put(True, s.packet(True, p.command[n:], at=n))
    s.put(True, s.packet(True, p.command[:n]))
    s.seq[True] += len(p.command)
    return ended(s, p, answered)


@way(WORD)
def urgent_byte(p, answered):
    """A receiver takes the urgent byte out of the stream."""
    s = begun(p)
    n = len(p.command) // 2
    data = p.command[:n] + b"!" + p.command[n:]
    s.put(True, s.packet(True, data, flags=PSH | ACK | URG, urgent=n + 1))
    s.seq[True] += len(data)
    return ended(s, p, answered)
