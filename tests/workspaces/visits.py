"""A small workspace over real files: visits of a web site, in Chinese, in the time zone of Shanghai."""

from __future__ import annotations

from pathlib import Path

DAY = 86_400_000
MAY_2 = 1_462_118_400_000
"""2016-05-02 00:00 in Shanghai."""

VISITS = """\
time,city,browser,visits,seconds
2016-05-01T16:30:00Z,北京,Chrome,3,60
2016-05-02T03:00:00Z,上海,Firefox,5,50
2016-05-03T17:00:00Z,北京,Safari,2,90
2016-05-04T02:00:00Z,,Chrome,1,10
"""
USERS = 'cs1,name,tier\n12249,GrowingIO,gold\n+48123,"Tab\tand ""quotes""",gold\n-12,Ann,silver\n'
SETTINGS = """\
[sources.visits]
type = "files"
tables = {{ visits = "data/visits.csv", users = "data/users.csv" }}
projects = ["*"]

[channels.email]
type = "email"
host = "127.0.0.1"
port = {port}
sender = "Pressroom <reports@example.org>"
allowed_recipients = ["*@example.org"]
projects = ["*"]

[channels.archive]
type = "folder"
path = "archive"
projects = ["*"]
"""
DEFINITIONS = """\
project: {uid: nxog09md, name: Demo, timezone: Asia/Shanghai}
dashboards:
  - uid: YoX28w7R
    name: 访问
    time_range: {from: "2016-05-02", to: "2016-05-06"}
    charts:
      - uid: line0001
        name: 访问量
        type: line
        source: visits
        query: |
          SELECT $__timeGroup(time) AS time, sum(visits) AS visits, sum(seconds) AS seconds
          FROM visits WHERE $__timeFilter(time) GROUP BY 1
        metrics:
          - {name: visits, label: 访问量}
          - {name: duration, label: 平均访问时长, expr: seconds / visits, whole_days_only: true}
          - {name: twice, label: Twice, expr: 2 * duration}
      - uid: series01
        name: By city
        type: line
        source: visits
        query: |
          SELECT $__timeGroup(time) AS time, city, sum(visits) AS visits
          FROM visits WHERE $__timeFilter(time) GROUP BY 1, 2
        dimensions: [{name: city, label: 城市}]
      - uid: bar00001
        name: Cities
        type: horizontal-bar
        source: visits
        query: SELECT city, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1
      - uid: table001
        name: Table
        type: table
        source: visits
        query: SELECT city, browser, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1, 2
        dimensions: [{name: city, label: 城市}, {name: browser, label: 浏览器}]
      - uid: number01
        name: Number
        type: number
        source: visits
        query: SELECT sum(visits) AS visits FROM visits WHERE $__timeFilter(time)
      - uid: broken01
        name: Broken
        type: number
        source: visits
        query: SELECT nonsense FROM visits
  - {uid: empty001, name: Empty}
  - uid: good0001
    name: Good
    time_range: {from: "2016-05-02", to: "2016-05-06"}
    charts:
      - uid: table002
        name: Table
        type: table
        source: visits
        query: SELECT city, sum(visits) AS visits FROM visits WHERE $__timeFilter(time) GROUP BY 1
segments:
  - uid: s1aB2c3D
    name: Gold
    user_type: cs1
    source: visits
    query: "SELECT cs1, name FROM users WHERE tier = 'gold';"
rules:
  - {id: f2503720, name: 元素_注册按钮, type: clck}
reports:
  - uid: weekly
    name: Weekly
    dashboards: [{uid: good0001}]
    formats: [{csv: {delimiter: ";"}}]
    schedule: {frequency: weekly, start: "2026-11-23T09:00:00+01:00", timezone: Europe/Warsaw}
    deliveries: [{channel: email, to: [ops@example.org, jane@example.org]}, {channel: archive}]
"""


def make_workspace(folder: Path, port: int = 1) -> Path:
    """Files, settings and definitions in a folder, nothing stored yet; gives the toml file.

    Args:
        port: of the mail server.
    """
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "visits.csv").write_text(VISITS, encoding="utf-8")
    (folder / "data" / "users.csv").write_text(USERS, encoding="utf-8")
    (folder / "definitions.yaml").write_text(DEFINITIONS, encoding="utf-8")
    file = folder / "pressroom.toml"
    file.write_text(SETTINGS.format(port=port), encoding="utf-8")
    return file
