"""Ask over HTTP, while ``proviso api`` runs."""

import httpx

with httpx.Client(base_url="http://localhost:8502", timeout=300) as proviso:
    reply = proviso.post("/v1/ask", json={"question": "What is the cap on liability?", "keep": 3})
    decision = reply.raise_for_status().json()

print(decision["answer"]["text"])
for passage in decision["kept"]:
    print(f"{passage['relevance']:.3f}  {passage['contract']}, p. {passage['page_start']}")
print(f"{len(decision['discarded'])} candidates were discarded, each with its scores.")
