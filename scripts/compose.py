#!/usr/bin/env python3
"""Checks packaging/compose.yaml without Docker: as data, and by starting the same processes with the same files on loopback.

    scripts/compose.py [--vast PATH] [--nats PATH]

Every name that a service uses must be defined, every published port must be that of the configuration, `vast config check` must accept
the configuration. Then three NATS servers, the streams, two gateways and their mock ad servers run with the commands of the file, with 127.0.0.1 and free ports in place of
host names. An ad must come from each gateway, its event must be accepted by the other one, and its tracker must be called.

Needs Python 3.8, PyYAML, `nats-server`, and a `vast` with the feature `nats`; what is missing is skipped.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import harness
from gateway import Gateway, free_port

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "packaging", "compose.yaml")
SECRET = "a secret of the check of the compose file, 32 bytes or more"
IMAGES = {"nats": r"^nats:\d+\.\d+$", "vast": r"^vast$"}


def names_are_defined(checks, compose):
    services = compose["services"]
    for name, service in services.items():
        checks.check("%s: the image" % name, any(re.match(pattern, service["image"]) for pattern in IMAGES.values()), service["image"])
        unknown = [one for one in service.get("depends_on", []) if one not in services]
        unknown += [one for one in service.get("networks", []) if one not in compose["networks"]]
        unknown += [one.split(":")[0] for one in service.get("volumes", []) if one.split(":")[0] not in compose["volumes"]]
        unknown += [one["source"] for one in service.get("configs", []) if one["source"] not in compose["configs"]]
        mode = service.get("network_mode", "")
        unknown += [mode] if mode.startswith("service:") and mode.split(":")[1] not in services else []
        checks.equal("%s: names that are not defined" % name, unknown, [])
    used = {one.split(":")[0] for service in services.values() for one in service.get("volumes", [])}
    checks.equal("volumes", used, set(compose["volumes"]))


def routes_are_right(checks, compose):
    for name, service in nats_services(compose).items():
        checks.check("%s has its name" % name, "-n %s " % name in service["command"] + " ", service["command"])
        others = {one for one in nats_services(compose) if one != name}
        routes = set(re.findall(r"nats://(\w+):6222", service["command"].split("--routes", 1)[1]))
        checks.equal("%s: routes" % name, routes, others)


def nats_services(compose):
    return {name: service for name, service in compose["services"].items() if service["image"].startswith("nats:")}


def gateway_is_valid(checks, options, compose, folder):
    text = compose["configs"]["gateway"]["content"]
    path = os.path.join(folder, "gateway.toml")
    with open(path, "w") as file:
        file.write(text)
    done = subprocess.run([options.vast, "config", "check", path], capture_output=True, text=True, timeout=120, env=dict(os.environ, VAST_SECRET=SECRET))
    checks.check("vast config check", done.returncode == 0, done.stdout + done.stderr)
    listen = re.search(r'^listen = "0\.0\.0\.0:(\d+)"$', text, re.M).group(1)
    published = {}
    for name, service in compose["services"].items():
        for port in service.get("ports", []):
            host, inner = port.split(":")
            checks.equal("%s: the published port" % name, inner, listen)
            published.setdefault(host, name)
    checks.equal("published ports", published, {"8081": "gateway1", "8082": "gateway2"})
    checks.equal("servers of the configuration", set(re.findall(r"nats://(\w+):4222", text)), set(nats_services(compose)))
    checks.equal("the environment", compose["services"]["gateway1"]["environment"], ["VAST_SECRET"])
    mock = compose["services"]["mock1"]["command"]
    source = re.search(r"http://127\.0\.0\.1:(\d+)/ad\.xml", text).group(1)
    checks.check("the port of the mock", "--port %s" % source in mock, mock)


def start(command, processes, **more):
    processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more))


def it_runs(checks, options, compose, folder, processes):
    nats = nats_services(compose)
    clients, peers = {name: free_port() for name in nats}, {name: free_port() for name in nats}
    for name, service in nats.items():
        command = service["command"].replace("nats://0.0.0.0:6222", "nats://127.0.0.1:%d" % peers[name]).replace("/data", os.path.join(folder, name))
        for other in nats:
            command = command.replace("nats://%s:6222" % other, "nats://127.0.0.1:%d" % peers[other])
        start([options.nats, "-a", "127.0.0.1", "-p", str(clients[name])] + command.split(), processes)
    streams = compose["services"]["streams"]["command"]
    for name in nats:
        streams = streams.replace("nats://%s:4222" % name, "nats://127.0.0.1:%d" % clients[name])
    # The default sizes need a disk with more room than a check can expect.
    command = [options.vast] + streams.split() + ["--max-bytes", "50000000"]
    deadline, done = time.monotonic() + 120, None
    while (done is None or done.returncode) and time.monotonic() < deadline:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        time.sleep(0.5 if done.returncode else 0)
    checks.check("the streams are created", done.returncode == 0, done.stdout + done.stderr)
    os.environ["VAST_SECRET"] = SECRET
    gateways = []
    for number in (1, 2):
        own = os.path.join(folder, "gateway%d" % number)
        os.mkdir(own)
        mock, text = free_port(), compose["configs"]["gateway"]["content"]
        with open(os.path.join(own, "ad.xml"), "w") as file:
            file.write(compose["configs"]["ad"]["content"].replace(":8000/", ":%d/" % mock))
        command = compose["services"]["mock1"]["command"].replace("/ads", own).replace("8000", str(mock))
        start([options.vast] + command.split(), processes)
        text = text.replace(":8000/", ":%d/" % mock)
        for name in nats:
            text = text.replace("nats://%s:4222" % name, "nats://127.0.0.1:%d" % clients[name])
        gateways.append(Gateway(options.vast, text, own))
        processes.append(gateways[-1].process)
    for own, other in (gateways, gateways[::-1]):
        an_ad_and_its_event(checks, own, other)


def asked_until(gateway, path, is_right):
    """The status and the body of the last answer. A gateway on a busy machine sheds requests, and players repeat their reports then."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d%s" % (gateway.port, path), timeout=60) as answer:
                seen = answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            seen = error.code, error.read().decode(errors="replace")
        if is_right(*seen) or time.monotonic() > deadline:
            return seen
        time.sleep(0.2)


def an_ad_and_its_event(checks, own, other):
    _, body = asked_until(own, "/v1/preroll/vast?w=1280&h=720", lambda status, body: "<Impression>" in body)
    token = re.search(r"http://127\.0\.0\.1:8081(/b/[^\]<]+)", body)
    checks.check("an ad with a sealed tracker", token, body[:500])
    if token:
        path = token.group(1).replace("&amp;", "&").strip()
        status, _ = asked_until(other, path, lambda status, body: status == 200)
        checks.equal("the other gateway accepts the event", status, 200)
        deadline = time.monotonic() + 120
        delivered = 0
        while not delivered and time.monotonic() < deadline:
            delivered = sum(json.loads(gateway.ask_admin("/api/outbox")[1])["stats"]["delivered"] for gateway in (own, other))
            time.sleep(0.2)
        checks.check("its tracker is called", delivered, delivered)


def main():
    arguments = harness.parser(__doc__)
    arguments.add_argument("--nats", default="nats-server", help="the program nats-server [default: that of PATH]")
    options = harness.options_of(arguments)
    try:
        import yaml
    except ImportError:
        print("skipped: PyYAML")
        return 0
    if shutil.which(options.nats) is None:
        print("skipped: nats-server")
        return 0
    with open(FILE) as file:
        compose = yaml.safe_load(file)
    checks, processes = harness.Tally(), []
    with tempfile.TemporaryDirectory() as folder:
        names_are_defined(checks, compose)
        routes_are_right(checks, compose)
        gateway_is_valid(checks, options, compose, folder)
        try:
            it_runs(checks, options, compose, folder, processes)
        finally:
            for process in processes:
                process.kill()
                process.wait()
    return checks.end()


if __name__ == "__main__":
    sys.exit(main())
