"""What `/schema` promises, tried with generated requests: no status that it does not name, and no fault of ours."""

from __future__ import annotations

import httpx
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import status_code_conformance

from servers.results_server import Running

TAGS = {"results", "studio", "pages", "reports", "runs"}
EXAMPLES = 6


def test_every_answer_is_one_of_those_that_are_documented(server: Running) -> None:
    with httpx.Client(timeout=60) as client:
        raw = client.get(f"{server.url}/schema/openapi.json").json()
    schema = schemathesis.openapi.from_dict(raw)
    schema.config.update(base_url=server.url)
    headers = {"Authorization": f"Token {server.token('editor')}"}
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if not TAGS & set(operation.tags or ()):
            continue
        tried += 1

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
        @given(case=operation.as_strategy())
        def answers(case: schemathesis.Case) -> None:
            answer = case.call(headers=headers)
            assert answer.status_code != 500, answer.text
            case.validate_response(answer, checks=[status_code_conformance])

        answers()
    assert tried > 20


def test_every_documented_operation_takes_the_public_key(server: Running) -> None:
    with httpx.Client(timeout=60) as client:
        paths = client.get(f"{server.url}/schema/openapi.json").json()["paths"]
    asked = [path for path, item in paths.items() if "results" in item.get("get", {}).get("tags", ())]
    without = [
        path for path in asked if "X-Client-Id" not in [each["name"] for each in paths[path]["get"]["parameters"]]
    ]
    assert without == ["/admin/projects/{project}/dashboard/{dashboard}"]
