"""Who stands where: zones, stations, addresses.  The MAC prefixes are those of the vendors named."""
import collections

Host = collections.namedtuple("Host", "name zone ip mac what")

# zone: the router's leg, its MAC.  Each zone is a switch of its own; the router joins them.
ZONES = {
    "control": ("10.20.1.1", "00:80:63:20:01:01"),
    "operations": ("10.20.2.1", "00:80:63:20:02:01"),
    "office": ("10.20.9.1", "00:80:63:20:09:01"),
    "outside": ("203.0.113.1", "00:80:63:20:cb:01"),
}

HOSTS = {h.name: h for h in (
    Host("plc-intake", "control", "10.20.1.11", "00:80:f4:1a:2b:11", "Schneider Modicon M340, Modbus: wells and intake pumps"),
    Host("plc-dosing", "control", "10.20.1.12", "00:30:de:41:07:12", "WAGO 750, Modbus: chlorine dosing; unit 2 is its power meter"),
    Host("rtu-hill", "control", "10.20.1.21", "00:30:a7:05:c3:21", "SEL RTU, DNP3 address 10: the reservoir on the hill"),
    Host("plc-network", "control", "10.20.1.31", "28:63:36:7d:00:31", "Siemens S7-300, S7comm: network pumps, pressure"),
    Host("hmi", "operations", "10.20.2.10", "18:66:da:3e:91:10", "Dell, the operator's HMI; Modbus and S7 client, DNP3 master 1"),
    Host("historian", "operations", "10.20.2.20", "3c:52:82:6b:12:20", "HP, the historian; reads wide and slowly, serves trends"),
    Host("engineering", "operations", "10.20.2.50", "00:1b:1b:9c:44:50", "Siemens field PG, the engineering station"),
    Host("server", "office", "10.20.9.5", "3c:52:82:11:80:05", "HP, name and time server"),
    Host("office-1", "office", "10.20.9.101", "48:4d:7e:c0:01:65", "Dell, shift leader's desk"),
    Host("office-2", "office", "10.20.9.102", "48:4d:7e:c0:02:66", "Dell, laboratory's desk"),
    Host("outside", "outside", "203.0.113.66", "00:1b:21:aa:00:42", "somebody's machine on the Internet"),
    Host("laptop", "operations", "10.20.2.99", "b8:27:eb:5f:20:99", "the intruder's box, plugged in at minute one of the attack"),
)}
DNS_NAMES = {"historian.works.example": "10.20.2.20", "time.works.example": "10.20.9.5",
             "updates.example.net": "203.0.113.66"}
