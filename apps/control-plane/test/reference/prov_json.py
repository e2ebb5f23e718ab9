"""Reads PROV-JSON by the prov package and says what it holds, and whether it comes out of the package as it went in."""

import json
import sys

from prov.model import ProvActivity, ProvAgent, ProvDerivation, ProvDocument, ProvEntity

document = ProvDocument.deserialize(content=sys.stdin.read(), format="json")
again = ProvDocument.deserialize(content=document.serialize(format="json"), format="json")
names = {
    kind.__name__: sorted(str(record.identifier) for record in document.get_records(kind))
    for kind in (ProvEntity, ProvActivity, ProvAgent)
}
pairs = [record.args[:2] for record in document.get_records(ProvDerivation)]
derivations = sorted([str(child), str(parent)] for child, parent in pairs)
print(json.dumps({"same": again == document, "derivations": derivations, **names}))
