"""An HTTPS receiver that can be told how to behave; it plays Splunk's collector, a _bulk interface and a webhook.

What it takes is kept in order.  `faults` is asked before each request: a status to answer with, "hang" (never answer), "close" (break the
connection off) or None.
"""
import gzip
import hashlib
import hmac
import http.server
import json
import socket
import socketserver
import ssl
import threading
import time


class Receiver:
    def __init__(self, kind, port, cert=None, key=None, ca=None, secret=None, login=None):
        self.kind, self.port, self.secret, self.login = kind, port, secret, login
        self.taken, self.requests, self.faults, self.lock = [], 0, None, threading.Lock()
        self.ended = threading.Event()
        self.problems, self.batches, self.too_large = [], [], 1 << 30
        self.name = lambda record, line: record["n"]	# what is kept of a line
        self.event_time = 1493388721.715496	# of each of Splunk's; None: whichever
        self.refuse = lambda record: None	# a reason: that line is never taken
        self.full = lambda record: False	# that line is not taken now
        self.acks, self.next_ack, self.ack_after, self.forget_acks, self.ids = {}, 0, 0.3, False, set()
        self.tls = None
        if cert:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.show(cert, key)
            if ca:
                self.tls.verify_mode = ssl.CERT_REQUIRED
                self.tls.load_verify_locations(ca)
        self.server = None

    def show(self, cert, key):
        self.tls.load_cert_chain(cert, key)

    def start(self):
        outer = self

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            allow_reuse_address = True

            def handle_error(self, request, client_address):
                pass

            def process_request_thread(self, request, client_address):
                if outer.tls:
                    try:
                        request.settimeout(5)
                        request = outer.tls.wrap_socket(request, server_side=True)
                    except (OSError, ssl.SSLError):
                        self.shutdown_request(request)
                        return
                with outer.lock:
                    outer.open.append(request)
                super().process_request_thread(request, client_address)

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *args):
                pass

            def do_POST(self):
                outer.post(self)

            def do_GET(self):
                outer.answer(self, 200, b"never asked")

        self.open = []
        self.ended.clear()
        for left in range(50, -1, -1):
            try:
                self.server = Server(("127.0.0.1", self.port), Handler)
                break
            except OSError:	# somebody's own end of a connection has this port for a moment
                if not left:
                    raise
                time.sleep(0.1)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        """As a process that ends: nobody listens, and what is open is closed."""
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()
        with self.lock:
            for s in self.open:
                try:
                    s.shutdown(socket.SHUT_RDWR)
                    s.close()
                except OSError:
                    pass

    @staticmethod
    def answer(h, status, body=b"", headers=()):
        h.send_response(status)
        h.send_header("Content-Length", str(len(body)))
        for k, v in headers:
            h.send_header(k, v)
        h.end_headers()
        h.wfile.write(body)

    def post(self, h):
        body = h.rfile.read(int(h.headers["Content-Length"]))
        with self.lock:
            self.requests += 1
            fault = self.faults(self.requests, h.path) if self.faults else None
        if fault == "hang":
            self.ended.wait(30)
            return
        if fault == "close":
            h.close_connection = True
            h.connection.close()
            return
        if isinstance(fault, int):
            headers = [("Retry-After", "1")] if fault == 429 else [("Location", "/elsewhere")] if 300 <= fault < 400 else []
            self.answer(h, fault, b"as the test wants\nsecond line", headers)
            return
        if self.login and h.headers.get("Authorization") != self.login:
            self.answer(h, 401, b"who are you?")
            return
        if len(body) > self.too_large:
            self.answer(h, 413, b"too large")
            return
        plain = gzip.decompress(body) if h.headers.get("Content-Encoding") == "gzip" else body
        with self.lock:
            status, out = getattr(self, self.kind)(h, body, plain)
        self.answer(h, status, json.dumps(out).encode())

    def bulk(self, h, _body, plain):
        parts = plain.split(b"\n")
        if parts[-1] != b"" or len(parts) % 2 != 1:
            self.problems.append("a bulk that is none")
            return 400, {}
        items, errors = [], False
        for action, line in zip(parts[0:-1:2], parts[1:-1:2]):
            record, ident = json.loads(line), json.loads(action)["create"]["_id"]
            why = self.refuse(record)
            if why:
                items.append({"create": {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": why, "caused_by": {"reason": "deep"}}}})
            elif ident in self.ids:
                items.append({"create": {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "there"}}})
            elif self.full(record):
                items.append({"create": {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue"}}})
            else:
                self.ids.add(ident)
                self.taken.append(self.name(record, line))
                items.append({"create": {"status": 201}})
                continue
            errors = True
        self.batches.append(len(items))
        return 200, {"errors": errors, "items": items} if errors else {"errors": False}

    def splunk(self, h, _body, plain):
        if "channel=" not in h.path:
            return 400, {"text": "Data channel is missing", "code": 10}
        if h.path.startswith("/services/collector/ack"):
            now, out = time.monotonic(), {}
            for i in json.loads(plain)["acks"]:
                out[str(i)] = not self.forget_acks and i in self.acks and now >= self.acks[i]
                if out[str(i)]:
                    del self.acks[i]
            return 200, {"acks": out}
        events = [json.loads(x) for x in plain.split(b"\n") if x]
        for n, e in enumerate(events):
            if self.event_time is not None and abs(e["time"] - self.event_time) > 1e-6 or "sourcetype" in e or e["source"] != "thermowell":
                self.problems.append(f"event {e}")
            if self.refuse(e["event"]):
                self.taken += [self.name(x["event"], None) for x in events[:n]]
                return 400, {"text": "Invalid data format", "code": 6, "invalid-event-number": n}
        self.taken += [self.name(e["event"], None) for e in events]
        self.next_ack += 1
        self.acks[self.next_ack] = time.monotonic() + self.ack_after
        return 200, {"text": "Success", "code": 0, "ackId": self.next_ack}

    def webhook(self, h, body, _plain):
        if self.secret:
            stamp = h.headers.get("X-Thermowell-Timestamp", "")
            want = "sha256=" + hmac.new(self.secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            if h.headers.get("X-Thermowell-Signature") != want or abs(int(stamp or 0) - time.time()) > 5:
                self.problems.append(f"signature {h.headers.get('X-Thermowell-Signature')} of {stamp}, wanted {want}")
        found = [json.loads(x) for x in body.split(b"\n") if x]
        if h.headers["Content-Type"] != ("application/json" if len(found) == 1 else "application/x-ndjson"):
            self.problems.append("type " + h.headers["Content-Type"])
        if len(found) > 1 and any(self.refuse(r) for r in found) or len(found) == 1 and self.refuse(found[0]):
            return 422, {"why": "not like this"}
        self.taken += [self.name(r, x) for r, x in zip(found, (x for x in body.split(b"\n") if x))]
        return 200, {}
