#!/usr/bin/env python3
"""Requests a second and latency of a running studio, with 1, 8 and 64 clients; or jobs a second, and its memory.

    atelier serve --port 8080 &
    bench/studio_load.py http://127.0.0.1:8080/api/jobs --seconds 5
    bench/studio_load.py http://127.0.0.1:8080 --jobs 2000 --style great-wave --size 256

Each client is a process-wide thread with one kept connection that asks again as soon as it is answered; so it is
bounded by the number of clients. Python's own cost (some 0.2 ms a request, one core for all) is part of what is
measured: the figures are lower bounds. With --jobs each of --waiting clients (8) posts a job, follows its events to the
end and fetches the result, until so many are done; a line after each hundred tells of the server's resident memory
(from /metrics).
Needs Python 3 only.
"""
import argparse
import http.client
import itertools
import json
import os
import re
import threading
import time
import urllib.parse

PHOTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "samples", "photo.jpg")
EVERY = 100  # jobs


def ask(address, deadline, seconds, faults):
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    path = urllib.parse.urlunsplit(("", "", address.path or "/", address.query, ""))
    while time.monotonic() < deadline:
        start = time.monotonic()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 400:
                faults.append(answer.status)
            seconds.append(time.monotonic() - start)
        except (OSError, http.client.HTTPException) as fault:
            faults.append(repr(fault))
            connection.close()


def measure(address, clients, duration):
    seconds, faults = [], []
    deadline = time.monotonic() + duration
    threads = [threading.Thread(target=ask, args=(address, deadline, seconds, faults)) for _ in range(clients)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - start
    seconds.sort()
    return {"clients": clients, "requests a second": round(len(seconds) / elapsed, 1),
            "p50 ms": round(1000 * seconds[len(seconds) // 2], 2),
            "p95 ms": round(1000 * seconds[len(seconds) * 95 // 100], 2),
            "faults": len(faults)}


class Client:
    """Has pictures painted, one after the other."""

    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)

    def ask(self, method, path, body=None, kind="application/json"):
        self.connection.request(method, path, body, {"Content-Type": kind})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:300]}")
        return content

    def upload(self, file):
        with open(file, "rb") as photo:
            content = photo.read()
        body = (b'--x\r\nContent-Disposition: form-data; name="picture"; filename="photo.jpg"\r\n\r\n' + content +
                b"\r\n--x--\r\n")
        return json.loads(self.ask("POST", "/api/pictures", body, "multipart/form-data; boundary=x"))[0]["id"]

    def paint(self, job):
        """Bytes of the finished picture."""
        path = "/api/jobs/" + json.loads(self.ask("POST", "/api/jobs", json.dumps(job)))["id"]
        self.ask("GET", path + "/events")
        return len(self.ask("GET", path + "/result"))

    def megabytes(self):
        self.connection.close()  # the server has given up one that was idle for so long
        found = re.search(rb"^process_resident_memory_bytes (\S+)", self.ask("GET", "/metrics"), re.MULTILINE)
        return round(float(found[1]) / (1 << 20), 1)


def paint_many(address, given):
    watcher = Client(address)
    job = {"kind": "stylize", "content": watcher.upload(given.photo), "styles": [{"name": given.style}],
           "settings": {"size": str(given.size)}}
    numbers, done, lock = itertools.count(), itertools.count(1), threading.Lock()
    start = time.monotonic()
    print(json.dumps({"jobs": 0, "MB": watcher.megabytes()}), flush=True)

    def work():
        client = Client(address)
        while next(numbers) < given.jobs:
            client.paint(job)
            with lock:
                if (count := next(done)) % EVERY == 0 or count == given.jobs:
                    print(json.dumps({"jobs": count, "MB": watcher.megabytes(),
                                      "jobs a second": round(count / (time.monotonic() - start), 2)}), flush=True)

    threads = [threading.Thread(target=work) for _ in range(given.waiting)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", default="1,8,64")
    parser.add_argument("--jobs", type=int, default=0, help="paint so many pictures instead")
    parser.add_argument("--waiting", type=int, default=8, help="clients that do so")
    parser.add_argument("--style", default="great-wave")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--photo", default=PHOTO)
    given = parser.parse_args()
    address = urllib.parse.urlsplit(given.url)
    if given.jobs > 0:
        return paint_many(address, given)
    for clients in given.clients.split(","):
        print(json.dumps(measure(address, int(clients), given.seconds)), flush=True)


if __name__ == "__main__":
    main()
