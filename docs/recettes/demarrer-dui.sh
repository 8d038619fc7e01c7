#!/bin/sh
# Démarre le DUI de test et attend qu'il réponde : demarrer-dui.sh services.json
# C'est ici le DUI témoin : mettez à la place votre logiciel, réglé d'après services.json.
set -eu
dui-conformance temoin --services "$1" --port 9000 --jeton jeton-de-test > dui.log 2>&1 &
echo $! > dui.pid
for essai in $(seq 60); do
    if grep -qs '"url"' dui.log; then
        exit 0
    fi
    sleep 1
done
echo "Le DUI de test ne répond pas." >&2
cat dui.log >&2
exit 1
