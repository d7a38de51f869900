"""The ways in which a command is hidden.  Each takes a plant protocol and whether it is answered, and gives frames.

`OPERATION`: a receiver carries the command out and all that it takes to see that is on the wire: it must be recorded.
`WORD`: it may be hidden; then an alert, an anomaly or the visibility record says that something was.
"""
import struct

import plant
from wire import ACK, FIN, PSH, RST, SYN, URG, Session, ether, ip4, udp

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


# ---- segmentation -----------------------------------------------------------

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


# ---- overlap ----------------------------------------------------------------

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


# ---- forged segments --------------------------------------------------------

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


# ---- fragments --------------------------------------------------------------

def fragments(packet, size=8, order=None):
    """The IP packet in pieces of `size` bytes."""
    head, body = bytearray(packet[:20]), packet[20:]
    out = []
    for at in range(0, len(body), size):
        more = 0x2000 if at + size < len(body) else 0
        out.append(ip4(body[at:at + size], proto=head[9], src=bytes(head[12:16]), dst=bytes(head[16:20]),
                       ident=struct.unpack_from(">H", head, 4)[0], flags=more | at // 8))
    return out if order is None else [out[i] for i in order(len(out))]


def fragmented(order=None, size=8):
    def make(p, answered):
        s = begun(p)
        for piece in fragments(s.packet(True, p.command), size, order):
            s.put(True, piece)
        s.seq[True] += len(p.command)
        return ended(s, p, answered)
    return make


for label, f in (("fragments", fragmented()), ("fragments_backwards", fragmented(lambda n: reversed(range(n)))),
                 ("two_fragments", fragmented(size=24)), ("fragments_twice", fragmented(lambda n: [0, 1, 1, *range(2, n)]))):
    f.__name__ = label
    way(OPERATION)(f)


@way(WORD)
def fragment_missing(p, answered):
    return fragmented(lambda n: range(n - 1))(p, answered)


def decoy_fragment(first, wrong_sum):
    def make(p, answered):
        s = begun(p)
        pieces = fragments(s.packet(True, p.command), 24)
        head = pieces[-1][:20]
        bad = head[:10] + (struct.pack(">H", struct.unpack_from(">H", head, 10)[0] ^ 0x1111) if wrong_sum else head[10:12]) + head[12:]
        decoy = bad + bytes(len(pieces[-1]) - 20)
        order = pieces[:-1] + ([decoy, pieces[-1]] if first else [pieces[-1], decoy])
        if not first:
            order = [pieces[-1], decoy] + pieces[:-1]
        for piece in order:
            s.put(True, piece)
        s.seq[True] += len(p.command)
        return ended(s, p, answered)
    return make


for label, f in (("decoy_fragment_first", decoy_fragment(True, False)), ("decoy_fragment_second", decoy_fragment(False, False)),
                 ("decoy_fragment_with_a_wrong_checksum", decoy_fragment(True, True))):
    f.__name__ = label
    way(WORD)(f)


# ---- tags and tunnels -------------------------------------------------------

def tagged(*tags):
    """Bytes between the addresses and the IP packet."""
    def make(p, answered):
        def wrap(packet, up):
            e = ether(packet, up)
            return e[:12] + b"".join(tags) + e[12:]
        s = Session(p.port, handshake=False)
        for flags, up in ((SYN, True), (SYN | ACK, False), (ACK, True)):
            s.segment(up, flags=flags, wrap=wrap)
        s.say(p.session(answered), wrap=wrap)
        return s.frames
    return make


for label, tags in (
        ("vlan", [b"\x81\0\0\x0a"]), ("qinq", [b"\x88\xa8\0\x0a", b"\x81\0\0\x14"]), ("three_vlans", [b"\x81\0\0\x0a"] * 3),
        ("tag_9100", [b"\x91\0\0\x0a"]), ("tag_9300", [b"\x93\0\0\x0a"]), ("vn_tag", [b"\x89\x26\0\0\0\0"]),
        ("e_tag", [b"\x89\x3f\0\0\0\0\0\0"]), ("cisco_metadata", [b"\x89\x09\x01\x01\0\0\0\x01"]),
        ("vlan_and_vn_tag", [b"\x89\x26\0\0\0\0", b"\x81\0\0\x0a"]),
        ("mpls", [b"\x88\x47\0\x01\x01\x40"])):
    f = tagged(*tags)
    if label == "mpls":
        def f(p, answered):
            s = Session(p.port, handshake=False)
            def wrap(packet, up):
                return ether(b"\0\x01\x01\x40" + packet, up, 0x8847)
            for flags, up in ((SYN, True), (SYN | ACK, False), (ACK, True)):
                s.segment(up, flags=flags, wrap=wrap)
            s.say(p.session(answered), wrap=wrap)
            return s.frames
    f.__name__ = label
    way(OPERATION)(f)


def tunnelled(outer, must):
    """`outer(frame, up)`: the Ethernet frame of the tunnel."""
    def make(p, answered):
        def wrap(packet, up):
            return outer(ether(packet, up), up)
        s = Session(p.port, handshake=False)
        for flags, up in ((SYN, True), (SYN | ACK, False), (ACK, True)):
            s.segment(up, flags=flags, wrap=wrap)
        s.say(p.session(answered), wrap=wrap)
        return s.frames
    make.must = must
    return make


SWITCH, SENSOR = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 9])


def in_ip(proto, head=b"", ethernet=False):
    return lambda e, up: ether(ip4(head + (e if ethernet else e[14:]), proto=proto, src=SWITCH, dst=SENSOR))


def in_udp(port, head=b"", ethernet=False, sport=40000):
    return lambda e, up: ether(ip4(udp(head + (e if ethernet else e[14:]), sport, port), proto=17, src=SWITCH, dst=SENSOR))


def pbb(e, up):
    return e[:12] + b"\x88\xe7\0\0\x12\x34" + e


def macsec(e, up):
    """Integrity alone: the user data is clear."""
    return e[:12] + b"\x88\xe5" + b"\x20\0" + b"\0\0\0\x01" + b"\x02\0\0\0\0\x0a\0\x01" + e[12:] + b"\xcc" * 16


def macsec_encrypted(e, up):
    return e[:12] + b"\x88\xe5" + b"\x2c\0" + b"\0\0\0\x01" + b"\x02\0\0\0\0\x0a\0\x01" + bytes(b ^ 0x5a for b in e[12:]) + b"\xcc" * 16


TEREDO_SRC = bytes.fromhex("20010000c0000201")


def ip6(payload, proto, up, prefix=bytes.fromhex("20010db800200000")):
    a, b = prefix + bytes(7) + b"\x0a", prefix + bytes(7) + b"\x14"
    return struct.pack(">IHBB", 0x60000000, len(payload), proto, 64) + (a + b if up else b + a) + payload


def teredo(e, up):
    packet = e[14:]
    inner = ip6(packet[20:], 6, up, TEREDO_SRC)
    return ether(ip4(udp(inner, 3544, 3544), proto=17, src=SWITCH, dst=SENSOR))


TUNNELS = {
    "ip_in_ip": (in_ip(4), OPERATION), "gre": (in_ip(47, b"\0\0\x08\0"), OPERATION),
    "gre_ethernet": (in_ip(47, b"\0\0\x65\x58", True), OPERATION), "etherip": (in_ip(97, b"\x30\0", True), OPERATION),
    "l2tp3_ip": (in_ip(115, b"\0\0\0\x07", True), OPERATION),
    "vxlan": (in_udp(4789, b"\x08\0\0\0\0\0\x0a\0", True), OPERATION),
    "vxlan_gpe": (in_udp(4790, b"\x0c\0\0\x01\0\0\x0a\0"), OPERATION),
    "vxlan_on_another_port": (in_udp(40789, b"\x08\0\0\0\0\0\x0a\0", True), WORD),
    "geneve": (in_udp(6081, b"\0\0\x65\x58\0\0\x0a\0", True), OPERATION),
    "gtp_u": (in_udp(2152, b"\x30\xff\0\x64\0\0\0\x01"), OPERATION),
    "tzsp": (in_udp(37008, b"\x01\0\0\x01\x01", True), OPERATION),
    "l2tp2": (in_udp(1701, b"\0\x02\0\x01\0\x01\xff\x03\0\x21", sport=1701), OPERATION),
    "teredo": (teredo, OPERATION), "pbb": (pbb, OPERATION), "macsec_clear": (macsec, OPERATION),
    "macsec_encrypted": (macsec_encrypted, WORD), "esp": (in_ip(50, b"\0\0\0\x01\0\0\0\x01"), WORD),
    "unknown_ip_protocol": (in_ip(253), WORD), "unknown_ethertype": (lambda e, up: ether(e[14:], up, 0x9abc), WORD),
    "unknown_udp_tunnel": (in_udp(45454, b"\x9d\x27\x51\x03"), WORD),
    "fou": (in_udp(5555), OPERATION),
}


def gtp_length(e, up):
    body = e[14:]
    return in_udp(2152, struct.pack(">BBHI", 0x30, 0xff, len(body), 1))(e, up)


TUNNELS["gtp_u"] = (gtp_length, OPERATION)
for label, (outer, must) in TUNNELS.items():
    f = tunnelled(outer, must)
    f.__name__ = label
    way(must)(f)


@way(OPERATION)
def ipv6(p, answered):
    s = Session(p.port, handshake=False)

    def wrap(packet, up):
        body = bytearray(packet[20:])
        return ether(ip6(bytes(body), 6, up), up, 0x86dd)
    for flags, up in ((SYN, True), (SYN | ACK, False), (ACK, True)):
        s.segment(up, flags=flags, wrap=wrap)
    s.say(p.session(answered), wrap=wrap)
    return s.frames


@way(OPERATION)
def two_vlans_the_same_addresses(p, answered):
    """A benign session of another VLAN with the same addresses, ports and nearly the same numbers."""
    frames = []
    a = Session(p.port, isn=(990, 899990))
    b = Session(p.port)
    a.say(p.before)
    b.say(p.before)
    b.segment(True, p.command)
    if answered:
        b.segment(False, p.answer)
    for s, tag in ((a, b"\x81\0\0\x0a"), (b, b"\x81\0\0\x14")):
        frames += [(t + (0.0002 if s is b else 0), e[:12] + tag + e[12:]) for t, e in s.frames]
    return sorted(frames)


# ---- beginnings -------------------------------------------------------------

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


# ---- wrong lengths ----------------------------------------------------------

def framed(change, later):
    """The command with its outer length changed: first in the session, or behind good messages."""
    def make(p, answered):
        b = bytearray(p.command)
        if p.name == "modbus":
            at, size = 4, ">H"
        elif p.name == "dnp3":
            at, size = 2, ">B"
        elif p.name == "iec104":
            at, size = 1, ">B"
        else:
            at, size = 2, ">H"
        n = struct.unpack_from(size, b, at)[0]
        struct.pack_into(size, b, at, max(0, min(change(n), 255 if size == ">B" else 65535)))
        if p.name == "dnp3":
            struct.pack_into("<H", b, 8, plant.dnp3.crc(bytes(b[:8])))
        s = begun(p) if later else Session(p.port)
        s.segment(True, bytes(b))
        return ended(s, p, answered)
    return make


for label, change in (("zero", lambda n: 0), ("one", lambda n: 1), ("one_less", lambda n: n - 1), ("one_more", lambda n: n + 1),
                      ("huge", lambda n: 65535), ("doubled", lambda n: 2 * n)):
    for later in (False, True):
        f = framed(change, later)
        f.__name__ = f"length_{label}_{'later' if later else 'first'}"
        way(WORD)(f)


@way(OPERATION)
def bytes_behind_it(p, answered):
    s = begun(p)
    s.segment(True, p.command + b"\0\0\0")
    return ended(s, p, answered)


@way(WORD)
def last_byte_missing(p, answered):
    s = begun(p)
    s.segment(True, p.command[:-1])
    return ended(s, p, answered)


@way(WORD)
def first_and_cut_short(p, answered):
    s = Session(p.port)
    s.segment(True, p.command[:-3])
    return ended(s, p, answered)


@way(OPERATION)
def reconnects(p, answered):
    """The command is the first message of a second connection from the same port."""
    s = begun(p)
    s.close()
    t = Session(p.port, start=s.now + 1, isn=(5000000, 7000000), frames=s.frames)
    t.segment(True, p.command)
    return ended(t, p, answered)
