"""The demo takes its server along when it is ended."""

import json
import os
import signal
import subprocess
import sys
import time

import httpx

WORDS = ["demo", "--families", "100", "--json"]
PATIENCE_SECONDS = 120


def test_a_demo_that_is_ended_by_a_signal_leaves_no_server_behind(tmp_path):
    told = tmp_path / "told.json"
    with told.open("wb") as out:
        demo = subprocess.Popen(
            [sys.executable, "-m", "gateway", *WORDS, "--home", str(tmp_path / "home")],
            stdout=out,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        url = _address(told, demo)
        assert httpx.get(f"{url}/health", trust_env=False).is_success
        demo.send_signal(signal.SIGTERM)
        demo.wait(timeout=PATIENCE_SECONDS)
    finally:
        demo.kill()
    try:
        answer = httpx.get(f"{url}/health", trust_env=False)
    except httpx.TransportError:
        return
    raise AssertionError(f"the server still answers: {answer.status_code}")


def _address(told, demo):
    """The server's address, once the demo has told its story."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends and demo.poll() is None:
        try:
            return json.loads(told.read_bytes())["server"]["url"]
        except ValueError:
            time.sleep(0.2)
    raise AssertionError("the demo told no whole story")
