"""The `pagerduty` client, list for list and write for write."""
from datetime import datetime, timedelta, timezone
from importlib.metadata import version

import pagerduty
from table import Table


class Local(pagerduty.RestApiV2Client):
    """The client, that it may speak to loopback: it takes https alone."""

    url = property(lambda self: self._here, lambda self, here: setattr(self, "_here", here))


def play(world, act):
    at, keys = world["pagerduty"]["url"], world["pagerduty"]["tokens"]
    it = Table("pagerduty", version("pagerduty"))
    client = Local(keys["user"], base_url=at)
    account = Local(keys["account"], default_from="elena@quillbrook.example", base_url=at)
    status = lambda code: lambda error: error.response.status_code == code

    it.calls("rget users/me", lambda: client.rget("/users/me"), lambda me: me["type"] == "user")
    it.calls("api_key_access, a user's", lambda: client.api_key_access, lambda kind: kind == "user")
    it.calls("api_key_access, the account's", lambda: account.api_key_access, lambda kind: kind == "account")
    bearer = lambda: Local(keys["oauth"], auth_type="bearer", base_url=at).rget("/users/me")
    it.calls("rget users/me, OAuth", bearer, lambda me: me["type"] == "user")
    wrong = Local("u+nobody_________999", base_url=at)
    it.refuses("rget users/me, a wrong key", lambda: wrong.rget("/users/me"), pagerduty.HttpError, status(401))

    for name in ("users", "services", "escalation_policies", "schedules", "priorities", "teams", "oncalls", "log_entries"):
        it.calls(f"list_all {name}", lambda: client.list_all(name), lambda all: len(all) > 0)
    everything = {"date_range": "all"}
    paged = lambda: list(client.iter_all("incidents", params=everything, page_size=2, total=True))
    it.calls("iter_all incidents, two a page", paged, lambda all: len({one["id"] for one in all}) == 6)
    it.calls("get_total incidents", lambda: client.get_total("incidents", params=everything), lambda total: total == 6)
    service = client.list_all("services")[0]
    it.calls("find services", lambda: client.find("services", service["name"]), lambda one: one["id"] == service["id"])
    it.calls("dict_all users", lambda: client.dict_all("users", by="email"), lambda all: "elena@quillbrook.example" in all)
    now = datetime.now(timezone.utc)
    history = lambda: list(client.iter_history("/log_entries", now - timedelta(hours=1), now + timedelta(hours=1)))
    it.calls("iter_history log_entries", history, lambda all: len(all) > 6)
    entry = client.list_all("log_entries")[0]
    it.calls("rget log_entries/ID", lambda: client.rget(f"/log_entries/{entry['id']}"), lambda one: one["id"] == entry["id"])
    team = client.list_all("teams")[0]
    it.calls("rget teams/ID", lambda: client.rget(team), lambda one: one["name"] == team["name"])
    it.calls("list_all teams/ID/members", lambda: client.list_all(f"/teams/{team['id']}/members"), lambda all: len(all) > 0)
    it.calls("rget abilities", lambda: client.rget("/abilities"), lambda all: "teams" in all)
    it.calls("account_has_ability, had", lambda: client.account_has_ability("teams"), lambda has: has is True)
    it.calls("account_has_ability, lacking", lambda: client.account_has_ability("sso"), lambda has: has is False)
    it.refuses("account_has_ability, unknown", lambda: client.account_has_ability("flying"), pagerduty.HttpError, status(404))

    fields = {"type": "incident", "title": "Search is down", "incident_key": "by-hand",
              "service": {"id": service["id"], "type": "service_reference"}}
    made = client.rpost("incidents", json=fields)
    it.calls("rpost incidents", lambda: made, lambda one: one["status"] == "triggered" and one["incident_key"] == "by-hand")
    it.refuses("rpost incidents, the same key", lambda: client.rpost("incidents", json=fields), pagerduty.HttpError, status(400))
    asked = {**fields, "incident_key": "by-account", "title": "For the account"}
    it.calls("rpost incidents, in somebody's name", lambda: account.rpost("incidents", json=asked), lambda one: one["title"] == "For the account")
    take = {"type": "incident_reference", "status": "acknowledged"}
    it.calls("rput incidents/ID, acknowledge", lambda: client.rput(made, json=take), lambda one: one["status"] == "acknowledged")
    path = f"/incidents/{made['id']}"
    note = lambda: client.rpost(f"{path}/notes", json={"content": "We look at it."})
    it.calls("rpost notes", note, lambda one: one["content"] == "We look at it.")
    it.calls("rget notes", lambda: client.rget(f"{path}/notes"), lambda all: len(all) == 1)
    it.calls("iter_incident_notes", lambda: list(client.iter_incident_notes(made["id"])), lambda all: len(all) == 1)
    it.calls("rpost snooze", lambda: client.rpost(f"{path}/snooze", json={"duration": 600}), lambda one: one["status"] == "acknowledged")
    me, other = client.rget("/users/me"), client.list_all("users")[1]
    targets = [{"responder_request_target": {"id": other["id"], "type": "user_reference"}}]
    request = {"requester_id": me["id"], "message": "Please join.", "responder_request_targets": targets}
    it.calls("rpost responder_requests", lambda: client.rpost(f"{path}/responder_requests", json=request), lambda one: one["message"] == "Please join.")
    it.calls("list_all incidents/ID/log_entries", lambda: client.list_all(f"{path}/log_entries"), lambda all: len(all) > 3)
    alerts = client.list_all(f"{path}/alerts")
    it.calls("list_all incidents/ID/alerts", lambda: alerts, lambda all: len(all) == 1)
    it.calls("rget incidents/ID/alerts/ID", lambda: client.rget(f"{path}/alerts/{alerts[0]['id']}"), lambda one: one["type"] == "alert")
    source = client.rpost("incidents", json={**fields, "incident_key": "same", "title": "The same"})
    merge = lambda: client.rput(f"{path}/merge", json=[{"id": source["id"], "type": "incident_reference"}])
    it.calls("rput merge", merge, lambda one: one["id"] == made["id"])
    it.calls("rget a merged one", lambda: client.rget(source), lambda one: one["resolve_reason"]["incident"]["id"] == made["id"])
    done = [{"id": made["id"], "type": "incident_reference", "status": "resolved"}]
    it.calls("rput incidents, many at once", lambda: client.rput("incidents", json=done), lambda all: all[0]["status"] == "resolved")

    schedule = client.list_all("schedules")[0]
    turn = lambda day: {"start": f"2032-05-{day}T08:00:00Z", "end": f"2032-05-{day}T16:00:00Z",
                        "user": {"id": other["id"], "type": "user_reference"}}
    laid = client.rpost(f"/schedules/{schedule['id']}/overrides", json=[turn(16), turn(17), turn(18)])
    it.calls("rpost overrides", lambda: laid, lambda all: [one["status"] for one in all] == [201] * 3)
    window = {"since": "2032-05-01T00:00:00Z", "until": "2032-06-01T00:00:00Z"}
    overrides = lambda: client.rget(f"/schedules/{schedule['id']}/overrides", params=window)
    it.calls("rget overrides", overrides, lambda all: len(all) == 3)
    it.calls("iter_cursor audit/records, one a page", lambda: list(client.iter_cursor("/audit/records", page_size=1)), lambda all: len(all) == 3)
    one = laid[0]["override"]["id"]
    it.calls("rdelete overrides/ID", lambda: client.rdelete(f"/schedules/{schedule['id']}/overrides/{one}"), lambda gone: gone.status_code == 204)
    it.calls("rget schedules/ID", lambda: client.rget(f"/schedules/{schedule['id']}"), lambda one: "final_schedule" in one)

    act({"do": "fault", "kind": "status", "status": 429, "path": "/priorities", "times": 1})
    client.sleep_timer = 0.1
    it.calls("rget priorities, after a 429", lambda: client.rget("/priorities"), lambda all: len(all) > 0)
    it.refuses("rget what is not there", lambda: client.rget("/incidents/QNOTHERE"), pagerduty.HttpError, status(404))
    it.refuses("rget what this world lacks", lambda: client.rget("/tags"), pagerduty.HttpError, status(404))
