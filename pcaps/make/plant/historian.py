"""The historian: reads wide and slowly, and serves yesterday's trends to the offices."""
import http.server
import socketserver
import threading
import time

from hmi import S7, Modbus
from hosts import HOSTS

ME = HOSTS["historian"].ip


class Trends(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Trends/3.1", ""

    def do_GET(self):
        rows = "".join(f"<tr><td>{n}</td><td>{v:.2f}</td></tr>" for n, v in self.server.values())
        page = f"<html><title>Trends</title><table>{rows}</table></html>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(page)
        self.close_connection = True

    def log_message(self, *args):
        pass


class Web(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self):
        """Without asking the name service who we are, as the parent does."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "historian", 80


def main(run):
    from snap7.type import Area
    web = Web((ME, 80), Trends)
    shown = ("FT101", "LT101", "LT201", "AT201", "PT301", "FT301", "LT401")
    web.values = lambda: [(n, run.wires[n]) for n in shown]
    threading.Thread(target=web.serve_forever, daemon=True).start()
    intake, dosing, s7 = Modbus("plc-intake", ME), Modbus("plc-dosing", ME), S7(3)

    def modbus(plc, first, units):
        for _ in run.every(15.0, first, 0.3):
            for unit in units:
                plc.ask("read_input_registers", 0, count=32, device_id=unit)
                plc.ask("read_holding_registers", 0, count=32, device_id=unit)

    def network():
        for _ in run.every(15.0, 12.7, 0.3):
            s7.call(s7.client.read_area, Area.DB, 10, 0, 64)
            s7.call(s7.client.read_area, Area.DB, 20, 0, 32)

    for f, args in ((modbus, (intake, 6.3, (1,))), (modbus, (dosing, 9.5, (1, 2))), (network, ())):
        threading.Thread(target=f, args=args, daemon=True).start()
    while not run.stop.wait(0.5) and not run.ended():
        pass
    for p in (intake, dosing):
        p.close()
    s7.client.disconnect()
    web.shutdown()
    time.sleep(0.1)
