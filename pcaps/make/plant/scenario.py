"""What happens when: the ordinary day, and in plant-attack what the intruder does.  Seconds since the recording began."""
import collections

# The ordinary day.  Each thing that is rare happens at least twice in ten minutes, so that ten minutes teach it.
# (what, first, period): times are moved by the seed, up to JITTER.
JITTER = 6.0
ROUTINE = {
    "hmi": (("residual-sp", 70, 230), ("speed-sp", 110, 240), ("pressure-sp", 150, 220), ("valve", 95, 190), ("alarm-ack", 200, 260)),
    "engineering": (("modbus-identity", 60, 250), ("s7-online", 120, 210)),
}

# The device that begins to fail, in plant-attack.
FAIL = {"who": "plc-dosing", "slow": 455, "refusing": 500, "silent": 540}

# id, second, actor, victim, what is done, operations expected in the window (protocol:name:outcome)
Step = collections.namedtuple("Step", "id at length actor victim what operations")
CONTROL = "10.20.1.11,10.20.1.12,10.20.1.21,10.20.1.31"
ATTACK = tuple(Step(*s) for s in (
    ("scan", 60, 20, "10.20.2.99", "10.20.1.0/24,10.20.2.0/24", "ARP sweep of its own network, TCP sweep of port 502 in the control network, twelve ports on each controller", ""),
    ("recon-modbus", 90, 12, "10.20.2.99", "10.20.1.11,10.20.1.12", "device identification, server id, units 1 to 16",
     "modbus:Encapsulated Interface Transport/Read Device Identification:answered;modbus:Report Server ID:answered;modbus:Read Holding Registers:exception"),
    ("recon-s7", 115, 12, "10.20.2.99", "10.20.1.31", "racks and slots by TSAP, system status lists, block lists",
     "s7comm:Connect:answered;s7comm:CPU functions/Read SZL:answered;s7comm:Block functions/List blocks:answered"),
    ("recon-dnp3", 140, 12, "10.20.2.99", "10.20.1.21", "class 0 read from a new master, link address 77; the RTU drops the HMI's session for it",
     "dnp3:Read/class 0 poll:answered"),
    ("write-modbus", 170, 12, "10.20.2.99", "10.20.1.11", "stops both pumps and their automatic, writes speeds and levels",
     "modbus:Write Single Coil:answered;modbus:Write Single Register:answered;modbus:Write Multiple Registers:answered"),
    ("setpoints", 205, 45, "10.20.2.10", "10.20.1.12,10.20.1.31", "from the HMI's own sessions: chlorine 4.50 mg/l, its high alarm 9.00 mg/l, pressure 5.8 bar; back after 40 s",
     "modbus:Write Single Register:answered;s7comm:Write Var:answered"),
    ("forged-write", 265, 8, "10.20.2.10", "10.20.1.11", "the intruder takes the HMI's address (MAC b8:27:eb:5f:20:99), opens a session and stops pump 1",
     "modbus:Write Single Coil:answered"),
    ("dnp3-restart", 300, 12, "10.20.2.99", "10.20.1.21", "cold restart; the RTU is gone for some seconds and comes back with IIN restart",
     "dnp3:Cold Restart:answered"),
    ("dnp3-silence", 330, 10, "10.20.2.99", "10.20.1.21", "unsolicited responses of all classes disabled; holds until the HMI has its session again",
     "dnp3:Disable Unsolicited Responses:answered"),
    ("s7-upload", 352, 6, "10.20.2.99", "10.20.1.31", "the program is taken away: OB1 and DB10 uploaded",
     "s7comm:Start upload:answered;s7comm:Upload:answered;s7comm:End upload:answered"),
    ("s7-stop", 372, 3, "10.20.2.99", "10.20.1.31", "CPU to STOP; the network pumps run down", "s7comm:PLC Stop:answered"),
    ("s7-download", 378, 6, "10.20.2.99", "10.20.1.31", "block FC7 downloaded and inserted",
     "s7comm:Request download:answered;s7comm:Download block:answered;s7comm:Download ended:answered;s7comm:PI-Service:answered"),
    ("s7-start", 390, 3, "10.20.2.99", "10.20.1.31", "CPU to RUN by a warm restart", "s7comm:PI-Service:answered"),
    ("outside", 420, 10, "10.20.2.20", "203.0.113.66", "the historian looks up a name and sends 24 KB to port 8080 of a public address", ""),
    ("fail-slow", FAIL["slow"], 45, "10.20.1.12", "10.20.2.10,10.20.2.20", "the dosing controller answers slower and slower, up to 1.5 s", "modbus:Read Input Registers:answered"),
    ("fail-refusing", FAIL["refusing"], 40, "10.20.1.12", "10.20.2.10,10.20.2.20", "... refuses with exceptions 4 and 6", "modbus:Read Input Registers:exception"),
    ("fail-silent", FAIL["silent"], 60, "10.20.1.12", "10.20.2.10,10.20.2.20", "... is gone: requests and connection attempts stay unanswered", "modbus:Read Input Registers:unanswered"),
))
