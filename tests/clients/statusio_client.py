"""The `statusio` client (statusio-python on PyPI), list for list and write for write."""
from importlib.metadata import version

import statusio
from table import Table


def play(world, act):
    access = world["statusio"]
    it, page = Table("statusio-python", version("statusio-python")), access["page_id"]
    client = statusio.Api(access["api_id"], access["api_key"], base_url=access["url"].removesuffix("/v2"))
    good = lambda got: got["status"]["error"] == "no"
    bad = lambda got: got["status"]["error"] == "yes"

    components = client.ComponentList(page)["result"]
    it.calls("ComponentList", lambda: components, lambda all: len(all) > 0)
    component, container = components[0]["_id"], components[0]["containers"][0]["_id"]
    update = lambda: client.ComponentStatusUpdate(page, component, container, "By hand.", 300)
    it.calls("ComponentStatusUpdate", update, good)
    it.calls("StatusSummary", lambda: client.StatusSummary(page), lambda got: got["result"]["status_overall"]["status_code"] == 300)

    made = client.IncidentCreate(page, [f"{component}-{container}"], "Jobs are delayed", "We look at it.", 300, 100)
    it.calls("IncidentCreate", lambda: made, good)
    incident = made["result"]
    it.calls("IncidentList", lambda: client.IncidentList(page), lambda got: got["result"]["active_incidents"][0]["_id"] == incident)
    it.calls("IncidentListByID", lambda: client.IncidentListByID(page), lambda got: got["result"]["active_incidents"] == [incident])
    one = client.IncidentSingle(page, incident)["result"][0]
    it.calls("IncidentSingle", lambda: one, lambda got: got["name"] == "Jobs are delayed")
    it.calls("IncidentMessage", lambda: client.IncidentMessage(page, one["messages"][0]["_id"]), good)
    it.calls("IncidentUpdate", lambda: client.IncidentUpdate(page, incident, "We know why.", 300, 200), good)
    it.calls("IncidentResolve", lambda: client.IncidentResolve(page, incident, "It is over.", 100, 300), good)
    it.calls("IncidentList, resolved", lambda: client.IncidentList(page), lambda got: len(got["result"]["resolved_incidents"]) == 1)
    it.calls("IncidentUpdate, resolved", lambda: client.IncidentUpdate(page, incident, "Late.", 300, 200), bad)
    it.calls("IncidentDelete", lambda: client.IncidentDelete(page, incident), good)

    plan = ("05/16/2032", "09:00", "05/16/2032", "10:00")
    work = client.MaintenanceSchedule(page, [f"{component}-{container}"], "New disks", "An hour.", *plan)
    it.calls("MaintenanceSchedule", lambda: work, good)
    it.calls("MaintenanceList", lambda: client.MaintenanceList(page), lambda got: got["result"]["upcoming_maintenances"][0]["_id"] == work["result"])
    it.calls("MaintenanceListByID", lambda: client.MaintenanceListByID(page), lambda got: got["result"]["upcoming_maintenances"] == [work["result"]])
    single = client.MaintenanceSingle(page, work["result"])["result"]
    it.calls("MaintenanceSingle", lambda: single, lambda got: got["name"] == "New disks")
    it.calls("MaintenanceMessage", lambda: client.MaintenanceMessage(page, single["messages"][0]["_id"]), good)
    it.calls("MaintenanceStart", lambda: client.MaintenanceStart(page, work["result"], "It begins."), good)
    it.calls("MaintenanceUpdate", lambda: client.MaintenanceUpdate(page, work["result"], "Half is done."), good)
    it.calls("MaintenanceFinish", lambda: client.MaintenanceFinish(page, work["result"], "It is done."), good)
    it.calls("MaintenanceDelete", lambda: client.MaintenanceDelete(page, work["result"]), good)

    added = client.SubscriberAdd(page, "email", "kim@example.com")
    it.calls("SubscriberAdd", lambda: added, lambda got: good(got) and got["subscriber_id"])
    it.calls("SubscriberList", lambda: client.SubscriberList(page), lambda got: got["result"]["email"][0]["address"] == "kim@example.com")
    it.calls("SubscriberUpdate", lambda: client.SubscriberUpdate(page, added["subscriber_id"], "kim@example.org"), good)
    it.calls("SubscriberRemove", lambda: client.SubscriberRemove(page, added["subscriber_id"]), good)

    stranger = statusio.Api("nobody", "nothing", base_url=access["url"].removesuffix("/v2"))
    it.calls("ComponentList, wrong keys", lambda: stranger.ComponentList(page), bad)
    it.calls("MetricUpdate, which this world lacks", lambda: client.MetricUpdate(page, "m", *[0] * 12), bad)
