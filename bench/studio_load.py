#!/usr/bin/env python3
"""Requests a second and latency of a running studio, with 1, 8 and 64 clients.

    atelier serve --port 8080 &
    bench/studio_load.py http://127.0.0.1:8080/api/jobs --seconds 5

Each client is a process-wide thread with one kept connection that asks again as soon as it is answered; so it is bounded
by the number of clients. Python's own cost (some 0.2 ms a request, one core for all) is part of what is measured: the
figures are lower bounds. Needs Python 3 only.
"""
import argparse
import http.client
import json
import threading
import time
import urllib.parse


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
            "p50 ms": round(1000 * seconds[len(seconds) // 2], 2), "p95 ms": round(1000 * seconds[len(seconds) * 95 // 100], 2),
            "faults": len(faults)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", default="1,8,64")
    given = parser.parse_args()
    for clients in given.clients.split(","):
        print(json.dumps(measure(urllib.parse.urlsplit(given.url), int(clients), given.seconds)), flush=True)


if __name__ == "__main__":
    main()
