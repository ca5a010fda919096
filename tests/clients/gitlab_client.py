"""`python-gitlab`, list for list and write for write."""
import gitlab
from table import Table


def play(world, act):
    here, keys = world["gitlab"]["url"].removesuffix("/api/v4"), world["gitlab"]["tokens"]
    it = Table("python-gitlab", gitlab.__version__)
    client = gitlab.Gitlab(here, private_token=keys["api"])
    code = lambda number: lambda error: error.response_code == number

    it.calls("auth", lambda: (client.auth(), client.user.username)[1], lambda name: name == "elena")
    project = client.projects.get(world["gitlab"]["project_id"])
    it.calls("projects.get, by id", lambda: project.path_with_namespace, lambda path: path == world["gitlab"]["project"])
    it.calls("projects.get, by path", lambda: client.projects.get(world["gitlab"]["project"]), lambda one: one.id == project.id)

    made = [project.issues.create({"title": f"Issue {n}", "labels": ["practice"]}) for n in range(5)]
    issue = made[0]
    it.calls("issues.create", lambda: made, lambda all: all[0].state == "opened" and all[0].labels == ["practice"])
    listed = lambda: project.issues.list(labels=["practice"], state="opened", per_page=2, get_all=True)
    it.calls("issues.list, two a page", listed, lambda all: len({one.iid for one in all}) == 5)
    lazy = lambda: list(project.issues.list(labels=["practice"], per_page=2, iterator=True))
    it.calls("issues.list, as an iterator", lazy, lambda all: len(all) == 5)
    keyset = lambda: project.issues.list(labels=["practice"], pagination="keyset", order_by="created_at", per_page=2, get_all=True)
    it.calls("issues.list, by keyset", keyset, lambda all: len({one.iid for one in all}) == 5)
    it.calls("issues.get", lambda: project.issues.get(issue.iid), lambda one: one.title == "Issue 0")
    it.calls("gl.issues.list", lambda: client.issues.list(get_all=True), lambda all: len(all) == 5)

    def save(**fields):
        for name, value in fields.items():
            setattr(issue, name, value)
        issue.save()
        return project.issues.get(issue.iid)

    it.calls("save, a title", lambda: save(title="Checkout fails again"), lambda one: one.title == "Checkout fails again")
    it.calls("save, labels", lambda: save(labels=["practice", "severity::2"]), lambda one: "severity::2" in one.labels)
    it.calls("save, confidential", lambda: save(confidential=True), lambda one: one.confidential is True)
    it.calls("save, state_event close", lambda: save(state_event="close"), lambda one: one.state == "closed")
    it.calls("save, state_event reopen", lambda: save(state_event="reopen"), lambda one: one.state == "opened")
    it.calls("resourcestateevents.list", lambda: issue.resourcestateevents.list(get_all=True), lambda all: [one.state for one in all] == ["closed", "reopened"])
    it.calls("resourcelabelevents.list", lambda: issue.resourcelabelevents.list(get_all=True), lambda all: len(all) == 2)

    note = issue.notes.create({"body": "We look at it."})
    it.calls("notes.create", lambda: note, lambda one: one.body == "We look at it.")
    it.calls("notes.list", lambda: issue.notes.list(get_all=True, activity_filter="only_comments"), lambda all: len(all) == 1)
    it.calls("notes.get", lambda: issue.notes.get(note.id), lambda one: one.id == note.id)
    note.body = "We look at it still."
    it.calls("notes, save", lambda: (note.save(), issue.notes.get(note.id))[1], lambda one: one.body.endswith("still."))
    thread = issue.discussions.create({"body": "Whose is it?"})
    it.calls("discussions.create", lambda: thread, lambda one: one.attributes["individual_note"] is False)
    it.calls("discussions, notes.create", lambda: thread.notes.create({"body": "Ours."}), lambda one: one.body == "Ours.")
    it.calls("discussions.get", lambda: issue.discussions.get(thread.id), lambda one: len(one.attributes["notes"]) == 2)
    it.calls("discussions.list", lambda: issue.discussions.list(get_all=True), lambda all: any(one.id == thread.id for one in all))
    it.calls("notes, delete", lambda: note.delete(), lambda nothing: True)
    it.refuses("notes.get, deleted", lambda: issue.notes.get(note.id), gitlab.exceptions.GitlabGetError, code(404))

    link = {"target_project_id": project.id, "target_issue_iid": made[1].iid}
    it.calls("links.create", lambda: issue.links.create(link), lambda both: both[1].iid == made[1].iid)
    links = issue.links.list(get_all=True)
    it.calls("links.list", lambda: links, lambda all: [one.iid for one in all] == [made[1].iid])
    it.refuses("links.create, again", lambda: issue.links.create(link), gitlab.exceptions.GitlabCreateError, code(409))
    it.calls("links.delete", lambda: (issue.links.delete(links[0].issue_link_id), issue.links.list(get_all=True))[1], lambda all: all == [])

    label = project.labels.create({"name": "by-hand", "color": "#dc143c"})
    it.calls("labels.create", lambda: label, lambda one: one.color == "#dc143c")
    it.calls("labels.list", lambda: project.labels.list(get_all=True), lambda all: any(one.name == "by-hand" for one in all))
    it.calls("labels.get", lambda: project.labels.get("by-hand"), lambda one: one.name == "by-hand")
    it.calls("labels.update", lambda: project.labels.update("by-hand", {"new_name": "with-care"}), lambda one: one["name"] == "with-care")
    it.calls("labels.delete", lambda: project.labels.delete("with-care"), lambda nothing: True)
    it.refuses("labels.get, deleted", lambda: project.labels.get("with-care"), gitlab.exceptions.GitlabGetError, code(404))

    it.refuses("projects.get, not there", lambda: client.projects.get(1), gitlab.exceptions.GitlabGetError, code(404))
    it.refuses("issues.get, not there", lambda: project.issues.get(999_999), gitlab.exceptions.GitlabGetError, code(404))
    it.refuses("issues.create, no title", lambda: project.issues.create({"title": ""}), gitlab.exceptions.GitlabCreateError, code(400))
    reader = gitlab.Gitlab(here, private_token=keys["read_api"]).projects.get(project.id)
    it.refuses("issues.create, a key that reads", lambda: reader.issues.create({"title": "No"}), gitlab.exceptions.GitlabCreateError, code(403))
    expired = gitlab.Gitlab(here, private_token=keys["expired"])
    it.refuses("auth, an expired key", expired.auth, gitlab.exceptions.GitlabAuthenticationError, code(401))
    it.refuses("what this world lacks", lambda: project.milestones.list(get_all=True), gitlab.exceptions.GitlabListError, code(404))
