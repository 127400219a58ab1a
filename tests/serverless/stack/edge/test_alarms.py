"""What rings when the edge answers with errors."""

from tests.serverless.stack.edge.support import of_type, only, rendered


def test_errors_ring_a_topic_of_the_edges_own_region() -> None:
    edge = rendered(alarm_email="ops@shop.example")
    alarm = only(edge, "AWS::CloudWatch::Alarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/CloudFront", "5xxErrorRate")
    assert {one["Name"]: one["Value"] for one in alarm["Dimensions"]} == {
        "DistributionId": {"Ref": "Distribution"},
        "Region": "Global",
    }
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
    assert only(edge, "AWS::SNS::Topic")["Subscription"] == [{"Protocol": "email", "Endpoint": "ops@shop.example"}]


def test_a_certificate_that_is_not_renewed_rings_weeks_before_its_end() -> None:
    found = of_type(rendered(domain="shop.example"), "AWS::CloudWatch::Alarm")
    alarm = found["CertificateAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/CertificateManager", "DaysToExpiry")
    assert alarm["Dimensions"] == [{"Name": "CertificateArn", "Value": {"Ref": "Certificate"}}]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 30)
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]


def test_without_an_address_nobody_is_subscribed() -> None:
    assert "Subscription" not in only(rendered(), "AWS::SNS::Topic")


def test_only_this_accounts_alarms_publish_and_nobody_without_tls() -> None:
    policy = only(rendered(), "AWS::SNS::TopicPolicy")
    denied, allowed = policy["PolicyDocument"]["Statement"]
    assert policy["Topics"] == [{"Ref": "AlarmTopic"}]
    assert (denied["Effect"], denied["Principal"], denied["Condition"]) == (
        "Deny",
        "*",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
    assert (allowed["Effect"], allowed["Principal"]) == ("Allow", {"Service": "cloudwatch.amazonaws.com"})
    assert allowed["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
