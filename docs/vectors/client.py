"""A client that answers one component: the emission rate of PROTOCOL 7."""

import json
import sys

for line in sys.stdin:
    message = json.loads(line)
    if "hello" in message:
        hello = {"protocol": "1", "name": "ten lines", "implements": ["component/emission_rate"], "answers": ["values"]}
        answer = {"hello": hello}
    else:
        rate = int(message["request"]["input"]["annual"]) // 31_536_000
        answer = {"id": message["id"], "answer": {"status": True, "values": {"emission_rate_per_second": str(rate)}}}
    print(json.dumps(answer), flush=True)
