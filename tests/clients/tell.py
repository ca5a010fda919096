"""Tells what was played: `tell.py ROWS TABLE ENDED` prints a line for each call, writes the table, and counts."""
import json, sys
from collections import Counter


def main():
    rows_file, table_file, ended = sys.argv[1:]
    with open(rows_file) as file:
        rows = [json.loads(line) for line in file]
    for row in rows:
        print(f"{'ok  ' if row['ok'] else 'FAIL'} {row['client']:<22} {row['call']:<42} {row['got']}")
    passed, failed = Counter(), Counter()
    for row in rows:
        (passed if row["ok"] else failed)[row["client"]] += 1
    clients = list(dict.fromkeys(row["client"] for row in rows))
    with open(table_file, "w") as file:
        file.write("| Client | Calls that passed | that failed |\n|---|---|---|\n")
        for client in clients:
            file.write(f"| `{client}` | {passed[client]} | {failed[client]} |\n")
    # A client that ended early has not been played whole.
    wrong = sum(failed.values()) + (1 if ended != "0" or not rows else 0)
    print(f"\n{sum(passed.values())} passed, {wrong} failed")
    sys.exit(1 if wrong else 0)


main()
