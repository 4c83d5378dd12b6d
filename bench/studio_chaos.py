#!/usr/bin/env python3
"""Kills `atelier serve` at random moments under load and counts what is lost or done twice.

    bench/studio_chaos.py build/release/atelier --kills 50

Jobs are posted all the time, each with an Idempotency-Key that is sent again until it is answered. After the last kill
the server works off the queue. Lost: accepted (202) but not done. Doubled: more results than keys, or a job whose log
tells of more than one end. Needs Python 3 only.
"""
import argparse
import json
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid

PHOTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "samples", "photo.jpg")


class Studio:
    """The server under test; its log of all lives is kept."""

    def __init__(self, program, folder):
        self.program, self.folder, self.log = program, folder, os.path.join(folder, "log")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        command = [self.program, "serve", "--port", str(self.port), "--data", os.path.join(self.folder, "data"),
                   "--threads", "1", "--queue-length", "100000"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
        for _ in range(600):
            try:
                return self.ask("/healthz")
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server does not start; see " + self.log)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, path, body=None, **headers):
        request = urllib.request.Request(self.url + path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def upload(self):
        with open(PHOTO, "rb") as photo:
            content = photo.read()
        body = (b'--x\r\nContent-Disposition: form-data; name="picture"; filename="photo.jpg"\r\n\r\n' + content +
                b"\r\n--x--\r\n")
        return self.ask("/api/pictures", body, Content_Type="multipart/form-data; boundary=x")[0]["id"]

    def jobs(self):
        found, before = {}, ""
        while page := self.ask(f"/api/jobs?limit=200&before={before}")["jobs"]:
            found.update((job["id"], job) for job in page)
            before = page[-1]["id"]
        return found


def post_jobs(studio, photo, accepted, enough, pause):
    """Posts jobs until `enough` is set; a key is sent again until the server has answered it."""
    while not enough.is_set():
        key = str(uuid.uuid4())
        job = {"kind": "stylize", "content": photo, "styles": [{"name": "great-wave"}],
               "settings": {"size": str(random.choice([64, 96, 160]))}}
        while not enough.is_set():
            try:
                answer = studio.ask("/api/jobs", json.dumps(job).encode(), Content_Type="application/json",
                                    Idempotency_Key=key)
                accepted.setdefault(key, set()).add(answer["id"])
                break
            except (OSError, ValueError):  # being killed or just starting
                time.sleep(0.05)
        time.sleep(pause)


def count_ends(log):
    ends = {}
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if '"event":"job ended"' in line and (job := re.search(r'"job":"([0-9a-f]{16})"', line)):
                ends[job[1]] = ends.get(job[1], 0) + 1
    return ends


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between a client's jobs")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    random.seed(given.seed)
    with tempfile.TemporaryDirectory(prefix="atelier-chaos-") as folder:
        studio = Studio(os.path.abspath(given.program), folder)
        studio.start()
        photo = studio.upload()
        accepted, enough = {}, threading.Event()
        clients = [threading.Thread(target=post_jobs, args=(studio, photo, accepted, enough, given.pause))
                   for _ in range(given.clients)]
        for client in clients:
            client.start()
        for number in range(given.kills):
            time.sleep(random.uniform(0.05, 2.5))
            studio.kill()
            studio.start()
            print(f"kill {number + 1}: {len(accepted)} jobs accepted", flush=True)
        enough.set()
        for client in clients:
            client.join()
        while any(job["state"] in ("queued", "running") for job in studio.jobs().values()):
            time.sleep(0.5)
        jobs, ends = studio.jobs(), count_ends(studio.log)
        ids = {job for answers in accepted.values() for job in answers}
        results = {name[:-4] for name in os.listdir(os.path.join(folder, "data", "results")) if name.endswith(".png")}
        given_up = [job for job in ids if job in jobs and jobs[job]["state"] == "failed"]
        lost = [job for job in ids if job not in jobs or jobs[job]["state"] == "done" and job not in results]
        doubled = [key for key, answers in accepted.items() if len(answers) > 1]
        doubled += [job for job, count in ends.items() if count > 1]
        studio.process.send_signal(signal.SIGTERM)
        studio.process.wait()
        print(json.dumps({"kills": given.kills, "accepted": len(ids), "done": len(results), "lost": len(lost),
                          "doubled": len(doubled), "given up after 3 attempts": len(given_up),
                          "begun again": sum(job["attempts"] > 1 for job in jobs.values())}))
        return 1 if lost or doubled else 0


if __name__ == "__main__":
    raise SystemExit(main())
