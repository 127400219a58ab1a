"""What signatures are verified with, and its rotation."""

import re

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.serverless.stack.edge.support import of_type, only, rendered


def test_both_places_are_trusted_while_they_hold_a_key() -> None:
    edge = rendered()
    keys = of_type(edge, "AWS::CloudFront::PublicKey")
    assert {name: key["PublicKeyConfig"]["EncodedKey"]["Ref"] for name, key in keys.items()} == {
        "MediaKey": "MediaPublicKey",
        "MediaKeySecond": "MediaPublicKeySecond",
    }
    assert edge["Resources"]["MediaKeySecond"]["Condition"] == "HasMediaKeySecond"
    assert edge["Conditions"]["HasMediaKeySecond"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "MediaPublicKeySecond"}, ""]}]
    }
    assert only(edge, "AWS::CloudFront::KeyGroup")["KeyGroupConfig"]["Items"] == [
        {"Fn::If": ["HasMediaKey", {"Ref": "MediaKey"}, {"Ref": "AWS::NoValue"}]},
        {"Fn::If": ["HasMediaKeySecond", {"Ref": "MediaKeySecond"}, {"Ref": "AWS::NoValue"}]},
    ]
    names = {key["PublicKeyConfig"]["Name"] for key in keys.values()}
    assert len(names) == 2


def test_ids_leave_the_stack_while_there_are_any() -> None:
    outputs = rendered()["Outputs"]
    assert outputs["MediaKeyPairId"] == {"Condition": "HasMediaKey", "Value": {"Ref": "MediaKey"}}
    assert outputs["MediaKeyPairIdSecond"] == {"Condition": "HasMediaKeySecond", "Value": {"Ref": "MediaKeySecond"}}


def test_a_place_takes_a_public_key_or_nothing() -> None:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for parameter in ("MediaPublicKey", "MediaPublicKeySecond"):
        allowed = re.compile(rendered()["Parameters"][parameter]["AllowedPattern"])
        for good in (pem, pem.strip(), ""):
            assert allowed.fullmatch(good)
        for bad in (pem.replace("PUBLIC", "PRIVATE"), "KABC123", pem + pem):
            assert not allowed.fullmatch(bad)


def test_cloudformation_asks_for_one_of_them() -> None:
    (assertion,) = rendered()["Rules"]["SomeKey"]["Assertions"]
    empty = [{"Fn::Equals": [{"Ref": name}, ""]} for name in ("MediaPublicKey", "MediaPublicKeySecond")]
    assert assertion["Assert"] == {"Fn::Or": [{"Fn::Not": [one]} for one in empty]}
    assert "MediaPublicKeySecond" in assertion["AssertDescription"]
