"""`zenpy`: whatever Herald or a script of a trainee would call."""
import os
from importlib.metadata import version

from table import Table


def play(world, act):
    access = world["zendesk"]
    # The client's own way to speak to another place than zendesk.com.
    os.environ["ZENPY_FORCE_SCHEME"], os.environ["ZENPY_FORCE_NETLOC"] = access["url"].split("://")
    from zenpy import Zenpy
    from zenpy.lib.api_objects import Comment, Ticket
    from zenpy.lib.exception import APIException, RecordNotFoundException

    it = Table("zenpy", version("zenpy"))
    client = Zenpy(subdomain="practice", email=access["email"], token=access["token"], disable_cache=True)
    issue = act({"do": "tickets", "incident": "checkout", "count": 250})["incidents"][0]
    tag = f"com_incident_{issue}"

    it.calls("users.me", lambda: client.users.me().email, lambda email: email == access["email"])
    it.calls("users, by id", lambda: client.users(id=client.users.me().id), lambda one: one.role == "agent")
    found = lambda: list(client.search(f"-tags:{tag}", type="ticket"))
    it.calls("search, page by page", found, lambda all: len(all) == 250 and all[0].status == "new")
    it.calls("search.count", lambda: client.search.count(f"-tags:{tag}", type="ticket"), lambda count: count == 250)
    export = lambda: list(client.search_export(f"-tags:{tag}", type="ticket", cursor_pagination=100))
    it.calls("search_export, by cursor", export, lambda all: len(all) == 250)
    it.calls("tickets, by cursor", lambda: list(client.tickets()), lambda all: len(all) == 250)
    one = next(iter(client.tickets()))
    it.calls("tickets, by id", lambda: client.tickets(id=one.id), lambda got: got.subject == one.subject)
    it.calls("tickets, some ids", lambda: list(client.tickets(ids=[one.id, one.id + 1])), lambda all: len(all) == 2)
    it.calls("tickets.comments", lambda: list(client.tickets.comments(one.id)), lambda all: len(all) == 1)

    made = client.tickets.create(Ticket(subject="A question", description="Does it work?", tags=["practice"]))
    it.calls("tickets.create", lambda: made.ticket, lambda got: got.tags == ["practice"])
    ticket = client.tickets(id=made.ticket.id)
    ticket.status, ticket.comment = "open", Comment(body="We look at it.", public=False)
    it.calls("tickets.update", lambda: client.tickets.update(ticket), lambda got: got.ticket.status == "open")
    it.calls("tickets.comments, after it", lambda: list(client.tickets.comments(ticket.id)), lambda all: len(all) == 2)
    tags = lambda: client.tickets(id=ticket.id).tags
    it.calls("tickets.add_tags", lambda: (client.tickets.add_tags(ticket.id, [tag]), tags())[1], lambda all: all == [tag, "practice"])
    it.calls("tickets.set_tags", lambda: (client.tickets.set_tags(ticket.id, ["a", "b"]), tags())[1], lambda all: all == ["a", "b"])
    it.calls("tickets.delete_tags", lambda: (client.tickets.delete_tags(ticket.id, ["a"]), tags())[1], lambda all: all == ["b"])
    some = list(client.tickets(ids=[one.id, one.id + 1]))
    for got in some:
        got.tags = [tag]
    it.calls("tickets.update, many at once", lambda: client.tickets.update(some).status, lambda status: status == "completed")
    it.calls("search.count, after it", lambda: client.search.count(f"-tags:{tag}", type="ticket"), lambda count: count == 248)
    it.calls("tickets.delete", lambda: client.tickets.delete(ticket), lambda gone: gone.status_code == 204)

    it.refuses("tickets, deleted", lambda: client.tickets(id=ticket.id), RecordNotFoundException)
    it.refuses("tickets.create, blank", lambda: client.tickets.create(Ticket(subject="No text")), APIException, lambda error: error.response.status_code == 422)
    stranger = Zenpy(subdomain="practice", email=access["email"], token="wrong", disable_cache=True)
    it.refuses("users.me, a wrong key", stranger.users.me, APIException, lambda error: error.response.status_code == 401)
    it.refuses("what this world lacks", lambda: list(client.organizations()), RecordNotFoundException)
