"""Requests that are wrong in one way or in several, made from a seeded random generator."""
import copy
import json
import struct
import zlib
from typing import NamedTuple

NOBODY = "0123456789abcdef"
TRICKS = ["..", "../../jobs.sqlite", "..%2f..%2fjobs.sqlite", "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
          "....//....//etc/passwd",
          "/etc/passwd", "//etc/passwd", "..\\..\\x", "%00", "a%00.png", "%", "%zz", "%c0%ae%c0%ae/", "\xff\xfe",
          "~root",
          "file:///etc/passwd", "C:\\x", "CON", "A" * 16, "0" * 15, "0" * 17, NOBODY.upper(), " ", "", "'--", "*", ".",
          "0123456789abcde\n", "{id}", "0x0123456789abcd", "\u202e", "\u0130" * 20, "a" * 3000, "great-wave/../..",
          "great-wave/x", "great-wave%2fthumbnail", "<script>", "${x}", "\r\nX: y", "%0d%0aX:%20y", "-", "\t"]
VALUES = [None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, 2**31, 2**53 + 1, 2**63, -2**63, 2**64, 2**70, "", "0", "nan",
          "inf",
          "-1", "1e9999", "x" * 199, "x" * 201, "x" * 5000, "\0", "a\0b", "\ud800", "\U0001f3a8" * 30, "\u202e", "\x7f",
          "\n",
          [], {}, [[]], [{}], {"": ""}, [None] * 50, {"__proto__": {}}, NOBODY, "great-wave", "gatys", "true"]
TEXT_TYPES = ["application/json", "application/json; charset=utf-16", "APPLICATION/JSON", "text/plain", "",
              "application/json" + "x" * 4000, "multipart/form-data", "application/x-www-form-urlencoded"]


class Case(NamedTuple):
    family: str
    data: bytes
    route: tuple = ()         # (method, path as described) when nothing but the content is wrong
    answers: int = -1         # how many must come; -1: any number
    leave: str = "half"       # says that no more will come; "open": not even that; "close", "reset": goes at once
    pieces: int = 1           # sent in so many parts


def png(random, side=24):
    rows = b"".join(b"\0" + random.randbytes(3 * side) for _ in range(side))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)),
              (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind,
                                           data in chunks)


def request(method, path, headers=(), body=None, host="localhost"):
    lines = [f"{method} {path} HTTP/1.1".encode("utf-8", "surrogatepass")]
    given = [("Host", host)] if host is not None else []
    given += list(headers)
    if body is not None and not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in given):
        given.append(("Content-Length", str(len(body))))
    lines += [f"{name}: {value}".encode("utf-8", "surrogatepass") for name, value in given]
    return b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")


def nested(depth, opening="[", closing="]"):
    return opening * depth + closing * depth


class Maker:
    """Makes case `index`; the same one for the same seed and the same ids."""

    def __init__(self, world):
        self.world = world  # .pictures, .jobs: ids that exist; .spare: ids that may be deleted; .routes: (method, path)

    def case(self, random):
        families = [(self.json_body, 5), (self.form, 5), (self.path, 5), (self.header, 4), (self.framing, 4),
                    (self.cut, 3),
                    (self.havoc, 4), (self.noise, 1), (self.pipeline, 2)]
        make = random.choices([family for family, _ in families], [weight for _, weight in families])[0]
        return make(random)

    # --- JSON

    def stylize(self, random):
        size = random.choice(["32", 32, "48"])
        return {"kind": "stylize", "content": random.choice(self.world.pictures), "styles": [{"name": "great-wave"}],
                "settings": {"size": size}}

    def posted(self, random):
        picture = random.choice(self.world.pictures)
        kind = random.randrange(5)
        if kind == 0:
            return {"kind": "teach", "picture": picture, "name": "fuzz-" + random.randbytes(3).hex(), "title": "t",
                    "artist": "a", "thorough": False, "time_budget": random.choice([1, 2.5])}
        job = self.stylize(random)
        if kind == 1:
            job.update(method="gatys", styles=[{"picture": picture, "weight": 1}], options={"steps": "2"})
        if kind == 2:
            job["styles"] += [{"name": "great-wave", "weight": 0.5, "mask": picture}]
        if kind == 3:
            job["settings"].update(seed=1, color="luma", strength="80", quality="70")
        return job

    def spoilt(self, random, value, depth=0):
        """`value` with one of its members changed, missing, added or replaced."""
        value = copy.deepcopy(value)
        if not isinstance(value, (dict, list)) or not value or (depth > 0 and random.random() < 0.3):
            return random.choice(VALUES + TRICKS)
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = random.choice(keys)
        what = random.randrange(6)
        if what == 0:
            del value[key]
        elif what == 1 and isinstance(value, dict):
            value[random.choice(["surprise", "", "content", "picture", "mask", "weight", "options", "preview",
                                 "__proto__",
                                 "styles", "encoder", "checkpoint"])] = random.choice(VALUES)
        elif what == 2 and isinstance(value, list):
            value += [value[key]] * random.choice([1, 10, 2000])
        else:
            value[key] = self.spoilt(random, value[key], depth + 1)
        return value

    def spoilt_text(self, random, text):
        what = random.randrange(9)
        if what == 0:
            return text[:random.randrange(len(text) + 1)]
        if what == 1:
            deep = nested(random.choice([20, 2000, 200_000]), *random.choice(["[]", ("{\"a\":", "}")]))
            return text.replace('"great-wave"', deep).replace('"t"', deep)
        if what == 2:
            return random.choice(['{"kind":', '{"content":', '{"x":0.5,"y":0.5,"shape":']) + nested(300_000) + "}"
        if what == 3:
            return random.choice(["\ufeff", "//", "\0", "[", "{}", "\n" * 1000]) + text
        if what == 4:
            return text.replace("{", '{"kind":"teach","kind":1,', 1)
        if what == 5:
            return text.replace('"32"', random.choice(["1e999", "-1e999", "0x10", "NaN", "01", "9" * 5000,
                                                       "1" + "0" * 400]))
        if what == 6:
            return text * random.choice([2, 50])
        return text

    def json_body(self, random):
        route = ("post", "/api/jobs")
        posted = self.posted(random)
        path = "/api/jobs"
        if random.random() < 0.2:
            route = ("post", "/api/pictures/{id}/region")
            path = f"/api/pictures/{random.choice(self.world.pictures)}/region"
            posted = {"x": 0.5, "y": 0.25, "shape": random.choice(["object", "superpixel"])}
        for _ in range(random.choice([0, 1, 1, 1, 2])):
            posted = self.spoilt(random, posted)
        text = json.dumps(posted, ensure_ascii=random.random() < 0.5)
        body = self.spoilt_text(random, text).encode("utf-8", "surrogatepass")
        if random.random() < 0.1:
            body = self.scrambled(random, body)
        kind = "application/json" if random.random() < 0.9 else random.choice(TEXT_TYPES)
        headers = [("Content-Type", kind)]
        if random.random() < 0.2:
            headers.append(("Idempotency-Key", random.choice(["", "k", "k" * 100, "k" * 101, "\xff", "'--",
                                                              "k" * 7000])))
        return Case("json", request("POST", path, headers, body), route, 1, random.choice(["open", "half"]))

    # --- forms

    def part(self, random, boundary):
        name = random.choice(['name="picture"'] * 6 + ["name=picture", 'name="', 'NAME="picture"', 'name="\xff"', "",
                                                       'name="a";' * 99,
                                                      'name="picture"; name="other"'])
        file = random.choice(["a.png", "a.png", "", "a\"b.png", "a.png\"; x=\"", "\0", "%00", "x" * 5000] + TRICKS)
        named = random.choice([f'; filename="{file}"'] * 4 + ["", f"; filename*=UTF-8''{file}", f"; filename={file}"])
        newline = "\r\n" if random.random() < 0.9 else random.choice(["\n", "\r", "\r\n\r\n"])
        kind = random.choice(["Content-Type: image/png" + newline] * 3 + ["", "X" * 9000 + newline,
                                                                          "Content-Type" + newline, ":" + newline,
                                                                       ("X: y" + newline) * 500,
                                                                          "Content-Length: 9" + newline])
        content = random.choice([png(random)] * 4 + [b"", b"words", png(random)[:random.randrange(60)],
                                                     b"--" + boundary, b"\r\n--" + boundary,
                                                    random.randbytes(200), b"\r\n" * 500,
                                                     self.scrambled(random, png(random))])
        head = f"Content-Disposition: form-data; {name}{named}{newline}{kind}{newline}"
        return b"--" + boundary + newline.encode() + head.encode("utf-8", "surrogatepass") + content + newline.encode()

    def form(self, random):
        boundary = random.choice([b"x"] * 6 + [b"", b"-" * 60, b"x" * 3000, b"a b", b"x;y", b"\"x\"", b"x\xff", b"--",
                                               b"(.*)+", b"x\\"])
        told = random.choice([boundary] * 8 + [b"y", b"\"" + boundary + b"\"", boundary + b"; charset=utf-8", b"x" * 70,
                                               b""])
        parts = [self.part(random, boundary) for _ in range(random.choice([0, 1, 1, 1, 2, 5, 40]))]
        if random.random() < 0.03:
            parts = [b"--" + boundary + b"\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n"] * 20_000
        end = random.choice([b"--" + boundary + b"--\r\n"] * 6 + [b"", b"--" + boundary, b"--" + boundary + b"--",
                                                                  b"--" + boundary + b"--\r\n" + b"x" * 999,
                                                              b"\r\n--" + boundary + b"--\r\n"])
        body = random.choice([b""] * 5 + [b"preamble\r\n", b"\r\n"]) + b"".join(parts) + end
        kind = random.choice(["multipart/form-data; boundary="] * 9 + ["multipart/form-data;boundary=",
                                                                       "multipart/mixed; boundary=",
                                                                       "multipart/form-data; "])
        head = request("POST", "/api/pictures", [("Content-Length", str(len(body)))])
        head = head[:-2] + b"Content-Type: " + kind.encode() + told + b"\r\n\r\n"
        return Case("form", head + body, ("post", "/api/pictures"), 1, random.choice(["open", "half"]),
                    random.choice([1, 1, 1, 7]))

    # --- paths, queries, methods

    def query(self, random):
        if random.random() < 0.5:
            return ""
        names = ["limit", "before", "side", "format", "download", "n", "token", "", "side[]", "%00", "\u00e9"]
        values = TRICKS + [str(value) for value in VALUES if not isinstance(value, (list, dict))] + ["png", "webp",
                                                                                                     "jpeg", "64",
                                                                                                     "8192"]
        terms = [random.choice(names) + random.choice(["=", "=", "=", "", "=="]) + random.choice(values)
                 for _ in range(random.choice([1, 1, 2, 300]))]
        return "?" + random.choice(["&", "&", ";", "&&"]).join(terms)

    def path(self, random):
        method, template = random.choice(self.world.routes)
        ids = self.world.jobs if "/jobs/" in template else self.world.pictures
        if method == "delete":
            ids = self.world.spare or [NOBODY]
        known = random.random() < 0.5
        part = random.choice(ids + [NOBODY]) if known else random.choice(TRICKS)
        name = random.choice(["great-wave", "no-such", "a" * 64]) if known else random.choice(TRICKS)
        path = template.replace("{id}", part).replace("{name}", name)
        query = self.query(random)
        asked = method.upper()
        if random.random() < 0.2:
            asked = random.choice(["HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", "CONNECT", "get", "GETT", "",
                                   "DELETE" if method != "delete" else "GET",
                                   "PRI", "M" * 5000, "G\xc9T", "\0"])
            known = False
        if random.random() < 0.1:
            path, known = random.choice(["*", "http://localhost" + path, "//" + path, path + "/", path + "%20",
                                         path + ";x", path + "#x", path.upper(),
                                         path[1:], "/" + "../" * 50 + "etc/passwd", "/" + "a" * 9000,
                                         path + "/.."]), False
        # Anything but what a URL may hold ends the path, or the request line.
        known = known and all(0x20 < ord(c) < 0x7f and c != "#" for c in query)
        head = [("Connection", "close")] if asked == "HEAD" else []
        body = b"" if asked in ("POST", "PUT", "PATCH") else None
        return Case("path", request(asked, path + query, head, body), (method, template) if known else (), -1, "half")

    # --- headers

    def header(self, random):
        names = ["Host", "Origin", "Cookie", "Authorization", "Range", "Content-Length", "Transfer-Encoding",
                 "Content-Encoding", "Expect",
                 "Connection", "If-None-Match", "Content-Type", "Accept-Encoding", "Idempotency-Key", "X-Forwarded-For",
                 "Upgrade", "REMOTE_ADDR",
                 "Keep-Alive", "TE", "Trailer", "", " ", "X\0", "X:", "\xff", "X" * 5000]
        values = VALUES[5:30] + TRICKS + ["bytes=0-0,1-1", "bytes=" + "0-1," * 2000, "bytes=-5",
                                          "bytes=99999999999999999999-", "bytes=5-1", "chunked",
                                          "gzip, chunked", "100-continue", "close", "keep-alive", "upgrade", "h2c",
                                          "localhost", "127.0.0.1:1", "[::1]", "[",
                                          "localhost:" + "9" * 5000, "Bearer x", "atelier=" + "0" * 32,
                                          "atelier=" * 900, "a" * 7000, "a" * 8300, "b" * 40_000,
                                          "gzip", "br;q=1", "*", ";;;;", "=", "multipart/form-data; boundary=",
                                          "http://localhost", "null"]
        count = random.choice([1, 1, 2, 3, 30, 400, 5000])
        if count > 30:
            given = [(f"X-{i}", "x" * random.choice([0, 1, 60])) for i in range(count)]
        else:
            given = [(random.choice(names), str(random.choice(values))) for _ in range(count)]
        method, path = random.choice([("GET", "/healthz"), ("GET", "/"), ("GET", "/api/jobs"), ("POST", "/api/jobs"),
                                      ("POST", "/api/pictures"),
                                      ("GET", f"/api/pictures/{self.world.pictures[0]}"),
                                      ("GET", f"/api/jobs/{self.world.jobs[0]}/result")])
        host = random.choice(["localhost"] * 5 + [None, "evil.example", "", "localhost:99999", "local\0host"])
        text = request(method, path, given, None, host)
        if random.random() < 0.3:
            text = text.replace(b"\r\n", random.choice([b"\n", b"\r", b"\r\r\n", b" \r\n", b"\r\n ", b"\0\r\n"]),
                                random.randrange(1, 9))
        return Case("header", text)

    # --- lengths and chunks

    def framing(self, random):
        body = json.dumps(self.stylize(random)).encode()
        length = len(body)
        lengths = ["", "0", str(length), str(length + 5), str(length - 5), str(2**31), str(2**63), str(2**64), "9" * 60,
                   "-1", "+5", " 5", "5 ", "0x10",
                   "5,5", "1e3", "5\t", "\u0665", "NaN", "00000000000000000000" + str(length)]
        codings = ["chunked", "Chunked", "identity", "xchunked", "chunked, chunked", "gzip, chunked", "\tchunked",
                   "chunked\0"]
        sizes = random.choice(["x", "X", "d", "#x"])
        after_size = random.choice([b"", b";a=b", b" "])
        chunks = b"".join(f"{len(part):{sizes}}".encode() + after_size + b"\r\n" + part + b"\r\n"
                          for part in (body[:9], body[9:], b""))
        chunks += random.choice([b"", b"\r\n", b"X: y\r\n\r\n"])
        kind = random.randrange(4)
        headers = [("Content-Type", "application/json")]
        if kind != 1:
            headers += [("Content-Length", random.choice(lengths))] * random.choice([1, 1, 1, 2])
        if kind in (1, 2):
            headers.append(("Transfer-Encoding", random.choice(codings)))
            body = random.choice([chunks, body, b"ffffffffffffffff\r\n", b"\r\n", b"-1\r\n", b"zz\r\n", b"0\r\n" * 100,
                                  b"1" * 9000 + b"\r\n"])
        random.shuffle(headers)
        path = random.choice(["/api/jobs", "/api/jobs", "/api/pictures", "/healthz", f"/api/jobs/{NOBODY}/cancel"])
        text = request(random.choice(["POST", "POST", "GET", "DELETE"]), path, headers, body)
        if random.random() < 0.3:
            text += request("GET", "/healthz")
        return Case("framing", text, pieces=random.choice([1, 1, 5]))

    def pipeline(self, random):
        """Several sound requests at once: as many answers, in order."""
        good = [("GET", "/healthz", None), ("GET", "/api/jobs?limit=1", None), ("GET", f"/api/pictures/{NOBODY}", None),
                ("GET", f"/api/pictures/{self.world.pictures[0]}", None), ("POST", "/api/jobs", b"{}"),
                ("GET", "/js/api.js", None),
                ("POST", f"/api/jobs/{NOBODY}/cancel", b""), ("POST", "/api/jobs", b"[" * 5000),
                ("DELETE", f"/api/jobs/{NOBODY}", None)]
        chosen = [random.choice(good) for _ in range(random.randrange(2, 12))]
        text = b"".join(request(method, path, [("Content-Type", "application/json")], body) for method, path,
                        body in chosen)
        return Case("pipeline", text, (), len(chosen), "half", random.choice([1, 1, 9]))

    # --- bytes

    def sound(self, random):
        body = json.dumps(self.posted(random)).encode()
        photo = (b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n' + png(random) +
                 b"\r\n--x--\r\n")
        return random.choice([
            request("POST", "/api/jobs", [("Content-Type", "application/json")], body),
            request("POST", "/api/pictures", [("Content-Type", "multipart/form-data; boundary=x")], photo),
            request("GET", f"/api/jobs/{random.choice(self.world.jobs)}/result?format=jpeg&download=1"),
            request("GET", f"/api/jobs/{random.choice(self.world.jobs)}/events"),
            request("GET", f"/api/pictures/{random.choice(self.world.pictures)}?side=16"),
            request("GET", "/api/jobs?limit=3&before=" + NOBODY, [("Cookie", "atelier=" + "0" * 32)])])

    def cut(self, random):
        text = self.sound(random)
        if random.random() < 0.3:
            text = self.case(random).data
        return Case("cut", text[:random.randrange(len(text) + 1)], (), -1, random.choice(["half", "close", "reset"]),
                    random.choice([1, 3]))

    def scrambled(self, random, data):
        data = bytearray(data)
        for _ in range(random.choice([1, 1, 3, 20])):
            at, many = random.randrange(len(data) + 1), random.choice([1, 1, 4, 50])
            what = random.randrange(4)
            if what == 0:
                data[at:at + 1] = bytes([random.randrange(256)])
            elif what == 1:
                del data[at:at + many]
            elif what == 2:
                data[at:at] = random.choice([random.randbytes(many), b"\r\n" * many, b"\0" * many, b" " * many,
                                             b"%" * many, b"9" * many])
            else:
                data[at:at] = data[max(0, at - many):at]
        return bytes(data)

    def havoc(self, random):
        return Case("havoc", self.scrambled(random, self.sound(random)), pieces=random.choice([1, 1, 4]))

    def noise(self, random):
        return Case("noise", random.choice([
            random.randbytes(random.choice([1, 100, 40_000])), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                                            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + random.randbytes(500),
            b"GET /\r\n", b"GET / HTTP/0.9\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n",
                                            b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", b"\r\n" * 3000, b"\0" * 3000,
            b"GET" + b" " * 9000 + b"/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                            b"GET /" + b"?" * 8000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /" + b"%41" * 2700 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"X" * 100_000]))
