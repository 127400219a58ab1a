import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError

from serverless.emulator.exceptions import ServiceFailed
from serverless.emulator.services import Services
from tests.serverless.emulator.services.conftest import Start, pids

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef

PART = b"p" * (5 << 20)


def client(services: Services) -> "S3Client":
    environ = services.environ
    s3: S3Client = boto3.client(
        "s3",
        endpoint_url=environ["AWS_ENDPOINT_URL"],
        aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        region_name=environ["AWS_REGION"],
    )
    return s3


def crash(services: Services, state: Path) -> None:
    """Kill the server without warning; what it answered must be on disk."""
    os.kill(pids(state)["aws"], signal.SIGKILL)
    asyncio.run(services.stop())


def missing(s3: "S3Client", key: str) -> bool:
    try:
        s3.head_object(Bucket="media", Key=key)
    except ClientError:
        return True
    return False


def test_bucket_whose_directory_a_crash_left_empty_does_not_stop_the_next_start(state: Path, start_aws: Start) -> None:
    (state / "s3" / "media").mkdir(parents=True)
    s3 = client(start_aws())
    s3.put_object(Bucket="media", Key="k", Body=b"body")
    assert s3.get_object(Bucket="media", Key="k")["Body"].read() == b"body"


def test_damaged_object_is_one_clear_sentence_that_names_it(state: Path, start_aws: Start) -> None:
    (state / "s3" / "media" / "objects").mkdir(parents=True)
    (state / "s3" / "media" / "objects" / "damaged.json").write_text("{")
    with pytest.raises(ServiceFailed, match=r"it last said: The objects cannot be loaded \(.*/damaged\.json\)\."):
        start_aws()


def test_objects_survive_a_crash_whichever_way_they_were_made(state: Path, start_aws: Start) -> None:
    services = start_aws()
    s3 = client(services)
    key = "originals/a b/ä+%.jpg"
    s3.put_object(Bucket="media", Key=key, Body=b"old")
    s3.put_object(
        Bucket="media",
        Key=key,
        Body=b"new",
        ContentType="image/jpeg",
        CacheControl="max-age=60",
        Metadata={"taken": "1999"},
        ChecksumAlgorithm="SHA256",
    )
    s3.copy_object(Bucket="media", Key="copied", CopySource={"Bucket": "media", "Key": key})
    upload = s3.create_multipart_upload(Bucket="media", Key="parts", ContentType="application/zip")["UploadId"]
    tags = [
        s3.upload_part(Bucket="media", Key="parts", UploadId=upload, PartNumber=number, Body=body)["ETag"]
        for number, body in ((1, PART), (2, b"end"))
    ]
    parts: list[CompletedPartTypeDef] = [
        {"ETag": tag, "PartNumber": number} for number, tag in enumerate(tags, start=1)
    ]
    s3.complete_multipart_upload(Bucket="media", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
    before = {
        name: s3.head_object(Bucket="media", Key=name, ChecksumMode="ENABLED") for name in (key, "copied", "parts")
    }

    crash(services, state)
    s3 = client(start_aws())

    for name, head in before.items():
        again = s3.head_object(Bucket="media", Key=name, ChecksumMode="ENABLED")
        for field in ("ETag", "ContentLength", "ContentType", "Metadata", "LastModified"):
            assert again[field] == head[field]
        assert again.get("CacheControl") == head.get("CacheControl")
        assert again.get("ChecksumSHA256") == head.get("ChecksumSHA256")
    assert before[key]["CacheControl"] == "max-age=60"
    assert before[key]["ChecksumSHA256"]
    assert s3.get_object(Bucket="media", Key=key)["Body"].read() == b"new"
    assert s3.get_object(Bucket="media", Key="copied")["Body"].read() == b"new"
    assert s3.get_object(Bucket="media", Key="parts", Range="bytes=5242879-")["Body"].read() == b"pend"
    listed = s3.list_objects_v2(Bucket="media")["Contents"]
    assert {entry["Key"] for entry in listed} == set(before)


def test_deleted_objects_and_unnamed_bodies_do_not_come_back(state: Path, start_aws: Start) -> None:
    services = start_aws()
    s3 = client(services)
    for key in ("one", "two", "three", "kept"):
        s3.put_object(Bucket="media", Key=key, Body=key.encode())
    s3.delete_object(Bucket="media", Key="one")
    s3.delete_objects(Bucket="media", Delete={"Objects": [{"Key": "two"}, {"Key": "three"}]})
    crash(services, state)
    half_written = state / "s3" / "media" / "bodies" / "0123"
    half_written.write_bytes(b"half")

    s3 = client(start_aws())

    assert [missing(s3, key) for key in ("one", "two", "three", "kept")] == [True, True, True, False]
    assert not half_written.exists()
    assert len(list(half_written.parent.iterdir())) == 1


def test_bodies_are_served_from_disk(state: Path, start_aws: Start) -> None:
    s3 = client(start_aws())
    for size in (0, 1, (1 << 20) + 1):
        sent = os.urandom(size)
        s3.put_object(Bucket="media", Key="body", Body=sent)
        (stored,) = (state / "s3" / "media" / "bodies").iterdir()
        assert stored.read_bytes() == sent
        assert s3.get_object(Bucket="media", Key="body")["Body"].read() == sent
