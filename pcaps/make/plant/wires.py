"""The wires between the process and the controllers: named numbers in a shared file, as 4-20 mA loops and contacts
are in a plant.  The process writes what instruments measure; controllers write what drives are told."""
import mmap
import os
import struct

NAMES = """P101_cmd P102_cmd P101_set P102_set P101_speed P102_speed FT101 PT101 LT101 TT101 AT101 RT101 LT201 V101_open
DOSE_cmd DOSE_run AT201 AT202 LT202 FT202 AT201_set AT201_low AT201_high DOSE_max DOSE_auto DOSE_enable AUTO_intake
LT201_start LT201_stop FT101_max HEART UT1 IT1 JT1 ET1
P301_cmd P302_cmd P301_speed P302_speed PT301 FT301 JT301 PT301_set PT301_min PT301_max
V401_cmd V401_pos LT401 FT401 PT401 ET401 TT401 QT401 NV401 DOOR401 LT401_set""".split()
AT = {name: i for i, name in enumerate(NAMES)}


class Wires:
    def __init__(self, path):
        if not os.path.exists(path):
            with open(path, "wb") as f:
                f.write(bytes(8 * len(NAMES)))
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 0)

    def __getitem__(self, name):
        return struct.unpack_from("<d", self.map, 8 * AT[name])[0]

    def __setitem__(self, name, value):
        struct.pack_into("<d", self.map, 8 * AT[name], float(value))
