"""Checks DSSE lines by securesystemslib and their statements by in-toto-attestation; says what the statements hold."""

import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

pem = load_pem_public_key(Path(sys.argv[1]).read_bytes())
said = []
for line in sys.stdin.read().splitlines():
    data = json.loads(line)
    key = SSlibKey.from_crypto(pem, keyid=data["signatures"][0]["keyid"])
    envelope = Envelope.from_dict(data)
    envelope.verify([key], 1)
    statement = json_format.Parse(envelope.payload, statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()
    provenance = json_format.ParseDict(json_format.MessageToDict(statement.predicate), provenance_pb2.Provenance())
    assert provenance.build_definition.build_type, "a build has a type"
    assert provenance.run_details.builder.id, "a build has a builder"
    dependencies = provenance.build_definition.resolved_dependencies
    for resource in [*dependencies, *provenance.run_details.byproducts]:
        ResourceDescriptor.copy_from_pb(resource).validate()
    said.append(
        {
            "predicateType": statement.predicate_type,
            "subject": {subject.name: subject.digest["sha256"] for subject in statement.subject},
            "dependencies": {dependency.name: dependency.digest["sha256"] for dependency in dependencies},
            "job": provenance.run_details.metadata.invocation_id,
            "parameters": json_format.MessageToDict(provenance.build_definition.external_parameters),
            "byproducts": len(provenance.run_details.byproducts),
        }
    )
print(json.dumps(said))
