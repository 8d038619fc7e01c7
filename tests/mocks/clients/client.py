"""One GET for each line read, on one ``requests`` session; says the status or the name of the exception."""

import sys

import requests

address, authority = sys.argv[1:]
session = requests.Session()
session.trust_env = False
session.verify = authority
for _ in sys.stdin:
    try:
        print(session.get(address, timeout=10).status_code, flush=True)
    except requests.RequestException as refused:
        print(type(refused).__name__, flush=True)
