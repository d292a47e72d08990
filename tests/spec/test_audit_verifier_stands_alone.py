"""Whoever verifies needs the export and the public key, and none of the code that wrote the log."""

import subprocess
import sys
from pathlib import Path

from audit.errors import VerificationFailed

title = "The verifier stands alone"

PROJECT = Path(__file__).resolve().parents[2]
WITHOUT_THE_LOG = """
import sys
from importlib.abc import MetaPathFinder

class Refusing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {"audit.log", "audit.writer", "audit.appender", "audit.logfile", "sqlalchemy"}:
            raise ImportError("not for a stranger: " + name)

# The package's own opening offers the log as well; a stranger has only these files of it.
import types
package = types.ModuleType("audit")
package.__path__ = [sys.argv[1] + "/audit"]
sys.modules["audit"] = package
sys.meta_path.insert(0, Refusing())
from audit.verify import verify
from audit.proof import check_inclusion
from audit.__main__ import main
print(sorted(name for name in sys.modules if name.startswith("audit.")))
"""


def test_it_runs_where_the_log_cannot_be_imported():
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_LOG, str(PROJECT)], capture_output=True, check=False
    )
    assert answer.returncode == 0, answer.stderr.decode()
    assert "audit.verify" in answer.stdout.decode()
    assert "audit.log" not in answer.stdout.decode().replace("audit.logfile", "")


def test_each_fault_has_a_name_of_its_own_and_says_what_it_is():
    kinds = VerificationFailed.__subclasses__()
    assert len(kinds) >= 13
    assert all(kind.__doc__ and kind.__doc__ != VerificationFailed.__doc__ for kind in kinds)
