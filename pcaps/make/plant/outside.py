"""A machine on the Internet that takes what it is sent."""
import socketserver


class Taker(socketserver.StreamRequestHandler):
    def handle(self):
        size = 0
        for line in self.rfile:
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
            if line == b"\r\n":
                break
        self.rfile.read(size)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def main(run):
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer.daemon_threads = True
    from hosts import HOSTS
    import threading
    server = socketserver.ThreadingTCPServer((HOSTS["outside"].ip, 8080), Taker)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while not run.stop.wait(0.5) and not run.ended():
        pass
