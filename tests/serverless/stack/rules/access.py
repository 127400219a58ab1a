"""Cases of the rules on who may do what."""

from typing import Any

from tests.serverless.stack.rules.support import SERVICE, Case, Template, allow, made, policy

BUCKET, ROLE, GROUP = "AWS::S3::Bucket", "AWS::IAM::Role", "AWS::EC2::SecurityGroup"
INGRESS, DATABASE, SUBNET = "AWS::EC2::SecurityGroupIngress", "AWS::RDS::DBInstance", "AWS::EC2::Subnet"
BLOCKED = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
OURS = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
CLOUDFRONT = {"Service": "cloudfront.amazonaws.com"}
QUEUES = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}"
ROOT = {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}


def _role(*statements: dict[str, Any], **more: Any) -> Template:
    return made(Role=(ROLE, {"Policies": [{"PolicyName": "own", "PolicyDocument": policy(*statements)}], **more}))


def _trusting(**more: Any) -> Template:
    return made(Role=(ROLE, {"AssumeRolePolicyDocument": policy(allow("sts:AssumeRole", Principal=SERVICE, **more))}))


def _opened(**more: Any) -> Template:
    document = policy(allow("s3:GetObject", Resource="${Media.Arn}/*", **more))
    return made(Policy=("AWS::S3::BucketPolicy", {"Bucket": {"Ref": "Media"}, "PolicyDocument": document}))


def _key(*statements: dict[str, Any]) -> Template:
    return made(Key=("AWS::KMS::Key", {"KeyPolicy": policy(*statements)}))


CASES = [
    Case(
        rule="bucket-private",
        breaks=[
            ("Media", made(Media=(BUCKET, {}))),
            *(
                ("Media", made(Media=(BUCKET, {"PublicAccessBlockConfiguration": BLOCKED | {key: False}})))
                for key in BLOCKED
            ),
        ],
        holds=[made(Media=(BUCKET, {"PublicAccessBlockConfiguration": BLOCKED}))],
    ),
    Case(
        rule="not-public",
        breaks=[
            ("Database", made(Database=(DATABASE, {}))),
            ("Subnet", made(Subnet=(SUBNET, {"MapPublicIpOnLaunch": True}))),
            ("Url", made(Url=("AWS::Lambda::Url", {}))),
            ("Group", made(Group=(GROUP, {"SecurityGroupIngress": [{"CidrIp": "0.0.0.0/0", "FromPort": 5432}]}))),
            ("Rule", made(Rule=(INGRESS, {"CidrIpv6": "::/0"}))),
        ],
        holds=[
            made(
                Database=(DATABASE, {"PubliclyAccessible": False}),
                Subnet=(SUBNET, {"MapPublicIpOnLaunch": False}),
                Group=(GROUP, {"SecurityGroupEgress": [{"CidrIp": "0.0.0.0/0"}]}),
                Rule=(INGRESS, {"SourceSecurityGroupId": {"Ref": "Group"}}),
            )
        ],
    ),
    Case(
        rule="named-principals",
        breaks=[("Policy", _opened(Principal="*")), ("Policy", _opened(Principal={"AWS": ["*"]}))],
        holds=[_opened(Principal=ROOT), _opened(Principal="*", Effect="Deny")],
    ),
    Case(
        rule="named-actions",
        breaks=[
            ("Role", _role(allow("s3:*", Resource="${Media.Arn}/*"))),
            ("Role", _role({"Effect": "Allow", "Action": "*", "Resource": "${Media.Arn}"})),
            ("Role", _role({"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "${Media.Arn}"})),
            ("More", made(More=("AWS::IAM::Policy", {"PolicyDocument": policy(allow("sqs:Get*"))}))),
        ],
        holds=[_role(allow("s3:GetObject"), {"Effect": "Deny", "Action": "*", "Resource": "*"})],
    ),
    Case(
        rule="named-resources",
        breaks=[
            ("Role", _role(allow("s3:GetObject", Resource="*"))),
            ("Role", _role(allow("s3:GetObject", Resource=["${Media.Arn}/a", "arn:aws:s3:::*"]))),
            ("Role", _role(allow("sqs:SendMessage", Resource={"Fn::Sub": f"{QUEUES}:*"}))),
            ("Role", _role(allow("ec2:CreateNetworkInterface", "ec2:RunInstances", Resource=["*"]))),
            ("Role", _role({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::media"})),
        ],
        holds=[
            _role(allow("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", Resource="*")),
            _role(allow("s3:GetObject", Resource={"Fn::Sub": "${Media.Arn}/media/*"})),
            _role(allow("sqs:SendMessage", Resource={"Fn::Sub": f"{QUEUES}:shop-*"})),
        ],
    ),
    Case(
        rule="own-policies",
        breaks=[("Role", _role(ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonS3FullAccess"]))],
        holds=[_role(ManagedPolicyArns=[{"Ref": "Own"}])],
    ),
    Case(
        rule="trust-scoped",
        breaks=[
            ("Role", _trusting()),
            ("Role", _trusting(Condition={"StringEquals": {"sts:ExternalId": "1"}})),
        ],
        holds=[_trusting(Condition=OURS), _trusting(Condition={"ArnLike": {"AWS:SourceArn": "${Api}"}})],
    ),
    Case(
        rule="service-scoped",
        breaks=[
            ("Policy", _opened(Principal=CLOUDFRONT)),
            ("Invoke", made(Invoke=("AWS::Lambda::Permission", {"Principal": "apigateway.amazonaws.com"}))),
        ],
        holds=[
            _opened(Principal=CLOUDFRONT, Condition=OURS),
            made(Invoke=("AWS::Lambda::Permission", {"SourceArn": {"Ref": "Api"}})),
        ],
    ),
    Case(
        rule="distribution-scoped",
        breaks=[("Policy", _opened(Principal=CLOUDFRONT)), ("Policy", _opened(Principal=CLOUDFRONT, Condition=OURS))],
        holds=[
            _opened(Principal=CLOUDFRONT, Condition={"StringEquals": {"AWS:SourceArn": {"Ref": "DistributionArn"}}})
        ],
    ),
    Case(
        rule="key-of-the-account",
        breaks=[("Key", _key(allow("kms:*", Principal={"Service": "sns.amazonaws.com"}, Resource="*")))],
        holds=[
            _key(
                allow("kms:*", Principal=ROOT, Resource="*"),
                allow("kms:Decrypt", "kms:GenerateDataKey*", Principal=SERVICE, Resource="*"),
            )
        ],
    ),
]
