"""OpenVINO without its telemetry client; nothing else imports openvino.

OpenVINO's conversion tools report their use to a web service unless the user has opted out, and openvino
loads that client on import where it is installed. Nothing here converts anything, but contracts are
confidential: the client is kept out of the process.
"""

import sys

if "openvino" not in sys.modules:
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino as ov
from openvino import opset13 as op

__all__ = ["op", "ov"]
