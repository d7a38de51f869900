"""Ways in which a command is cut into IP fragments."""
import struct

from ways import OPERATION, WORD, begun, ended, way
from wire import ip4


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
