"""A webhook receiver as an integrator would write it: it keeps the raw bytes, because
the signature is over those."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WAIT_S = 15


class Receiver:
    """Keeps deliveries until the block ends; the first one is answered with a failure."""

    def __init__(self):
        self.deliveries = []
        self.arrived = threading.Condition()

    def __enter__(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def wait(self, count):
        """The deliveries, as soon as there are so many."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: len(self.deliveries) >= count, WAIT_S):
                raise RuntimeError(f"waited {WAIT_S} s for {count} deliveries; there came {len(self.deliveries)}")
            return self.deliveries[:count]

    def _handler(receiver):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                with receiver.arrived:
                    first = not receiver.deliveries
                    receiver.deliveries.append({
                        "method": self.command, "path": self.path, "body": body,
                        "headers": {name.lower(): value for name, value in self.headers.items()},
                    })
                    receiver.arrived.notify_all()
                self.send_response(500 if first else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Silence: the scenario reports."""

        return Handler
