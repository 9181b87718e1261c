"""A minimal API: responds to /health and to /api/*, and stops after open requests when it receives SIGTERM."""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Responds to health checks and to requests."""

    def do_GET(self):
        """Responds to a GET request."""
        if self.path == "/health":
            self.reply(200, {"status": "ok"})
        elif self.path.startswith("/api/"):
            self.reply(200, {"path": self.path})
        else:
            self.reply(404, {"message": "Not found"})

    def reply(self, status, body):
        """Sends a JSON document."""
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def main():
    """Serves requests until SIGTERM."""
    server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()


if __name__ == "__main__":
    main()
