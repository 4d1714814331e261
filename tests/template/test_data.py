"""What must outlive the application does, and the two stacks fit together."""

import pytest

from tests.template import cfn

DATA = cfn.data()
BUCKETS = DATA.of("AWS::S3::Bucket")
(TABLE,) = DATA.of("AWS::DynamoDB::Table").values()
each_bucket = pytest.mark.parametrize("name", BUCKETS)


@pytest.mark.parametrize("name", DATA.resources)
def test_nothing_of_the_data_stack_goes_with_the_stack(name: str) -> None:
    assert DATA.resources[name]["DeletionPolicy"] == "Retain"
    assert DATA.resources[name]["UpdateReplacePolicy"] == "Retain"


def test_every_export_is_imported_and_nothing_else_is() -> None:
    exported = {
        output["Export"]["Name"]["Fn::Sub"]
        for output in DATA.template["Outputs"].values()
        if "Export" in output
    }

    imported = {
        each["Fn::ImportValue"]["Fn::Sub"]
        for each in cfn.walk(cfn.application().template)
        if isinstance(each, dict) and "Fn::ImportValue" in each
    }
    assert imported == exported


def test_an_export_has_the_name_of_its_output() -> None:
    exports = {
        name: output["Export"] for name, output in DATA.template["Outputs"].items() if "Export" in output
    }

    assert exports == {name: {"Name": {"Fn::Sub": f"invoicely-${{Environment}}-{name}"}} for name in exports}


def test_the_table_is_found_by_its_keys_and_three_sparse_indexes() -> None:
    (local,) = TABLE["LocalSecondaryIndexes"]
    (overloaded, of_accounts) = TABLE["GlobalSecondaryIndexes"]

    assert keys_of(TABLE) == {"PK": "HASH", "SK": "RANGE"}
    assert (local["IndexName"], keys_of(local)) == ("Billing", {"PK": "HASH", "billing": "RANGE"})
    assert (overloaded["IndexName"], keys_of(overloaded)) == ("GSI1", {"GSI1PK": "HASH", "GSI1SK": "RANGE"})
    assert (of_accounts["IndexName"], keys_of(of_accounts)) == ("GSI2", {"GSI2PK": "HASH", "GSI2SK": "RANGE"})
    for index in (local, overloaded, of_accounts):
        assert index["Projection"] == {"ProjectionType": "ALL"}


def keys_of(table: cfn.Properties) -> dict[str, str]:
    return {key["AttributeName"]: key["KeyType"] for key in table["KeySchema"]}


def test_the_table_tells_both_states_of_a_change_and_can_be_restored() -> None:
    assert TABLE["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert TABLE["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert TABLE["SSESpecification"]["SSEEnabled"] is True
    assert TABLE["BillingMode"] == "PAY_PER_REQUEST"
    assert TABLE["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_table_and_users_are_protected_unless_it_is_switched_off() -> None:
    (pool,) = DATA.of("AWS::Cognito::UserPool").values()

    assert DATA.template["Parameters"]["DeletionProtection"]["Default"] == "true"
    assert DATA.template["Conditions"]["IsProtected"] == {
        "Fn::Equals": [{"Ref": "DeletionProtection"}, "true"]
    }
    assert TABLE["DeletionProtectionEnabled"] == {"Fn::If": ["IsProtected", True, False]}
    assert pool["DeletionProtection"] == {"Fn::If": ["IsProtected", "ACTIVE", "INACTIVE"]}


@each_bucket
def test_a_bucket_is_private_and_encrypted(name: str) -> None:
    shut = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")

    assert BUCKETS[name]["PublicAccessBlockConfiguration"] == dict.fromkeys(shut, True)
    assert BUCKETS[name]["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert BUCKETS[name]["BucketEncryption"]["ServerSideEncryptionConfiguration"] != []


@each_bucket
def test_a_bucket_refuses_plain_connections(name: str) -> None:
    (policy,) = [
        each for each in DATA.of("AWS::S3::BucketPolicy").values() if cfn.named(each["Bucket"]) == name
    ]

    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "OnlyOverTls",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_invoices_are_versioned_and_never_expire() -> None:
    assert BUCKETS["DocumentsBucket"]["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "LifecycleConfiguration" not in BUCKETS["DocumentsBucket"]


def test_the_queue_hears_of_every_object_that_lambda_puts_into_the_failures_bucket() -> None:
    bucket = DATA.resources["FailuresBucket"]

    assert bucket["Properties"]["NotificationConfiguration"]["QueueConfigurations"] == [
        {
            "Event": "s3:ObjectCreated:*",
            "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "aws/lambda/"}]}},
            "Queue": {"Fn::GetAtt": ["UnpublishedBatches", "Arn"]},
        }
    ]
    assert bucket["DependsOn"] == "UnpublishedBatchesPolicy"


def test_only_the_failures_bucket_of_this_account_may_fill_the_queue_and_only_over_tls() -> None:
    (policy,) = DATA.of("AWS::SQS::QueuePolicy").values()

    allowed, denied = policy["PolicyDocument"]["Statement"]
    name = BUCKETS["FailuresBucket"]["BucketName"]["Fn::Sub"]
    assert policy["Queues"] == [{"Ref": "UnpublishedBatches"}]
    assert (allowed["Effect"], allowed["Action"]) == ("Allow", "sqs:SendMessage")
    assert allowed["Principal"] == {"Service": "s3.amazonaws.com"}
    assert allowed["Condition"] == {
        "ArnEquals": {"aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::" + name}},
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    }
    assert (denied["Effect"], denied["Action"]) == ("Deny", "sqs:*")
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_queue_keeps_encrypted_what_it_was_told_for_fourteen_days() -> None:
    (queue,) = DATA.of("AWS::SQS::Queue").values()

    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_unpublished_changes_expire() -> None:
    (rule,) = BUCKETS["FailuresBucket"]["LifecycleConfiguration"]["Rules"]

    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 90)


def test_uploaded_files_expire_within_days_and_so_do_their_parts() -> None:
    (rule,) = BUCKETS["UploadsBucket"]["LifecycleConfiguration"]["Rules"]

    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 7)
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert "VersioningConfiguration" not in BUCKETS["UploadsBucket"]


def test_a_web_page_may_upload_with_a_signed_address_and_read_nothing() -> None:
    (rule,) = BUCKETS["UploadsBucket"]["CorsConfiguration"]["CorsRules"]

    assert rule["AllowedMethods"] == ["PUT"]
    assert (rule["AllowedOrigins"], rule["AllowedHeaders"]) == (["*"], ["content-type"])
    assert [name for name in BUCKETS if "CorsConfiguration" in BUCKETS[name]] == ["UploadsBucket"]


def test_users_sign_in_with_an_address_that_is_verified_before_it_counts() -> None:
    (pool,) = DATA.of("AWS::Cognito::UserPool").values()

    assert pool["UsernameAttributes"] == pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}


def test_a_password_is_long_rather_than_odd() -> None:
    (pool,) = DATA.of("AWS::Cognito::UserPool").values()

    odd = ("RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols")
    assert pool["Policies"]["PasswordPolicy"] == {"MinimumLength": 12} | dict.fromkeys(odd, False)


def test_a_sign_in_lasts_an_hour_and_can_be_revoked() -> None:
    (client,) = DATA.of("AWS::Cognito::UserPoolClient").values()

    assert client["AccessTokenValidity"] == client["IdTokenValidity"] == 1
    assert client["TokenValidityUnits"] == {
        "AccessToken": "hours",
        "IdToken": "hours",
        "RefreshToken": "days",
    }
    assert client["EnableTokenRevocation"] is True


def test_a_sign_in_needs_no_secret_and_tells_no_stranger_who_is_known() -> None:
    (client,) = DATA.of("AWS::Cognito::UserPoolClient").values()

    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert {"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"} <= set(client["ExplicitAuthFlows"])
