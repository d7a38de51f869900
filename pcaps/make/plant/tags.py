"""The tag list: what each address of each controller means.  README.md's tables come from here (`plant --tags`)."""
import collections

# space: coil discrete input holding; raw = value * scale; low..high is what normal work shows, in the tag's unit
Tag = collections.namedtuple("Tag", "space address wire scale name unit low high meaning")

INTAKE = [Tag(*t) for t in (
    ("coil", 0, "P101_cmd", 1, "P101_CMD", "", 0, 1, "intake pump 1: run"),
    ("coil", 1, "P102_cmd", 1, "P102_CMD", "", 0, 1, "intake pump 2: run"),
    ("coil", 2, "AUTO_intake", 1, "INTAKE_AUTO", "", 1, 1, "pumps follow the clear-water level"),
    ("discrete", 0, "P101_speed", 1, "P101_RUN", "", 0, 1, "intake pump 1 turns"),
    ("discrete", 1, "P102_speed", 1, "P102_RUN", "", 0, 1, "intake pump 2 turns"),
    ("discrete", 2, "V101_open", 1, "V101_OPEN", "", 1, 1, "raw water valve open"),
    ("input", 0, "FT101", 10, "FT101", "m3/h", 40, 120, "intake flow"),
    ("input", 1, "PT101", 100, "PT101", "bar", 1.4, 4.2, "pressure behind the intake pumps"),
    ("input", 2, "LT101", 100, "LT101", "m", 5.5, 7, "level in the well"),
    ("input", 3, "P101_speed", 10, "P101_SPEED", "%", 0, 100, "speed of intake pump 1"),
    ("input", 4, "P102_speed", 10, "P102_SPEED", "%", 0, 100, "speed of intake pump 2"),
    ("input", 5, "TT101", 10, "TT101", "C", 11, 12, "raw water temperature"),
    ("input", 6, "AT101", 100, "AT101", "NTU", 0.3, 0.8, "turbidity"),
    ("input", 7, "LT201", 100, "LT201", "m", 2.1, 2.8, "level in the clear-water tank"),
    ("input", 8, "RT101", 1, "RT101", "h", 12000, 14000, "running hours of intake pump 1"),
    ("holding", 0, "LT201_start", 100, "LT201_START", "m", 2.2, 2.4, "pump 2 starts below"),
    ("holding", 1, "LT201_stop", 100, "LT201_STOP", "m", 2.5, 2.7, "pump 2 stops above"),
    ("holding", 2, "P101_set", 10, "P101_SP", "%", 88, 95, "speed set-point of pump 1"),
    ("holding", 3, "P102_set", 10, "P102_SP", "%", 80, 90, "speed set-point of pump 2"),
    ("holding", 4, "FT101_max", 10, "FT101_MAX", "m3/h", 130, 130, "flow limit"),
    ("holding", 9, "HEART", 1, "HMI_ALIVE", "", 0, 65535, "counter that the HMI writes every ten seconds"),
)]
DOSING = [Tag(*t) for t in (
    ("coil", 0, "DOSE_enable", 1, "DOSE_ENABLE", "", 1, 1, "dosing allowed"),
    ("coil", 1, "DOSE_auto", 1, "DOSE_AUTO", "", 1, 1, "dosing follows the residual"),
    ("discrete", 0, "DOSE_run", 1, "DOSE_RUN", "", 0, 1, "dosing pump runs"),
    ("input", 0, "AT201", 100, "AT201", "mg/l", 0.5, 1.2, "residual chlorine"),
    ("input", 1, "AT202", 100, "AT202", "pH", 7.3, 7.5, "pH"),
    ("input", 2, "DOSE_cmd", 10, "DOSE_STROKE", "%", 10, 90, "stroke of the dosing pump"),
    ("input", 3, "FT202", 1000, "FT202", "l/h", 0, 2, "hypochlorite dosed"),
    ("input", 4, "LT202", 10, "LT202", "%", 55, 80, "hypochlorite left"),
    ("input", 5, "FT101", 10, "FT201", "m3/h", 40, 120, "flow through the contact tank"),
    ("holding", 0, "AT201_set", 100, "AT201_SP", "mg/l", 0.75, 0.9, "residual chlorine set-point"),
    ("holding", 1, "AT201_low", 100, "AT201_LOW", "mg/l", 0.3, 0.3, "low alarm"),
    ("holding", 2, "AT201_high", 100, "AT201_HIGH", "mg/l", 1.5, 1.5, "high alarm"),
    ("holding", 3, "DOSE_max", 10, "DOSE_MAX", "%", 90, 90, "largest stroke"),
)]
METER = [Tag(*t) for t in (
    ("input", 0, "UT1", 10, "UT1", "V", 396, 404, "voltage"),
    ("input", 1, "IT1", 10, "IT1", "A", 5, 45, "current"),
    ("input", 2, "JT1", 100, "JT1", "kW", 3, 28, "power of the intake"),
    ("input", 3, "ET1", 1, "ET1", "kWh", 48000, 50000, "energy"),
)]
MODBUS = {"plc-intake": {1: INTAKE}, "plc-dosing": {1: DOSING, 2: METER}}

# S7: data block, byte offset, wire, name, unit, low, high, meaning; all REAL
S7 = (
    (10, 0, "PT301", "PT301", "bar", 4, 5, "network pressure"),
    (10, 4, "FT301", "FT301", "m3/h", 40, 110, "flow into the network"),
    (10, 8, "P301_speed", "P301_SPEED", "%", 60, 100, "speed of network pump 1"),
    (10, 12, "P302_speed", "P302_SPEED", "%", 0, 100, "speed of network pump 2"),
    (10, 16, "JT301", "JT301", "kW", 5, 40, "power of the network pumps"),
    (10, 20, "LT201", "LT201", "m", 2.1, 2.8, "level in the clear-water tank"),
    (20, 0, "PT301_set", "PT301_SP", "bar", 4.3, 4.7, "pressure set-point"),
    (20, 4, "PT301_min", "PT301_MIN", "bar", 3.5, 3.5, "low alarm"),
    (20, 8, "PT301_max", "PT301_MAX", "bar", 6, 6, "high alarm, trips the pumps"),
)

# DNP3: kind, index, wire, scale, name, unit, low, high, meaning, what change is an event (raw)
DNP3 = (
    ("binary input", 0, "DOOR401", 1, "ZS401", "", 0, 0, "door of the valve house open", 1),
    ("binary input", 1, "V401_pos", 0.0101, "V401_OPEN", "", 0, 1, "inlet valve fully open", 1),
    ("analog input", 0, "LT401", 100, "LT401", "m", 2.8, 3.6, "level in the reservoir", 1),
    ("analog input", 1, "FT401", 10, "FT401", "m3/h", 8, 18, "flow to the upper town", 5),
    ("analog input", 2, "PT401", 1, "PT401", "mbar", 270, 350, "pressure at the bottom", 2),
    ("analog input", 3, "ET401", 100, "ET401", "V", 26, 27, "battery", 20),
    ("counter", 0, "QT401", 1, "QT401", "m3", 918000, 921000, "volume delivered", 1),
    ("binary output", 0, "V401_cmd", 1, "V401_CMD", "", 0, 1, "inlet valve: latch on opens, latch off closes", 1),
    ("analog output", 0, "LT401_set", 100, "LT401_SP", "m", 3.2, 3.2, "level set-point", 1),
)


def markdown():
    out = []
    for host, units in MODBUS.items():
        for unit, tags in units.items():
            out += ["", f"### {host}, Modbus unit {unit}", "", "| space | address | tag | raw is | unit | normal | meaning |", "|---|---|---|---|---|---|---|"]
            out += [f"| {t.space} | {t.address} | {t.name} | {'value' if t.scale == 1 else f'value x {t.scale}'} | {t.unit} | {t.low} to {t.high} | {t.meaning} |"
                    for t in tags]
    out += ["", "### plc-network, S7, rack 0 slot 2; all REAL", "", "| address | tag | unit | normal | meaning |", "|---|---|---|---|---|"]
    out += [f"| DB{db}.DBD{at} | {name} | {unit} | {low} to {high} | {what} |" for db, at, _, name, unit, low, high, what in S7]
    out += ["", "### rtu-hill, DNP3 outstation 10", "", "| kind | index | tag | raw is | unit | normal | meaning |", "|---|---|---|---|---|---|---|"]
    out += [f"| {kind} | {i} | {name} | {'value' if scale in (1, 0.0101) else f'value x {scale}'} | {unit} | {low} to {high} | {what} |"
            for kind, i, _, scale, name, unit, low, high, what, _ in DNP3]
    return "\n".join(out)
