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

# id; at which second; how long it may take; who; to whom; the operations that must be seen (protocol:name[/subname]:outcome);
# what is done.
Step = collections.namedtuple("Step", "id at length actor victim operations what")
LAPTOP, HMI, HISTORIAN = "10.20.2.99", "10.20.2.10", "10.20.2.20"
INTAKE, DOSING, RTU, NETWORK = "10.20.1.11", "10.20.1.12", "10.20.1.21", "10.20.1.31"
POLLERS = f"{HMI},{HISTORIAN}"

ATTACK = (
    Step("scan", 60, 20, LAPTOP, "10.20.1.0/24,10.20.2.0/24", "",
         "ARP sweep of its own network, TCP sweep of port 502 in the control network, twelve ports on each controller"),
    Step("recon-modbus", 90, 12, LAPTOP, f"{INTAKE},{DOSING}",
         "modbus:Encapsulated Interface Transport/Read Device Identification:answered;modbus:Report Server ID:answered;"
         "modbus:Read Holding Registers:exception",
         "device identification, server id, units 1 to 16"),
    Step("recon-s7", 115, 12, LAPTOP, NETWORK,
         "s7comm:Connect:answered;s7comm:CPU functions/Read SZL:answered;s7comm:Block functions/List blocks:answered",
         "racks and slots by TSAP, system status lists, block lists"),
    Step("recon-dnp3", 140, 12, LAPTOP, RTU, "dnp3:Read/class 0 poll:answered",
         "class 0 read from a new master, link address 77; the RTU drops the HMI's session for it"),
    Step("write-modbus", 170, 12, LAPTOP, INTAKE,
         "modbus:Write Single Coil:answered;modbus:Write Single Register:answered;modbus:Write Multiple Registers:answered",
         "stops both pumps and their automatic, writes speeds and levels"),
    Step("setpoints", 205, 45, HMI, f"{DOSING},{NETWORK}", "modbus:Write Single Register:answered;s7comm:Write Var:answered",
         "from the HMI's own sessions: chlorine 4.50 mg/l, its high alarm 9.00 mg/l, pressure 5.8 bar; back after 40 s"),
    Step("forged-write", 265, 8, HMI, INTAKE, "modbus:Write Single Coil:answered",
         "the intruder takes the HMI's address (MAC b8:27:eb:5f:20:99), opens a session, takes the automatic off, stops pump 2"),
    Step("dnp3-restart", 300, 12, LAPTOP, RTU, "dnp3:Cold Restart:answered",
         "cold restart; the RTU is gone for some seconds and comes back with IIN restart"),
    Step("dnp3-silence", 330, 10, LAPTOP, RTU, "dnp3:Disable Unsolicited Responses:answered",
         "unsolicited responses of all classes disabled; holds until the HMI has its session again"),
    Step("s7-upload", 352, 6, LAPTOP, NETWORK, "s7comm:Start upload:answered;s7comm:Upload:answered;s7comm:End upload:answered",
         "the program is taken away: OB1 and DB10 uploaded"),
    Step("s7-stop", 372, 3, LAPTOP, NETWORK, "s7comm:PLC Stop:answered", "CPU to STOP; the network pumps run down"),
    Step("s7-download", 378, 6, LAPTOP, NETWORK,
         "s7comm:Request download:answered;s7comm:Download block:answered;s7comm:Download ended:answered;s7comm:PI-Service:answered",
         "block FC7 downloaded and inserted"),
    Step("s7-start", 390, 3, LAPTOP, NETWORK, "s7comm:PI-Service:answered", "CPU to RUN by a warm restart"),
    Step("outside", 420, 10, HISTORIAN, "203.0.113.66", "",
         "the historian looks up a name and sends 24 KB to port 8080 of a public address"),
    Step("fail-slow", FAIL["slow"], 45, DOSING, POLLERS, "modbus:Read Input Registers:answered",
         "the dosing controller answers slower and slower, up to 1.5 s"),
    Step("fail-refusing", FAIL["refusing"], 40, DOSING, POLLERS, "modbus:Read Input Registers:exception",
         "... refuses with exceptions 4 and 6"),
    Step("fail-silent", FAIL["silent"], 60, DOSING, POLLERS, "modbus:Read Input Registers:unanswered",
         "... is gone: requests and connection attempts stay unanswered"),
)
