"""Plays the clients from PyPI against a practice world: `play.py WORLD.json`, one line of JSON for each call."""
import json, sys, urllib.request

import gitlab_client, pagerduty_client, statusio_client, zenpy_client


def main():
    with open(sys.argv[1]) as file:
        world = json.load(file)

    def act(what):
        data, kind = json.dumps(what).encode(), {"content-type": "application/json"}
        request = urllib.request.Request(world["control"]["url"] + "/act", data=data, headers=kind)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    for client in (pagerduty_client, gitlab_client, statusio_client, zenpy_client):
        client.play(world, act)


main()
