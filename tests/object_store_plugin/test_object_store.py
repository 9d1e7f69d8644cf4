"""The channel `object-store` against a folder and against a server that speaks S3."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import boto3
import pydantic
import pytest
from moto.server import ThreadedMotoServer

from pressroom import DeliveryError, Recipient
from pressroom.testing import ChannelContract
from pressroom.testing.post import Post
from pressroom_object_store.channel import ObjectStoreChannel
from pressroom_object_store.config import ObjectStoreConfig

HERE = Recipient(address="archive")
KEYS = {"region": "us-east-1", "access_key_id": "reports", "secret_access_key": "a secret of 1"}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str) -> Any:
    resource = boto3.resource(
        "s3", endpoint_url=s3, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    return resource.create_bucket(Bucket=f"b{uuid4().hex}")


class TestFolder(ChannelContract):
    plugin = ObjectStoreChannel

    @pytest.fixture
    def config(self, workspace: Path) -> dict[str, Any]:
        return {"url": (workspace / "objects").as_uri()}

    @pytest.fixture
    def arrived(self, workspace: Path) -> Callable[[], int]:
        return lambda: len(list(workspace.glob("objects/*/message.json")))


class TestBucket(ChannelContract):
    plugin = ObjectStoreChannel
    unreachable: ClassVar[dict[str, Any]] = {"options": {**KEYS, "endpoint": "http://127.0.0.1:1"}}

    @pytest.fixture
    def config(self, s3: str, bucket: Any) -> dict[str, Any]:
        return {"url": f"s3://{bucket.name}/weekly", "options": {**KEYS, "endpoint": s3}}

    @pytest.fixture
    def arrived(self, bucket: Any) -> Callable[[], int]:
        return lambda: sum(each.key.endswith("/message.json") for each in bucket.objects.all())

    def test_what_lies_there(self, instance: Any, options: Any, post: Post, bucket: Any) -> None:
        message = post.message()
        (receipt,) = post.deliver(instance, message, [HERE], options).receipts
        place = receipt.reference.removeprefix(f"s3://{bucket.name}/")
        assert place.startswith("weekly/")
        found = {each.key: each.get() for each in bucket.objects.filter(Prefix=f"{place}/")}
        facts = json.loads(found.pop(f"{place}/message.json")["Body"].read())
        assert facts["subject"] == message.subject
        assert {f"{place}/{each['name']}" for each in facts["documents"]} == set(found)
        for document in message.documents:
            written = found[f"{place}/{document.name}"]
            assert written["ContentType"] == document.media_type
            assert written["Body"].read() == (message.folder / document.path).read_bytes()

    def test_a_bucket_that_is_not_there(
        self, config: dict[str, Any], make: Callable[[], Any], options: Any, post: Post
    ) -> None:
        config["url"] = f"s3://no-such-bucket-{uuid4().hex}"
        channel = make()
        error = post.deliver(channel, post.message(), [HERE], options).error
        assert isinstance(error, DeliveryError)
        assert not error.transient
        assert "\n" not in str(error)
        with pytest.raises(DeliveryError, match="no-such-bucket"):
            channel.check()


@pytest.mark.parametrize(
    "url", ["http://example.org/b", "s3://", "s3:///prefix", "file:///", "memory:///", "s3://key:secret@b", "outbox"]
)
def test_addresses_that_cannot_be_meant(url: str) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        ObjectStoreConfig(url=url)
    assert caught.value.errors()[0]["loc"] == ("url",)


def test_secrets_are_not_shown() -> None:
    config = ObjectStoreConfig.model_validate({"url": "s3://b", "options": KEYS})
    assert KEYS["secret_access_key"] not in repr(config)
