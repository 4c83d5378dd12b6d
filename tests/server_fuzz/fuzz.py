#!/usr/bin/env python3
"""Asks a studio of its own for everything that it must not fall over.

    tests/server_fuzz/fuzz.py build/release/atelier --seconds 600 --seed 7

Starts the program with an empty folder and sends it malformed forms, JSON, paths, headers, lengths and connections,
four at a time, while slow clients hold others. It must not end; every answer must be well-formed, errors in JSON, with
a status that /api/openapi.json tells of, and none of its own failure (500); then a job must still be done, descriptors
be closed again, memory not have grown and nothing be left in its folder. Case N of a seed is always the same (--only N).
Exit status 1 and a report for each breach. Needs Python 3 only, and Linux's /proc.
"""
import argparse
import collections
import http.client
import itertools
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import answers
from requests_made import Maker, png, request

PATIENCE = 30  # seconds for an answer; slow clients are given up after 10 to 15
SLOW_CLIENTS = 6
WORKERS = 4
MOST_SHOWN = 400


class World:
    """What exists on the server, for requests to name."""

    def __init__(self):
        self.pictures, self.jobs, self.spare, self.routes, self.described = [], [], [], [], {}


class Studio:
    """The server under test."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="atelier-fuzz-")
        self.data = os.path.join(self.folder, "data")
        self.log = os.path.join(self.folder, "log")
        # Bounds that keep what a mutated request may ask for cheap.
        command = [program, "serve", "--port", "0", "--data", self.data, "--threads", "1", "--max-upload", "4",
                   "--max-pixels", "1000000", "--max-result-pixels", "100000", "--queue-length", "20"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log,
                                            env={**os.environ, "XDG_DATA_HOME": os.path.join(self.folder, "home")})
        told = re.search(rb"http://[\d.]+:(\d+)", self.process.stdout.readline())
        if not told:
            raise SystemExit("the server does not start; see " + self.log)
        self.port = int(told[1])

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ask(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Content-Type": kind, "Host": "localhost"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def upload(self, picture):
        body = (b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n' + picture +
                b"\r\n--x--\r\n")
        status, answer = self.ask("POST", "/api/pictures", body, "multipart/form-data; boundary=x")
        assert status == 201, answer
        return json.loads(answer)[0]["id"]

    def job(self, picture, more=None, **settings):
        posted = {"kind": "stylize", "content": picture, "styles": [{"name": "great-wave"}], "settings": settings,
                  **(more or {})}
        status, answer = self.ask("POST", "/api/jobs", json.dumps(posted))
        assert status == 202, answer
        return json.loads(answer)["id"]

    def wait_for(self, job):
        for _ in range(1200):
            state = json.loads(self.ask("GET", "/api/jobs/" + job)[1])["state"]
            if state not in ("queued", "running"):
                return state
            time.sleep(0.05)
        return "not over"

    def clear(self, job):
        """Cancels and deletes a job, which may be over or gone by now."""
        self.ask("POST", f"/api/jobs/{job}/cancel", b"")
        for _ in range(600):
            if self.ask("DELETE", "/api/jobs/" + job)[0] != 409:
                return
            time.sleep(0.05)

    def clear_all(self):
        while jobs := json.loads(self.ask("GET", "/api/jobs?limit=200")[1])["jobs"]:
            for job in jobs:
                self.ask("POST", f"/api/jobs/{job['id']}/cancel", b"")
            for job in jobs:
                self.clear(job["id"])

    def lives(self):
        return self.process.poll() is None

    def megabytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        if self.lives():
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def warm_up(studio, picture):
    """One job of each kind, so that what they keep in memory is there from the start."""
    painted = studio.job(picture, {"method": "gatys", "styles": [{"picture": picture}], "options": {"steps": "2"}},
                         size="32")
    assert studio.wait_for(painted) == "done"
    status, answer = studio.ask("POST", "/api/jobs", json.dumps({"kind": "teach", "picture": picture,
                                                                 "name": "warm-up"}))
    assert status == 202, answer
    taught = json.loads(answer)["id"]
    while not json.loads(studio.ask("GET", "/api/jobs/" + taught)[1])["progress"]:
        time.sleep(0.05)
    for job in (painted, taught):
        studio.clear(job)


def prepare(studio):
    """A done job, a cancelled one, two pictures, and what the description says."""
    world, source = World(), random.Random(0)
    world.pictures = [studio.upload(png(source)), studio.upload(png(source, 40))]
    warm_up(studio, studio.upload(png(source, 70)))
    done, over = studio.job(world.pictures[0], size="32"), studio.job(world.pictures[1], size="32")
    assert studio.wait_for(done) == "done"
    studio.ask("POST", f"/api/jobs/{over}/cancel", b"")
    studio.wait_for(over)
    world.jobs = [done, over]
    paths = json.loads(studio.ask("GET", "/api/openapi.json")[1])["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            world.routes.append((method, path))
            world.described[method, path] = {int(status) for status in operation["responses"]}
    return world


class Fuzz:
    def __init__(self, studio, world, seed):
        self.studio, self.world, self.seed, self.maker = studio, world, seed, Maker(world)
        self.lock = threading.Lock()
        self.counts, self.statuses, self.faults, self.slowest = collections.Counter(), collections.Counter(), [], 0.0
        self.slow_ended = 0

    def case(self, index):
        return self.maker.case(random.Random(f"{self.seed}/{index}"))

    def report(self, index, case, fault):
        with self.lock:
            self.faults.append(f"case {index} ({case.family}): {fault}")
            text = repr(case.data[:MOST_SHOWN]) + (f" and {len(case.data) - MOST_SHOWN} more"
                                                   if len(case.data) > MOST_SHOWN else "")
            print(f"{self.faults[-1]}\n  left {case.leave}, {case.pieces} pieces: {text}", file=sys.stderr, flush=True)

    def send(self, connection, case):
        size = max(1, -(-len(case.data) // case.pieces))
        try:
            for start in range(0, len(case.data), size):
                connection.sendall(case.data[start:start + size])
                if case.pieces > 1:
                    time.sleep(0.002)
            if case.leave == "half":
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused in the middle: the answer may still be there

    def answers_to(self, case):
        connection = self.studio.connect()
        with connection:
            self.send(connection, case)
            if case.leave == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if case.leave in ("reset", "close"):
                return
            reader = answers.Reader(connection)
            count = 0
            try:
                while case.leave == "half" or count < case.answers:
                    answer = answers.read_answer(reader, b"HEAD" in case.data)
                    count += 1
                    yield answer
                    if answer.value("content-type") == "text/event-stream":
                        return
            except answers.Ended:
                if count < case.answers:
                    raise answers.Fault(f"{count} answers, no {case.answers}") from None

    def judge(self, case, answer):
        status = answer.status
        if status == 500 or status > 500 and status not in (503, 507):
            raise answers.Fault(f"{status}: {answer.body[:300]!r}")
        if case.route and status not in self.world.described[case.route]:
            raise answers.Fault(f"{status} is not described for {' '.join(case.route)}: {answer.body[:200]!r}")
        said = answer.body if answer.status >= 400 else b""
        for secret in (self.studio.folder.encode(), b"root:x:"):
            if secret in said or any(secret.decode() in value for _, value in answer.headers):
                raise answers.Fault("the answer tells what is on the server's disk")

    def clean_after(self, answer):
        """What a case has made does not stay in the queue."""
        if answer.status not in (201, 202) or not answer.body:
            return
        made = json.loads(answer.body)
        if isinstance(made, list):
            self.world.spare += [picture["id"] for picture in made if picture["id"] not in self.world.pictures]
            del self.world.spare[:-50]
        elif made["state"] in ("queued", "running"):
            self.studio.ask("POST", f"/api/jobs/{made['id']}/cancel", b"")
            self.world.spare.append(made["id"])

    def run(self, index):
        case = self.case(index)
        start = time.monotonic()
        try:
            for answer in self.answers_to(case):
                with self.lock:
                    self.statuses[answer.status] += 1
                self.judge(case, answer)
                self.clean_after(answer)
        except answers.Fault as fault:
            self.report(index, case, fault)
        except OSError as fault:
            if self.studio.lives():
                self.report(index, case, f"{fault!r}")
            elif not self.faults:
                self.report(index, case, "about here the server ended")
        with self.lock:
            self.counts[case.family] += 1
            self.slowest = max(self.slowest, time.monotonic() - start)

    def work(self, indices, deadline):
        while time.monotonic() < deadline and self.studio.lives():
            with self.lock:
                index = next(indices)
            self.run(index)

    def drip(self, deadline, number):
        """A client that sends a byte now and then; it must be given up, or it would hold its thread for ever."""
        texts = [request("GET", "/" + "a" * 5000), request("POST", "/api/jobs", [("Content-Type", "application/json")],
                                                           b" " * 5000),
                 b"", request("POST", "/api/pictures", [("Content-Length", "3000000")], None)]
        text = texts[number % len(texts)]
        head = text.find(b"\r\n\r\n") + 4 if number % 4 in (1, 3) else 0
        while time.monotonic() < deadline and self.studio.lives():
            with self.studio.connect() as connection:
                opened, at = time.monotonic(), head
                connection.settimeout(0.3)
                try:
                    connection.sendall(text[:head])
                    while time.monotonic() < deadline:
                        connection.sendall(text[at:at + 1] or (b"x" if head else b""))
                        at += 1
                        try:
                            if connection.recv(4096) == b"":
                                break
                        except TimeoutError:
                            pass
                    else:
                        return
                except OSError:
                    pass
                with self.lock:
                    self.slow_ended += 1
                    if time.monotonic() - opened > 120:
                        self.faults.append(f"slow client {number} was served for {time.monotonic() - opened:.0f} s")

    def go_on_for(self, seconds, indices):
        deadline = time.monotonic() + seconds
        threads = [threading.Thread(target=self.work, args=(indices, deadline)) for _ in range(WORKERS)]
        threads += [threading.Thread(target=self.drip, args=(deadline, number)) for number in range(SLOW_CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def settled(studio, wanted):
    """Open descriptors, once those of connections that have ended are closed."""
    for _ in range(200):
        if (now := studio.descriptors()) <= wanted:
            break
        time.sleep(0.1)
    return now


def leftovers(studio):
    """Files that no job or picture accounts for; a deleted job's go with it."""
    found = [os.path.join(folder, file) for folder, _, files in os.walk(studio.data) for file in files]
    return [file for file in found if not re.search(r"/(jobs\.sqlite(-wal|-shm)?|lock|pictures/[^/]+(/[^/]+)?)$", file)]


def last_words(studio):
    """What the server said beside its log, for instance a sanitizer's report."""
    with open(studio.log, encoding="utf-8", errors="replace") as log:
        return "".join(line for line in log if not line.startswith('{"time"'))[:6000]


def after(fuzz, memory, descriptors, most_growth):
    """What must hold when it is over."""
    studio, faults = fuzz.studio, fuzz.faults
    studio.clear_all()
    if studio.ask("GET", "/healthz")[0] != 200:
        faults.append("the server is not healthy")
    job = studio.job(studio.upload(png(random.Random(1))), size="32")
    state = studio.wait_for(job)
    status, picture = studio.ask("GET", f"/api/jobs/{job}/result")
    if (state, status) != ("done", 200) or picture[16:24] != struct.pack(">II", 32, 32):
        faults.append(f"a job afterwards is {state}, its picture {status}")
    studio.clear_all()
    now = settled(studio, descriptors)
    if now > descriptors:
        faults.append(f"{now} open descriptors, {descriptors} before")
    grown = studio.megabytes() - memory
    if grown > most_growth:
        faults.append(f"memory has grown by {grown:.0f} MB")
    if files := leftovers(studio):
        faults.append(f"left behind: {files[:5]}")
    with open(studio.log, encoding="utf-8", errors="replace") as log:
        faults += [line.strip()[:500] for line in log if "unexpected fault" in line or '"level":"error"' in line][:5]
    if (status := studio.stop()) != 0:
        faults.append(f"the server ended with {status}: {last_words(studio)}")
    return {"MB before": round(memory), "MB after": round(memory + grown), "descriptors before": descriptors,
            "descriptors after": now}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, action="append", help="just this case; may be repeated")
    parser.add_argument("--growth", type=float, default=48,
                        help="megabytes that memory may grow by after the first quarter")
    given = parser.parse_args()
    studio = Studio(os.path.abspath(given.program))
    told = {}
    try:
        fuzz = Fuzz(studio, prepare(studio), given.seed)
        descriptors = settled(studio, 0) if given.only else studio.descriptors()
        indices = itertools.count()
        if given.only:
            memory = studio.megabytes()
            for index in given.only:
                fuzz.run(index)
        else:
            fuzz.go_on_for(given.seconds / 4, indices)
            memory = studio.megabytes() if studio.lives() else 0
            fuzz.go_on_for(given.seconds * 3 / 4, indices)
        if studio.lives():
            told = after(fuzz, memory, descriptors, given.growth)
        else:
            fuzz.faults.append(f"the server has ended with {studio.process.returncode}: {last_words(studio)}")
    finally:
        studio.stop()
        shutil.rmtree(studio.folder, ignore_errors=True)
    for fault in fuzz.faults:
        print(fault)
    print(json.dumps({"seed": given.seed, "cases": dict(sorted(fuzz.counts.items())), "all": sum(fuzz.counts.values()),
                      "answers": dict(sorted(fuzz.statuses.items())), "slow clients given up": fuzz.slow_ended,
                      "slowest s": round(fuzz.slowest, 2), **told, "breaches": len(fuzz.faults)}))
    return 1 if fuzz.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
