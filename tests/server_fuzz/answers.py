"""Reads HTTP answers as strictly as no browser does: what is not well-formed to the byte is a Fault."""
import gzip
import json
import re

STATUS = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) [\x20-\x7e]*\Z")
HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\x20-\x7e\t]*)\Z")
ALWAYS = ("content-security-policy", "x-content-type-options", "x-frame-options")


class Fault(Exception):
    """The server did what it must not do."""


class Ended(Exception):
    """The connection ended before a whole answer."""


class Reader:
    """What comes in on a socket, line by line and by the byte."""

    def __init__(self, connection):
        self.connection, self.kept = connection, b""

    def more(self):
        try:
            got = self.connection.recv(65536)
        except TimeoutError as fault:
            raise Fault("neither an answer nor an end of the connection") from fault
        except ConnectionError:
            got = b""
        if not got:
            raise Ended
        self.kept += got

    def line(self):
        while b"\r\n" not in self.kept:
            if len(self.kept) > 65536:
                raise Fault("a line without an end")
            self.more()
        line, self.kept = self.kept.split(b"\r\n", 1)
        return line

    def bytes(self, count):
        while len(self.kept) < count:
            self.more()
        taken, self.kept = self.kept[:count], self.kept[count:]
        return taken

    def at_end(self):
        try:
            while not self.kept:
                self.more()
        except Ended:
            return True
        return False


class Answer:
    def __init__(self, status, headers, body=b""):
        self.status, self.headers, self.body = status, headers, body

    def value(self, name):
        return next((value for key, value in self.headers if key == name), None)


def read_head(reader):
    if reader.at_end():
        raise Ended
    first = reader.line()
    status = STATUS.match(first)
    if not status:
        raise Fault(f"status line {first[:100]!r}")
    headers = []
    while line := reader.line():
        header = HEADER.match(line)
        if not header:
            raise Fault(f"header {line[:200]!r}")
        headers.append((header[1].decode().lower(), header[2].decode()))
    return Answer(int(status[1]), headers)


def read_chunks(reader):
    body = b""
    while True:
        size = reader.line()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
            raise Fault(f"chunk of size {size[:40]!r}")
        chunk = reader.bytes(int(size, 16))
        if reader.line() != b"":
            raise Fault("a chunk is longer than it says")
        if not chunk:
            return body
        body += chunk


def read_answer(reader, may_lack_body):
    """The next answer; Ended when there is none. Event streams are left after their header.

    may_lack_body: the request was, or may have been, a HEAD."""
    answer = read_head(reader)
    while answer.status == 100:
        answer = read_head(reader)
    try:
        if answer.status in (204, 304) or answer.value("content-type") == "text/event-stream":
            return answer
        if may_lack_body and reader.at_end():
            return answer
        if answer.value("transfer-encoding") == "chunked":
            answer.body = read_chunks(reader)
        else:
            length = answer.value("content-length")
            if length is None or not length.isdigit():
                raise Fault(f"an answer {answer.status} of unknown length")
            answer.body = reader.bytes(int(length))
        if answer.value("content-encoding") == "gzip":
            answer.body = gzip.decompress(answer.body)
    except Ended as end:
        raise Fault(f"an answer {answer.status} that breaks off") from end
    check(answer, may_lack_body)
    return answer


def check(answer, may_lack_body):
    """What holds for every answer, whatever was asked."""
    names = [name for name, _ in answer.headers]
    for name in ALWAYS:
        if names.count(name) != 1:
            raise Fault(f"an answer {answer.status} with {names.count(name)} headers {name}")
    for name in ("content-length", "content-type", "transfer-encoding", "content-encoding"):
        if names.count(name) > 1:
            raise Fault(f"an answer {answer.status} with several headers {name}")
    if answer.status >= 400 and not (may_lack_body and not answer.body):
        check_error(answer)


def check_error(answer):
    if answer.value("content-type") != "application/json":
        raise Fault(f"an answer {answer.status} of type {answer.value('content-type')}")
    if answer.value("content-encoding") == "br":
        return  # Python has nothing that reads it
    try:
        said = json.loads(answer.body)
    except ValueError as fault:
        raise Fault(f"an answer {answer.status} that is no JSON: {answer.body[:100]!r}") from fault
    text = said.get("error") if isinstance(said, dict) and len(said) == 1 else None
    if not isinstance(text, str) or "; " not in text or not text.isprintable() or len(text) > 2000:
        raise Fault(f"an answer {answer.status} that does not say what to do: {answer.body[:300]!r}")
    if answer.status in (429, 503) and not (answer.value("retry-after") or "").isdigit():
        raise Fault(f"an answer {answer.status} without Retry-After")
