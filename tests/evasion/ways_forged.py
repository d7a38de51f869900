"""Ways in which segments are forged, missing, or claim what is not so."""
from ways import OPERATION, WORD, begun, ended, good, way
from wire import ACK, FIN, RST, SYN


@way(OPERATION)
def forged_reset(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, flags=RST, at=500000))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(OPERATION)
def reset_with_a_wrong_checksum(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, flags=RST | ACK, good=False))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(WORD)
def forged_syn(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, flags=SYN, at=700000))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(OPERATION)
def fin_with_a_wrong_checksum(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, flags=FIN | ACK, good=False))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(WORD)
def far_jump(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, good(p), at=400000000))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(WORD)
def acknowledged_but_never_sent(p, answered):
    s = begun(p)
    s.put(False, s.packet(False, flags=ACK, ack=s.seq[True] + 4000))
    s.segment(True, p.command)
    return ended(s, p, answered)


@way(WORD)
def command_behind_the_fin(p, answered):
    s = begun(p)
    s.segment(True, flags=FIN | ACK)
    s.seq[True] -= 1
    s.segment(True, p.command)
    return ended(s, p, answered, close=False)


@way(WORD)
def lost_segment(p, answered):
    s = begun(p)
    s.seq[True] += len(p.command)
    return ended(s, p, answered)


@way(WORD)
def over_long_ip_length(p, answered):
    s = begun(p)
    s.put(True, s.packet(True, p.command, total=20 + 20 + len(p.command) + 200))
    s.seq[True] += len(p.command)
    return ended(s, p, answered)
