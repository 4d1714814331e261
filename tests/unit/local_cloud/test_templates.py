from pathlib import Path

from infrastructure.local_cloud.templates import load, resources

TEMPLATE = """
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: !Sub "invoicely-${Environment}"}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Arn: !GetAtt Table.Arn.Again
      Name: !Ref Table
      Version: 2012-10-17
      Joined: !Join ["-", [!Ref Table, !If [IsProd, a, b]]]
"""


def test_reads_short_tags_as_cloudformation_does(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)

    template = load(tmp_path / "template.yaml")

    assert dict(resources(template, "AWS::IAM::Role"))["Role"]["Properties"] == {
        "Arn": {"Fn::GetAtt": ["Table", "Arn.Again"]},
        "Name": {"Ref": "Table"},
        "Version": "2012-10-17",
        "Joined": {"Fn::Join": ["-", [{"Ref": "Table"}, {"Fn::If": ["IsProd", "a", "b"]}]]},
    }
