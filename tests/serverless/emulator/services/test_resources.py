import json
import os
import socket
import threading

import boto3
import pytest

from serverless.emulator.exceptions import ServiceFailed
from serverless.emulator.services.process import free_port
from serverless.emulator.services.resources import Endpoint
from serverless.ids import uuid7
from serverless.sigv4 import Credentials


def endpoint(url: str) -> Endpoint:
    return Endpoint(url=url, region="us-east-1", credentials=Credentials.from_environ())


def test_bucket_is_made_once() -> None:
    name = f"made-{uuid7()}"
    here = endpoint(os.environ["AWS_ENDPOINT_URL"])
    assert here.make_bucket(name) is True
    assert here.make_bucket(name) is False


def test_bucket_lets_browsers_upload() -> None:
    name = f"made-{uuid7()}"
    here = endpoint(os.environ["AWS_ENDPOINT_URL"])
    here.make_bucket(name)
    here.allow_browsers(name, ["http://a.test", "http://b.test"])
    (rule,) = boto3.client("s3").get_bucket_cors(Bucket=name)["CORSRules"]
    assert rule["AllowedOrigins"] == ["http://a.test", "http://b.test"]
    assert set(rule["AllowedMethods"]) == {"GET", "PUT"}
    assert rule["ExposeHeaders"] == ["ETag"]


def test_queue_has_visibility_and_a_dead_letter_queue() -> None:
    name = f"made-{uuid7()}"
    here = endpoint(os.environ["AWS_ENDPOINT_URL"])
    url = here.make_queue(name, visibility=77)
    assert here.make_queue(name, visibility=77) == url
    attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "77"
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive["maxReceiveCount"] == 50
    assert redrive["deadLetterTargetArn"].endswith(f":{name}-dead")


def test_endpoint_that_speaks_no_http_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mail:

        def greet() -> None:
            with mail.accept()[0] as caller:
                caller.recv(65_536)
                caller.sendall(b"220 mail.test ready\r\n")

        greeting = threading.Thread(target=greet)
        greeting.start()
        with pytest.raises(ServiceFailed, match=r"does not answer \(220 mail.test ready"):
            endpoint(f"http://127.0.0.1:{mail.getsockname()[1]}").make_bucket("media")
        greeting.join()


def test_endpoint_that_is_not_there_is_one_clear_sentence() -> None:
    with pytest.raises(ServiceFailed, match="does not answer"):
        endpoint(f"http://127.0.0.1:{free_port()}").make_bucket("media")
