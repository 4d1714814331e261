"""Alarms reach a person, and tell what has happened."""

import pytest

from tests.template import cfn

ALARMS = cfn.application().of("AWS::CloudWatch::Alarm")
each_alarm = pytest.mark.parametrize("name", ALARMS)


@each_alarm
def test_an_alarm_tells_the_topic_for_alarms_where_there_is_one(name: str) -> None:
    told = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}

    assert ALARMS[name]["AlarmActions"] == told


@each_alarm
def test_an_alarm_says_in_a_sentence_of_its_own_what_has_happened(name: str) -> None:
    others = {each["AlarmDescription"] for other, each in ALARMS.items() if other != name}

    assert ALARMS[name]["AlarmDescription"] not in others
    assert ALARMS[name]["AlarmDescription"].endswith(".")


@each_alarm
def test_an_alarm_is_silent_while_nothing_is_measured(name: str) -> None:
    assert ALARMS[name]["TreatMissingData"] == "notBreaching"
