"""How the two models are run: OpenVINO, checked against torch at every start, or torch itself.

``core.models`` is the door; nothing outside it needs this package.
"""
