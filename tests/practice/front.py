"""HTTP/1.1 over TLS: listeners, connections, requests in, replies out, whole or cut, quick or slow."""

import email.utils
import errno
import re
import secrets
import socket
import ssl
import struct
import threading
import time

from practice.message import Reply, Request

HEAD_LIMIT = 64 << 10
BODY_LIMIT = 1 << 20
HANDSHAKE_TIMEOUT = 10
IDLE_TIMEOUT = 300
REASONS = {200: "OK", 204: "No Content", 206: "Partial Content", 302: "Found",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
           404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway",
           503: "Service Unavailable", 504: "Gateway Timeout"}
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Malformed(Exception):
    """Not HTTP/1.1."""


class Gone(Exception):
    """The peer closed the connection."""


def read_head(text):
    """(method, target, headers) of a request's head."""
    lines = text.split("\r\n")
    start = lines[0].split(" ")
    if len(start) != 3 or start[2] != "HTTP/1.1" or not start[1].startswith("/") or "#" in start[1]:
        raise Malformed("the request line is not METHOD /target HTTP/1.1")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or not TOKEN.fullmatch(name):
            raise Malformed("a header line is not name: value")
        headers.append((name.lower(), value.strip(" \t")))
    if sum(name == "host" for name, _ in headers) != 1:
        raise Malformed("not exactly one Host header")
    return start[0], start[1], headers


def body_length(headers):
    if any(name == "transfer-encoding" for name, _ in headers):
        raise Malformed("a Transfer-Encoding, where AWS's clients send a Content-Length")
    lengths = {value for name, value in headers if name == "content-length"}
    if len(lengths) > 1 or not all(re.fullmatch(r"[0-9]{1,9}", length) for length in lengths):
        raise Malformed("no usable Content-Length")
    length = int(lengths.pop()) if lengths else 0
    if length > BODY_LIMIT:
        raise Malformed("the body is too long")
    return length


class Connection:
    def __init__(self, front, sock, number, port):
        self.front = front
        self.sock = sock
        self.number = number
        self.port = port
        self.buffer = b""
        self.idle = False

    def serve(self):
        """Requests until one side closes."""
        try:
            self.sock.settimeout(HANDSHAKE_TIMEOUT)
            self.sock = self.front.context.wrap_socket(self.sock, server_side=True)
            self.sock.settimeout(IDLE_TIMEOUT)
            self.refuse_h2()
            while self.exchange():
                pass
        except (Gone, OSError):
            pass
        finally:
            self.front.forget(self)
            self.sock.close()

    def refuse_h2(self):
        if self.sock.selected_alpn_protocol() == "h2":
            self.front.center.journal.violation("Unknown", "the client asks for HTTP/2")
            raise Gone

    def more(self):
        got = self.sock.recv(65536)
        if not got:
            raise Gone
        self.buffer += got

    def take(self, length):
        while len(self.buffer) < length:
            self.more()
        taken, self.buffer = self.buffer[:length], self.buffer[length:]
        return taken

    def head(self):
        """A request's head, and when its first byte was seen."""
        self.idle = not self.buffer
        if not self.buffer:
            self.more()
        self.idle, arrived = False, time.monotonic()
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > HEAD_LIMIT:
                raise Malformed("the head is too long")
            self.more()
        return self.take(self.buffer.index(b"\r\n\r\n") + 4)[:-4].decode("latin-1"), arrived

    def request(self):
        text, arrived = self.head()
        method, target, headers = read_head(text)
        length = body_length(headers)
        if any(name == "expect" and value.lower() == "100-continue" for name, value in headers):
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return Request(method, target, headers, self.take(length), self.number, self.port, arrived)

    def exchange(self):
        """One request and its reply; whether the connection lives on."""
        try:
            request = self.request()
        except Malformed as error:
            self.front.center.journal.violation("Unknown", f"not HTTP: {error}")
            self.send(Reply(400, {"message": str(error)}), close=True)
            return False
        reply = self.front.center.answer(request)
        close = request.header("connection", "").lower() == "close"
        if reply.vanish:
            self.cut(reply.vanish)
            return False
        return self.send(reply, close, head_only=request.method == "HEAD")

    def send(self, reply, close, head_only=False):
        body = reply.body()
        data = self.head_of(reply, len(body), close) + (b"" if head_only else body)
        whole = reply.cut_after is None or reply.cut_after >= len(body)
        if not whole:
            data = data[:len(data) - len(body) + reply.cut_after]
        if reply.bytes_per_second:
            self.trickle(data, reply.bytes_per_second)
        else:
            self.sock.sendall(data)
        return whole and not close

    def trickle(self, data, rate):
        """Ten pieces a second, or single bytes."""
        size = max(1, int(rate / 10))
        for start in range(0, len(data), size):
            piece = data[start:start + size]
            time.sleep(len(piece) / rate)
            self.sock.sendall(piece)

    def head_of(self, reply, length, close):
        now = self.front.center.state.now() + reply.date_skew
        headers = [("Date", email.utils.formatdate(now, usegmt=True)), ("Content-Type", reply.content_type),
                   ("Content-Length", str(length)), ("x-amzn-RequestId", secrets.token_hex(16))]
        headers += reply.headers + ([("Connection", "close")] if close else [])
        lines = [f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def cut(self, how):
        if how == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def shut(self):
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Front:
    """All listeners and connections."""

    def __init__(self, certificate, key, offers_h2=False):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        # What comes first is taken whenever a client has it: one that has h2 is found out.
        self.context.set_alpn_protocols((["h2"] if offers_h2 else []) + ["http/1.1"])
        self.center = None
        self.lock = threading.Lock()
        self.listeners = []
        self.connections = set()
        self.opened = 0

    def listen(self, first, count):
        """The ports, each on both loopback addresses."""
        ports = []
        for index in range(count):
            port = first + index if first else 0
            ports.append(self.listen_on(port))
        return ports

    def listen_on(self, port):
        while True:
            four = bound(socket.AF_INET, "127.0.0.1", port)
            chosen = four.getsockname()[1]
            try:
                six = bound(socket.AF_INET6, "::1", chosen)
            except OSError as error:
                if error.errno == errno.EADDRINUSE and port == 0:
                    four.close()
                    continue
                if error.errno == errno.EADDRINUSE:
                    raise
                six = None      # no IPv6 here
            self.listeners += [one for one in (four, six) if one]
            return chosen

    def start(self):
        for listener in self.listeners:
            self.spawn(self.accept, listener)

    def spawn(self, what, *arguments):
        threading.Thread(target=what, args=arguments, daemon=True).start()

    def accept(self, listener):
        port = listener.getsockname()[1]
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.opened += 1
                connection = Connection(self, sock, self.opened, port)
                self.connections.add(connection)
            self.spawn(connection.serve)

    def forget(self, connection):
        with self.lock:
            self.connections.discard(connection)

    def current(self):
        with self.lock:
            return list(self.connections)

    def counts(self):
        with self.lock:
            return {"open": len(self.connections), "opened": self.opened}

    def disconnect(self):
        for connection in self.current():
            if connection.idle:
                connection.shut()

    def outage(self, seconds, spared):
        """No one listens for a while, and every connection but one is cut."""
        addresses = [(one.family, *one.getsockname()[:2]) for one in self.listeners]
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in self.current():
            if connection.number != spared:
                connection.shut()
        self.listeners = []
        self.spawn(self.return_after, seconds, addresses)

    def return_after(self, seconds, addresses):
        time.sleep(seconds)
        self.listeners = [bound(*address) for address in addresses]
        self.start()


def bound(family, address, port):
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener
