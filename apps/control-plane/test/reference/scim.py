"""Lets scim2-tester, a public client that checks servers against the RFCs, use the platform's SCIM door; says what it found."""

import json
import sys
import uuid
from types import SimpleNamespace

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import check_server, filling


class Address:
    """What the checks make up as a text, with the form of an address: people sign in with one, and no schema can say so."""

    def __init__(self):
        self.id = uuid.uuid4()
        self.bytes = self.id.bytes

    def __str__(self):
        return f"{self.id}@bank.example"


filling.uuid = SimpleNamespace(uuid4=Address)
url, token = sys.argv[1:3]
with Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
    results = check_server(SyncSCIMClient(http))
print(json.dumps([{"status": one.status.name, "title": one.title, "reason": str(one.reason or "")[:500]} for one in results]))
