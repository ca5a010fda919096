"""What each client called and got: kept as rows, told as lines of JSON."""
import json, sys


class Table:
    """The rows of one client."""

    def __init__(self, client, version):
        self.client, self.version = client, version

    def calls(self, call, act, holds):
        """Calls something, and says whether what came back is as it should be."""
        try:
            got = act()
            ok, got = bool(holds(got)), shown(got)
        except Exception as error:  # A client may raise anything: that is what is told.
            ok, got = False, f"{type(error).__name__}: {error}"
        self.row(call, got, ok)

    def refuses(self, call, act, kind, holds=lambda error: True):
        """Calls something that has to be refused in the client's own words."""
        try:
            got, ok = shown(act()), False
        except kind as error:
            got, ok = f"{type(error).__name__}: {error}", bool(holds(error))
        except Exception as error:
            got, ok = f"{type(error).__name__}: {error}", False
        self.row(call, got, ok)

    def row(self, call, got, ok):
        line = {"client": f"{self.client} {self.version}", "call": call, "got": " ".join(got.split())[:160], "ok": ok}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def shown(got):
    """Says in a few words what came back."""
    if got is None:
        return "nothing"
    if isinstance(got, (list, tuple)):
        return f"{len(got)} of them"
    if isinstance(got, dict):
        return ", ".join(list(got)[:6])
    return str(got)
